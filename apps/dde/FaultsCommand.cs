using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FaultCampaign;
using L4;
using Ports;
using RootTask;

namespace Dde;

/// <summary><c>dde faults</c>: shows that a driver that goes wrong harms nobody else.</summary>
internal static class FaultsCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    internal static Command Create()
    {
        var port = new Option<string>("--port") { Description = "The port whose driver and device go wrong.", HelpName = "PORT", DefaultValueFactory = _ => SystemOptions.DefaultPort };
        var count = new Option<int>("--count") { Description = "How many faults.", HelpName = "N", DefaultValueFactory = _ => 100 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--count is at least 1");
        });
        var seed = new Option<int>("--seed") { Description = "Chooses places and moments; the same number, the same ones.", HelpName = "S", DefaultValueFactory = _ => 1 };
        var only = new Option<int?>("--case") { Description = "Only the case of this number, as the list of cases that miss names it.", HelpName = "N" };
        var kinds = new Option<string[]>("--kind")
        {
            Description = $"What goes wrong, else everything: {string.Join(", ", FaultKinds.ByName.Keys)}.",
            HelpName = "KIND,...",
        };
        var isolation = new Option<Isolation>("--isolation")
        {
            Description = "Where the I/O server and the driver live: each in a process of its own (process), or in this one (none).",
            HelpName = "none|process",
            DefaultValueFactory = _ => Isolation.Process,
        };
        var kernel = new Option<string?>("--kernel") { Description = "The kernel pack, as `dde kernel list` names it; else the newest.", HelpName = "RELEASE" };
        var verbose = new Option<bool>("--verbose") { Description = "Tell of each case." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command(
            "faults",
            "Has a driver and its device go wrong, again and again, under a client whose work is checked. Exit code 0 when no acknowledged write was lost, nothing was "
            + $"corrupted, no other task ended and the work went on after every fault; {(int)ExitCode.VerificationFailed} otherwise. Example: dde faults --count 50 --kind kill,code-bit")
        { port, count, seed, only, kinds, isolation, kernel, verbose, json };
        command.SetAction(parsed =>
        {
            var options = new CampaignOptions
            {
                Port = PortCatalog.Default.Open(parsed.GetRequiredValue(port)),
                Count = parsed.GetValue(count),
                Seed = parsed.GetValue(seed),
                Only = parsed.GetValue(only),
                KernelRelease = parsed.GetValue(kernel),
                Isolation = parsed.GetValue(isolation),
                Kinds = ReadKinds(parsed.GetValue(kinds) ?? [], parsed.GetValue(isolation)),
            };
            return Run(options, parsed.GetValue(verbose), parsed.GetValue(json));
        });
        return command;
    }

    private static FaultKind[] ReadKinds(string[] names, Isolation isolation)
    {
        string[] words = [.. names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        if (Array.Find(words, word => !FaultKinds.ByName.ContainsKey(word)) is { } unknown)
            throw new SystemStartException(ExitCode.Usage, $"'{unknown}' is no kind of fault; there are: {string.Join(", ", FaultKinds.ByName.Keys)}");
        FaultKind[] kinds = words.Length == 0
            ? [.. FaultKinds.ByName.Values.Where(kind => isolation == Isolation.Process || !FaultKinds.NeedsProcess(kind))]
            : [.. words.Select(word => FaultKinds.ByName[word])];
        return isolation == Isolation.None && Array.Find(kinds, FaultKinds.NeedsProcess) is var kind && FaultKinds.NeedsProcess(kind)
            ? throw new SystemStartException(ExitCode.Usage, $"{FaultKinds.NameOf(kind)} needs a driver with a process of its own: --isolation process")
            : kinds;
    }

    private static int Run(CampaignOptions options, bool isVerbose, bool asJson)
    {
        var sinceBegin = Stopwatch.StartNew();
        var sinceTold = Stopwatch.StartNew();
        int done = 0;
        var results = Campaign.Run(options, result =>
        {
            done++;
            if (isVerbose || !result.Recovered)
                Console.Error.WriteLine(Describe(result));
            if (sinceTold.Elapsed < s_patience)
                return;
            sinceTold.Restart();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {(options.Only is null ? options.Count : 1)} faults, {sinceBegin.Elapsed.TotalSeconds:0} s"));
        });
        var report = CampaignReport.Of(results);
        if (asJson)
            Console.WriteLine(JsonSerializer.Serialize(report, DdeJson.Default.CampaignReport));
        else
            Print(report, options, results);
        return (int)(report.IsClean() ? ExitCode.Ok : ExitCode.VerificationFailed);
    }

    private static void Print(CampaignReport report, CampaignOptions options, IReadOnlyList<CaseResult> results)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Port.Name}, seed {options.Seed}, isolation {options.Isolation.ToString().ToLowerInvariant()}"));
        Console.WriteLine("fault                 injected activated detected recovered  writes lost  bytes corrupt  others ended  recovery p50 / p99 / max ms");
        foreach (var row in report.Kinds)
            PrintRow(row);
        PrintRow(new FaultRow("all", report.Injected, report.Activated, report.Detected, report.Recovered, report.AcknowledgedWritesLost, report.SilentCorruptions, report.OutsideCrashes, report.RecoveryMs));
        foreach (var result in results.Where(result => !result.Recovered))
            Console.WriteLine($"--seed {options.Seed} --case {Describe(result)}");
        Console.WriteLine(options.Port.Class == DeviceClass.Network
            ? string.Create(CultureInfo.InvariantCulture, $"frames that did not arrive: {results.Sum(result => result.Failures)}")
            : string.Create(CultureInfo.InvariantCulture, $"requests that ended with an error, which the client was told: {results.Sum(result => result.Failures)}"));
        Console.WriteLine("activated: what was spoiled was used (data-bit and wild-pointer: something came of it); detected: the supervisor or a guard told; recovered: the work");
        Console.WriteLine("went on and all checks passed; recovery: from the notice of a loss until clients were served again.");
    }

    private static void PrintRow(FaultRow row) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{row.Kind,-21} {row.Injected,8} {row.Activated,9} {row.Detected,8} {row.Recovered,9} {row.AcknowledgedWritesLost,12} {row.SilentCorruptions,14} {row.OutsideCrashes,13}  {row.RecoveryMs.P50:0} / {row.RecoveryMs.P99:0} / {row.RecoveryMs.Max:0}"));

    private static string Describe(CaseResult result)
    {
        string outcome = $"{(result.Activated ? "activated" : "not activated")}, {(result.Detected ? "detected" : "not detected")}, {(result.Recovered ? "recovered" : "NOT RECOVERED")}";
        return $"{result.Case.Number} {FaultKinds.NameOf(result.Case.Kind)}: {outcome}; {result.Place ?? "it did not strike"}{string.Concat(result.Problems.Select(problem => $"\n    {problem}"))}";
    }
}
