using System.Runtime.InteropServices;
using Bddf;
using DSweeper.Core;
using DSweeper.Terminal;
using RootTask;

namespace DSweeper;

/// <summary><c>--start</c>: a run without the window.</summary>
internal sealed class SweepCommand(SweeperConsole console, SystemStarter starter)
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _lineEvery = TimeSpan.FromSeconds(10);

    internal ExitCode Run(SweeperOptions options)
    {
        var system = console.Start(starter, writable: false);
        try
        {
            var devices = system.ListDisks();
            ReportProblems(devices);
            var plan = SweepPlan.Create(devices, options.Select, SweepMode.ReadOnly, options.Method, options.Verify);
            if (options.Write)
            {
                Confirm(plan, options.Confirm);
                // Only now is anything opened for writing; what was confirmed must still be what is there.
                system.Dispose();
                system = console.Start(starter, writable: true);
                plan = plan.ForWriting(system.ListDisks());
            }
            return Sweep(system, plan, options.Json);
        }
        finally
        {
            system.Dispose();
        }
    }

    /// <summary>Checks the serial numbers given against the disks of a plan.</summary>
    /// <exception cref="SweeperException">One is missing, wrong, or belongs to no disk of the plan.</exception>
    internal static void CheckSerials(SweepPlan plan, IReadOnlyList<string> serials)
    {
        foreach (var (disk, model, serial) in plan.Disks)
        {
            if (serial.Length == 0)
                throw new SweeperException(ExitCode.Refused, $"{disk} ({model}) has no serial number to confirm; nothing was written");
            if (!serials.Contains(serial, StringComparer.Ordinal))
            {
                throw new SweeperException(ExitCode.Refused, serials.Count == 0
                    ? $"{disk} ({model}) is written only with its serial number: add --confirm SERIAL; nothing was written"
                    : $"{disk} ({model}) has serial number '{serial}', not '{string.Join("' or '", serials)}'; nothing was written");
            }
        }
        foreach (string serial in serials)
        {
            if (!plan.Disks.Any(disk => disk.Serial == serial))
                throw new SweeperException(ExitCode.Refused, $"no selected disk has the serial number '{serial}'; nothing was written");
        }
    }

    private void Confirm(SweepPlan plan, IReadOnlyList<string> serials)
    {
        if (serials.Count == 0 && console.CanAsk)
            serials = [.. plan.Disks.Select(disk => Ask(plan, disk.Disk, disk.Model))];
        CheckSerials(plan, serials);
    }

    private string Ask(SweepPlan plan, string disk, string model)
    {
        var targets = plan.Targets.Where(target => target.Disk == disk);
        string names = string.Join(", ", targets.Select(target => $"{target.Name} ({Human.Size(target.Bytes)})"));
        console.Error.WriteLine(Printable.Of($"ALL DATA on {names} of {disk} ({model}) will be destroyed."));
        console.Error.Write($"Type the serial number of {disk} to go on: ");
        return console.Input.ReadLine()?.Trim() ?? "";
    }

    private ExitCode Sweep(ISweeperSystem system, SweepPlan plan, bool json)
    {
        var sweep = new BackgroundSweep(system, plan);
        SweepReport report;
        using (new InterruptHandler(sweep.Run, console.Error))
        {
            var nextLine = _lineEvery;
            while (!sweep.WaitForEnd(_lookEvery))
            {
                var progress = sweep.Run.Progress;
                console.ShowForNow(ProgressLine(plan, progress));
                if (!console.ShowsProgress && progress.Elapsed >= nextLine)
                {
                    console.Error.WriteLine(ProgressLine(plan, progress));
                    nextLine = progress.Elapsed + _lineEvery;
                }
            }
            console.ShowForNow("");
            report = sweep.Report;
        }
        Print(report, json);
        return SweeperApplication.CodeOf(report.Outcome);
    }

    private void Print(SweepReport report, bool json)
    {
        if (json)
        {
            console.Output.WriteLine(SweepJson.Of(report));
        }
        else
        {
            foreach (string line in TextReports.Report(report))
                console.Output.WriteLine(line);
        }
        foreach (var target in report.Targets.Where(target => target.Message is not null))
            console.Error.WriteLine($"dsweeper: {Printable.Of(target.Message!)}");
    }

    private void ReportProblems(IReadOnlyList<BlockDeviceInfo> devices)
    {
        foreach (var (_, line) in TextReports.Problems(devices))
            console.Error.WriteLine($"dsweeper: {line}");
    }

    internal static string ProgressLine(SweepPlan plan, SweepProgress progress)
    {
        string left = progress.Remaining is { } time ? $"{Human.TimeLeft(time)} left" : "";
        string faults = progress.FaultySectors == 0 ? "" : $"  {Human.Count(progress.FaultySectors, "sector")} FAILED";
        return $"{plan.Targets[progress.Target].Name}: {Human.Phase(plan, progress.Phase)}  {(int)(progress.Fraction * 100),3} %"
            + $"  {Human.Rate(progress.BytesPerSecond)}  {left}{faults}";
    }
}

/// <summary>The first signal to end asks the run to stop, so that it can report what is done; the second ends the program.</summary>
internal sealed class InterruptHandler : IDisposable
{
    private readonly SweepRun _run;
    private readonly TextWriter _error;
    private readonly PosixSignalRegistration[] _signals;
    private bool _asked;

    internal InterruptHandler(SweepRun run, TextWriter error)
    {
        _run = run;
        _error = error;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Interrupted))];
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private void Interrupted(PosixSignalContext context)
    {
        if (Interlocked.Exchange(ref _asked, true))
            return;
        context.Cancel = true;
        _run.Cancel();
        _error.WriteLine($"\ndsweeper: {context.Signal}: stopping when the disk has answered; once more ends the program at once");
    }
}
