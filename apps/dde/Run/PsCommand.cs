using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RootTask;

namespace Dde;

/// <summary><c>dde ps</c>: the drivers of all running systems.</summary>
internal static class PsCommand
{
    internal static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "As one JSON object." };
        var command = new Command(
            "ps", "Shows what the running systems of this user are made of: each device, the port that drives it, its state, and what became of the drivers before. Example: dde ps")
        {
            json,
        };
        command.SetAction(parsed =>
        {
            SystemStatus[] systems = [.. ControlClient.Processes.Select(Ask).OfType<SystemStatus>()];
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new PsJson(systems), DdeJson.Default.PsJson));
            else
                Array.ForEach(systems, Print);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A system's state; null when it ended just now.</summary>
    private static SystemStatus? Ask(int process)
    {
        try
        {
            return ControlClient.Ask(process, new ControlRequest(ControlRequest.Show)).FirstOrDefault()?.System;
        }
        catch (SystemStartException)
        {
            return null;
        }
    }

    private static void Print(SystemStatus system)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{system.Process}  {system.Client}"));
        foreach (var driver in system.Drivers)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {driver.Device}  {driver.Port}  {driver.Kernel}  {(driver.Process is { } process ? $"process {process}  " : "")}{driver.State} for {(system.NowNanoseconds - driver.SinceNanoseconds) / 1e9:0.0} s  recoveries {driver.Recoveries}"));
            if (driver.Losses.Count != 0)
                Console.WriteLine($"    lost: {string.Join(", ", driver.Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Key} {loss.Value}")))}");
            if (driver.LastRecoveryNanoseconds != 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    last recovery: {driver.LastRecoveryNanoseconds / 1e6:0.0} ms"));
            if (driver.LastLoss is { } last)
                Console.WriteLine($"    last loss: {last}");
        }
    }
}

/// <summary>The output of <c>dde ps --json</c>.</summary>
internal sealed record PsJson(IReadOnlyList<SystemStatus> Systems);
