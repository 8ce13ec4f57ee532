using System.CommandLine;
using DSweeper.Core;
using L4;
using RootTask;

namespace DSweeper;

/// <summary>A trace of the driver's register accesses.</summary>
/// <param name="File">A new file; null for standard error.</param>
internal sealed record TraceRequest(string? File);

/// <summary>What the command line asks for.</summary>
internal sealed record SweeperOptions(
    IReadOnlyList<string> Disks, bool List, bool Json, IReadOnlyList<string> Select, EraseMethod Method, bool Verify, bool Start, bool Write,
    IReadOnlyList<string> Confirm, TraceRequest? Trace = null, Isolation Isolation = Isolation.None, string Port = SystemOptions.DefaultPort);

/// <summary>The command line: options, help, and which of them go together.</summary>
internal sealed class SweeperCommandLine
{
    private const string Description = """
        DSweeper erases partitions and whole disks, through the disk's own driver running as an ordinary process.

        Without --write it is read-only: it holds no right to write, images are opened read-only, and --start reads
        everything that it would have erased and says how long that took.

        On a terminal, without --list or --start, it opens a full-screen window.

        Examples:
          dsweeper --disk disk.img                            look around in the window
          dsweeper --disk disk.img --list                     show disks and partitions
          dsweeper --disk disk.img --list --json              the same for programs
          dsweeper --disk disk.img --select disk0p1 --start   try it: reads, writes nothing
          dsweeper --disk disk.img --select disk0p1,disk0p5 --method random --verify --start --write --confirm SERIAL
                                                              erase two partitions with random data and check it

        Exit codes: 0 done, 2 command line, 3 something to install is missing, 4 disk or image, 5 partition table,
        6 kernel module, 7 the disk went away, 8 refused, 9 verification failed, 10 output cannot be
        written, 130 stopped.
        """;

    private readonly Option<string[]> _disk = new("--disk")
    {
        Description = "Raw image of a disk; may be given several times. The first becomes disk0.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _list = new("--list") { Description = "Print disks and partitions." };

    private readonly Option<string[]> _select = new("--select")
    {
        Description = "Partitions (disk0p1) or whole disks (disk0) to erase, separated by commas.",
        HelpName = "NAME[,NAME]",
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = "What to overwrite with: zero or random.",
        HelpName = "zero|random",
        DefaultValueFactory = _ => "zero",
    };

    private readonly Option<bool> _verify = new("--verify") { Description = "Read everything back and compare." };

    private readonly Option<bool> _start = new("--start") { Description = "Begin at once, without the window." };

    private readonly Option<bool> _write = new("--write") { Description = "Really write. Asks for the serial number of each disk." };

    private readonly Option<string[]> _confirm = new("--confirm")
    {
        Description = "Serial number of the disk, in the place of typing it; several are separated by commas.",
        HelpName = "SERIAL",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object; goes with --list or --start." };

    private readonly Option<string> _port = new("--port")
    {
        Description = "The driver: a port for disks, as `dde port list` names it.",
        HelpName = "NAME",
        DefaultValueFactory = _ => SystemOptions.DefaultPort,
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "Tell each register access of the disk's driver: to a new file, or to standard error where there is no window.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<Isolation> _isolation = new("--isolation")
    {
        Description = "Where the I/O server and the disk's driver live: in this process (none) or each in one of its own (process).",
        HelpName = "none|process",
    };

    internal SweeperCommandLine()
    {
        _method.AcceptOnlyFromAmong("zero", "random");
        Root = new RootCommand(Description) { _disk, _list, _select, _method, _verify, _start, _write, _confirm, _json, _port, _trace, _isolation };
    }

    internal RootCommand Root { get; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="SweeperException">They do not go together.</exception>
    internal SweeperOptions Read(ParseResult parsed)
    {
        if (parsed.Errors.Count > 0)
            throw Usage(string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.'));
        var options = new SweeperOptions(
            parsed.GetValue(_disk) ?? [], parsed.GetValue(_list), parsed.GetValue(_json), Split(parsed.GetValue(_select)),
            parsed.GetValue(_method) == "random" ? EraseMethod.Random : EraseMethod.Zero, parsed.GetValue(_verify), parsed.GetValue(_start),
            parsed.GetValue(_write), Split(parsed.GetValue(_confirm)), parsed.GetResult(_trace) is null ? null : new TraceRequest(parsed.GetValue(_trace)),
            parsed.GetValue(_isolation), parsed.GetRequiredValue(_port));
        if (options.Disks.Count == 0)
            throw Usage("no disk is given; add --disk FILE");
        if (options.Disks.Contains(""))
            throw Usage("--disk needs the name of a file");
        // Two disks over one image would be erased by one confirmation, and each would find the other's changes under its feet.
        if (options.Disks.GroupBy(Path.GetFullPath).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Usage($"{twice.First()} is given {twice.Count()} times");
        if (options.List && (options.Start || options.Write || options.Select.Count > 0))
            throw Usage("--list only lists; it goes with --disk and --json alone");
        if (options.Json && !options.List && !options.Start)
            throw Usage("--json goes with --list or --start");
        if (options.Start && options.Select.Count == 0)
            throw Usage("--start needs --select NAME[,NAME]; --list shows the names");
        if (options.Trace is { File: null } && !options.List && !options.Start)
            throw Usage("--trace without a file goes with --list or --start: the window has the screen");
        if (options.Trace is { File: "" })
            throw Usage("--trace needs the name of a new file, or none");
        if (options.Confirm.Count > 0 && !(options.Write && options.Start))
            throw Usage("--confirm goes with --write and --start");
        return options;
    }

    private static SweeperException Usage(string text) => new(ExitCode.Usage, $"{text}. See dsweeper --help");

    private static string[] Split(string[]? values) =>
        [.. (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
