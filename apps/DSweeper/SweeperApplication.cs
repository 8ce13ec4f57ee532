using System.CommandLine;
using Bddf;
using DSweeper.Core;
using DSweeper.Terminal;
using L4;
using RootTask;

namespace DSweeper;

/// <summary>The streams and the terminal that the program has.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Input">Standard input.</param>
/// <param name="OpenTerminal">Opens the window; null when input and output are no terminal.</param>
/// <param name="CanAsk">Whether a person can be asked: input and errors are a terminal.</param>
/// <param name="ShowsProgress">Whether errors are a terminal, so that a line can be written over.</param>
internal sealed record SweeperConsole(TextWriter Output, TextWriter Error, TextReader Input, Func<ITerminal>? OpenTerminal, bool CanAsk, bool ShowsProgress);

/// <summary>The program behind its command line.</summary>
/// <param name="console">Where it speaks.</param>
/// <param name="start">Starts a system over the disks of the options.</param>
internal sealed class SweeperApplication(SweeperConsole console, Func<SweeperOptions, SystemStarter> start)
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
                return (ExitCode)parsed.Invoke(new InvocationConfiguration { Output = console.Output, Error = console.Error });
            var options = commandLine.Read(parsed);
            return Run(options, start(options));
        }
        catch (SweeperException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (SweepPlanException exception)
        {
            return Fail(CodeOf(exception), exception.Message);
        }
        catch (ServiceException exception)
        {
            return Fail(exception.Error is ServiceError.ServerGone or ServiceError.DeviceError ? ExitCode.DriverGone : ExitCode.Internal, exception.Message);
        }
    }

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

    private static ExitCode CodeOf(SweepPlanException exception) => exception.Problem switch
    {
        SweepPlanProblem.Gone => ExitCode.DriverGone,
        SweepPlanProblem.PartitionTable => ExitCode.PartitionTable,
        SweepPlanProblem.Changed => ExitCode.Refused,
        _ => ExitCode.Usage,
    };

    private ExitCode Run(SweeperOptions options, SystemStarter starter)
    {
        if (options.Start)
            return new SweepCommand(console, starter).Run(options);
        if (!options.List && console.OpenTerminal is { } openTerminal)
        {
            using var window = new SweeperWindow(starter, options);
            return window.Run(Announce, openTerminal) is { } outcome ? CodeOf(outcome) : ExitCode.Ok;
        }
        using var system = starter(writable: false, Announce);
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

    private void Announce(string text)
    {
        if (console.ShowsProgress)
            console.Error.WriteLine(text);
    }

    private ExitCode Fail(ExitCode code, string line)
    {
        console.Error.WriteLine($"dsweeper: {Printable.Of(line)}");
        return code;
    }
}
