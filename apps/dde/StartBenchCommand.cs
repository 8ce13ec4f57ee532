using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bench;
using RootTask;

namespace Dde;

/// <summary><c>dde bench start</c>: how fast a driver comes up.</summary>
internal static class StartBenchCommand
{
    internal static Command Create()
    {
        var disk = new Option<string>("--disk") { Description = "A raw image; its first sector is read.", Required = true, HelpName = "FILE" };
        var kernel = new Option<string?>("--kernel") { Description = "The guest's kernel image; else the installed one of the kernel pack's release.", HelpName = "VMLINUZ" };
        var accelerator = new Option<string>("--accel") { Description = "What runs the guest's instructions: tcg (anywhere) or kvm.", DefaultValueFactory = static _ => "tcg" };
        accelerator.AcceptOnlyFromAmong("tcg", "kvm");
        var rounds = new Option<int>("--rounds") { Description = "How often each is started.", DefaultValueFactory = static _ => 7 };
        rounds.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--rounds is at least 1");
        });
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("start", "Start-up and memory of processes, with and without a driver, beside a small QEMU guest that runs the same driver.") { disk, accelerator, kernel, rounds, json };
        command.SetAction(parsed =>
        {
            var result = StartBench.Run(parsed.GetRequiredValue(disk), parsed.GetRequiredValue(accelerator), parsed.GetValue(kernel), parsed.GetValue(rounds), Console.Error.WriteLine);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(result, DdeJson.Default.StartBenchResult));
            else
                Print(result);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(StartBenchResult result)
    {
        Console.WriteLine($"own code {(result.ReadyToRun ? "compiled ahead      " : "compiled at run time")}      first reply  first sector     processor       RSS       PSS");
        foreach (var row in result.Rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-34}{Time(row.FirstReplyMilliseconds),14}{Time(row.FirstSectorMilliseconds),14}{Time(row.ProcessorMilliseconds),14}{row.ResidentBytes / 1048576.0,6:0.0} MiB{row.ProportionalBytes / 1048576.0,6:0.0} MiB"));
        if (result.GuestSkipped is { } reason)
            Console.WriteLine($"guest skipped: {reason}");
    }

    private static string Time(double? milliseconds) => milliseconds is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time:0.0} ms") : "-";
}
