using Bddf;
using Bddf.Testing;
using DSweeper.Terminal;
using L4;
using RootTask;

namespace DSweeper.Tests;

/// <summary>The whole program over RAM disks: every start makes a new system, as it does over images.</summary>
internal sealed class Sandbox
{
    private readonly RamDisk[] _disks;

    internal Sandbox(params RamDisk[] disks) => _disks = disks;

    /// <summary>What was started: whether for writing.</summary>
    internal List<bool> Starts { get; } = [];

    /// <summary>Systems that are running now.</summary>
    internal int Running { get; private set; }

    /// <summary>What the person types on an ordinary terminal; null: there is no terminal.</summary>
    internal string? Typed { get; init; }

    /// <summary>What the person does in the window; null: there is no window.</summary>
    internal ScriptedTerminal? Terminal { get; init; }

    /// <summary>Why nothing can be started for writing; null when it can.</summary>
    internal string? WriteFailure { get; init; }

    internal StringWriter Output { get; init; } = new();

    internal StringWriter Error { get; } = new();

    internal string[] ErrorLines => Error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static RamDisk Disk(string serial = "RAM0001")
    {
        byte[] content = new byte[4096 * 512];
        Array.Fill(content, (byte)0x5A);
        PartitionTable.Write(content, (0x83, 64, 1024), (0x0c, 2048, 512));
        return new RamDisk(content) { Serial = serial };
    }

    internal ExitCode Run(params string[] arguments)
    {
        var console = new SweeperConsole(Output, Error, new StringReader(Typed ?? ""), Terminal is null ? null : () => Terminal, Typed is not null, false);
        return new SweeperApplication(console, (_, _) => Start).Run(arguments);
    }

    private RamSystem Start(bool writable, Action<string> progress)
    {
        Running.ShouldBe(0, "two systems over one image");
        if (writable && WriteFailure is not null)
            throw new SweeperException(ExitCode.Disk, WriteFailure);
        Starts.Add(writable);
        Running++;
        progress("starting");
        return new RamSystem(_disks, writable, () => Running--);
    }

    private sealed class RamSystem : ISweeperSystem
    {
        private readonly BlockTestSystem _system;
        private readonly Action _ended;

        internal RamSystem(RamDisk[] disks, bool writable, Action ended)
        {
            _system = new BlockTestSystem(disks);
            _ended = ended;
            (Task, BlockServer) = _system.CreateClient("dsweeper", writable ? BlockRights.All : BlockRights.Read);
        }

        public L4Task Task { get; }

        public Capability BlockServer { get; }

        public void Dispose()
        {
            _system.Dispose();
            _ended();
        }
    }
}

/// <summary>A window with nobody in front of it: keys come from a list, each when the screen shows what it waits for.</summary>
internal sealed class ScriptedTerminal : ITerminal
{
    private readonly Queue<(string Expected, ConsoleKeyInfo Key)> _script = new();
    private string _shown = "";
    private int _idle;

    public (int Width, int Height) Size { get; init; } = (80, 24);

    /// <summary>Every screen that differed from the one before.</summary>
    internal List<string> Screens { get; } = [];

    /// <summary>Told of every screen.</summary>
    internal Action<string>? Shown { get; init; }

    /// <summary>The program is asked to end, as by SIGTERM, once the screen contains this.</summary>
    internal string? EndsAt { get; init; }

    /// <summary>Whether the program was asked to end.</summary>
    internal bool WasEnded { get; private set; }

    internal bool IsClosed { get; private set; }

    /// <summary>Presses keys as soon as the screen contains <paramref name="expected"/>.</summary>
    internal ScriptedTerminal When(string expected, params ConsoleKey[] keys)
    {
        foreach (var key in keys)
            _script.Enqueue((expected, Keys.Of(key)));
        return this;
    }

    /// <summary>Types text and Enter as soon as the screen contains <paramref name="expected"/>.</summary>
    internal ScriptedTerminal WhenType(string expected, string text)
    {
        foreach (char character in text)
            _script.Enqueue((expected, Keys.Of(ConsoleKey.NoName, character)));
        return When(expected, ConsoleKey.Enter);
    }

    public void Present(Canvas canvas)
    {
        string text = canvas.ToText();
        if (text != _shown)
            Screens.Add(text);
        _shown = text;
        Shown?.Invoke(text);
    }

    public TerminalEvent Next(TimeSpan timeout)
    {
        if (_script.TryPeek(out var next) && _shown.Contains(next.Expected, StringComparison.Ordinal))
        {
            _idle = 0;
            return new TerminalEvent(TerminalEventKind.Key, _script.Dequeue().Key);
        }
        if (!WasEnded && EndsAt is not null && _shown.Contains(EndsAt, StringComparison.Ordinal))
        {
            WasEnded = true;
            return new TerminalEvent(TerminalEventKind.Terminate);
        }
        // The run goes on in another thread: let it, but not for ever.
        Thread.Yield();
        (_idle++).ShouldBeLessThan(200_000, $"waiting for '{(_script.Count > 0 ? _script.Peek().Expected : "the end")}' on\n{_shown}");
        return new TerminalEvent(TerminalEventKind.Tick);
    }

    public void Dispose() => IsClosed = true;
}
