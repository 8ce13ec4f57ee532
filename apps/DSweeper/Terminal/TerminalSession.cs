using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace DSweeper.Terminal;

/// <summary>What came from outside the program.</summary>
internal enum TerminalEventKind
{
    /// <summary>Nothing within the time asked for.</summary>
    Tick,

    /// <summary>A key.</summary>
    Key,

    /// <summary>The window has another size.</summary>
    Resize,

    /// <summary>The process is to end.</summary>
    Terminate,
}

/// <summary>An event; <paramref name="Key"/> means something for a key only.</summary>
internal readonly record struct TerminalEvent(TerminalEventKind Kind, ConsoleKeyInfo Key = default);

/// <summary>A terminal in full-screen use.</summary>
internal interface ITerminal : IDisposable
{
    /// <summary>Columns and rows.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>Shows a canvas.</summary>
    void Present(Canvas canvas);

    /// <summary>The next event, or a tick when none comes in time.</summary>
    TerminalEvent Next(TimeSpan timeout);
}

/// <summary>
/// The terminal in full-screen use: alternate screen, no cursor, keys one by one, Ctrl-C a key like the others. Whatever way the program
/// leaves, <see cref="Dispose"/> gives the terminal back as it was.
/// </summary>
internal sealed class TerminalSession : ITerminal
{
    private readonly BlockingCollection<TerminalEvent> _events = [];
    private readonly AnsiPresenter _presenter = new(SpeaksUnicode());
    private readonly TextWriter _output;
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _closed;

    internal TerminalSession()
    {
        _output = new StreamWriter(Console.OpenStandardOutput(), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        Console.TreatControlCAsInput = true;
        // Alternate screen with the cursor saved, cursor hidden.
        _output.Write("\e[?1049h\e[?25l");
#pragma warning disable CA1416 // Dde runs on Linux only.
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _events.Add(new TerminalEvent(TerminalEventKind.Resize))));
#pragma warning restore CA1416
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT, PosixSignal.SIGINT])
            _signals.Add(PosixSignalRegistration.Create(signal, Terminate));
        new Thread(ReadKeys) { IsBackground = true, Name = "keyboard" }.Start();
    }

    /// <inheritdoc />
    public (int Width, int Height) Size
    {
        get
        {
            int width = Console.WindowWidth;
            int height = Console.WindowHeight;
            return width > 0 && height > 0 ? (width, height) : (80, 24);
        }
    }

    /// <inheritdoc />
    public void Present(Canvas canvas) => _output.Write(_presenter.Present(canvas));

    /// <inheritdoc />
    public TerminalEvent Next(TimeSpan timeout)
    {
        if (!_events.TryTake(out var next, timeout))
            return new TerminalEvent(TerminalEventKind.Tick);
        if (next.Kind == TerminalEventKind.Resize)
            _presenter.Invalidate();
        return next;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        foreach (var signal in _signals)
            signal.Dispose();
        _output.Write("\e[0m\e[?25h\e[?1049l");
        _output.Dispose();
        Console.TreatControlCAsInput = false;
    }

    private static bool SpeaksUnicode()
    {
        // The order in which POSIX looks the locale up.
        foreach (string name in (ReadOnlySpan<string>)["LC_ALL", "LC_CTYPE", "LANG"])
        {
            string? value = Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value))
                return value.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || value.Contains("utf8", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    private void Terminate(PosixSignalContext context)
    {
        context.Cancel = true;
        _events.Add(new TerminalEvent(TerminalEventKind.Terminate));
    }

    private void ReadKeys()
    {
        try
        {
            while (true)
                _events.Add(new TerminalEvent(TerminalEventKind.Key, Console.ReadKey(intercept: true)));
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // The terminal went away.
            _events.Add(new TerminalEvent(TerminalEventKind.Terminate));
        }
    }
}
