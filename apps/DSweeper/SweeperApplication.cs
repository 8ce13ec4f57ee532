using System.CommandLine;
using Bddf;
using DSweeper.Core;
using DSweeper.Terminal;
using L4;
using RootTask;
using Tracing;

namespace DSweeper;

/// <summary>The program behind its command line.</summary>
/// <param name="console">Where it speaks.</param>
/// <param name="start">Starts a system over the disks of the options.</param>
internal sealed class SweeperApplication(SweeperConsole console, Func<SweeperOptions, ITraceSink?, SystemStarter> start)
{
    /// <summary>Runs a command line. Every failure is one line on standard error.</summary>
    internal ExitCode Run(string[] arguments)
    {
        try
        {
            var commandLine = new SweeperCommandLine();
            var parsed = commandLine.Root.Parse(arguments);
            // Help and version are actions of the parser; everything else is ours.
            if (parsed.Action is not null && parsed.Errors.Count == 0)
                return (ExitCode)parsed.Invoke(new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false });
            var options = commandLine.Read(parsed);
            using var trace = options.Trace is { } asked ? TraceFile.Open(asked.File, console.Error, json: false) : null;
            var code = Run(options, start(options, trace?.Output));
            trace?.Output.ThrowIfFailed();
            return code;
        }
        catch (Exception exception) when (CodeOf(exception) is { } code)
        {
            return Fail(code, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What can go wrong with an image has been told apart by now.
            return Fail(ExitCode.InputOutput, $"output cannot be written: {(exception.InnerException ?? exception).Message}");
        }
#pragma warning disable CA1031 // The last resort: a line and a code like any other failure, then what whoever mends it needs.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(ExitCode.Internal, $"a mistake in the program: {exception.Message}");
            console.Error.WriteLine(exception);
            return ExitCode.Internal;
        }
    }

    /// <summary>How the shell hears of a failure that is no mistake of the program; null for one that is.</summary>
    internal static ExitCode? CodeOf(Exception exception) => exception switch
    {
        SweeperException { Code: var code } => code,
        SweepPlanException { Problem: SweepPlanProblem.PartitionTable } => ExitCode.PartitionTable,
        SweepPlanException { Problem: SweepPlanProblem.Gone } => ExitCode.DriverGone,
        SweepPlanException { Problem: SweepPlanProblem.Changed } => ExitCode.Refused,
        SweepPlanException => ExitCode.Usage,
        ServiceException { Error: ServiceError.ServerGone or ServiceError.DeviceError } => ExitCode.DriverGone,
        ServiceException { Error: ServiceError.AccessDenied } => ExitCode.Refused,
        _ => null,
    };

    /// <summary>How the shell hears of an outcome.</summary>
    internal static ExitCode CodeOf(SweepOutcome outcome) => outcome switch
    {
        SweepOutcome.Rehearsed or SweepOutcome.Erased or SweepOutcome.Verified => ExitCode.Ok,
        SweepOutcome.Canceled => ExitCode.Canceled,
        SweepOutcome.MediumErrors => ExitCode.Disk,
        SweepOutcome.VerificationFailed => ExitCode.VerificationFailed,
        SweepOutcome.Refused => ExitCode.Refused,
        _ => ExitCode.DriverGone,
    };

    private ExitCode Run(SweeperOptions options, SystemStarter starter)
    {
        if (options.Start)
            return new SweepCommand(console, starter).Run(options);
        if (!options.List && console.OpenTerminal is { } openTerminal)
        {
            using var window = new SweeperWindow(starter, options);
            return window.Run(console, openTerminal);
        }
        using var system = console.Start(starter, writable: false);
        return List(options, system.ListDisks());
    }

    private ExitCode List(SweeperOptions options, IReadOnlyList<BlockDeviceInfo> devices)
    {
        if (options.Json)
        {
            console.Output.WriteLine(ListJson.Of(devices));
        }
        else
        {
            foreach (string line in TextReports.List(devices))
                console.Output.WriteLine(line);
        }
        if (!options.List)
            console.Output.WriteLine("This is no terminal, so there is no window. Go on with --select NAME --start, or see dsweeper --help.");
        var worst = ExitCode.Ok;
        foreach (var (code, line) in TextReports.Problems(devices))
        {
            Fail(code, line);
            worst = code == ExitCode.Ok ? worst : code;
        }
        return worst;
    }

    private ExitCode Fail(ExitCode code, string line)
    {
        console.Error.WriteLine($"dsweeper: {Printable.Of(line)}");
        return code;
    }
}
