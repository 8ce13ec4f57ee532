using System.CommandLine;
using L4;
using Nddf;
using RootTask;
using Tracing;

namespace Dde;

/// <summary><c>dde trace</c>: what a port's driver does to its device's registers.</summary>
internal static class TraceCommand
{
    internal static Command Create()
    {
        var port = new PortArguments();
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line; the last one has the sums." };
        var count = new Option<long>("--count") { Description = "Print only so many lines; the sums count all.", HelpName = "N", DefaultValueFactory = _ => long.MaxValue };
        count.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(long.TryParse(token.Value, out long number) && number >= 0))
                result.AddError($"--count takes a number of lines, not '{token.Value}'");
        });
        var time = PortArguments.DurationOption("--for", $"Stay so long after the probe ({Duration.Forms}).");
        var real = new Option<bool>("--real-time") { Description = "Let time pass as it does; else it jumps from one deadline to the next, so that each run is the same." };
        var command = new Command(
            "trace",
            "Starts a port's driver on an emulated device, lets it probe and read the partition tables or open the cards, and prints each register access in the device's own "
            + "words with the driver function that made it. Example: dde trace linux-ata-piix --disk disk.img --count 100");
        port.AddTo(command);
        foreach (Option option in new Option[] { json, count, time, real })
            command.Add(option);
        command.SetAction(parsed =>
        {
            long limit = parsed.GetValue(count);
            TraceOutput output = parsed.GetValue(json) ? new TraceJson(Console.Out, limit) : new TraceText(Console.Out, limit);
            var options = port.Read(parsed) with { Trace = output, Clock = parsed.GetValue(real) ? new RealClock() : new VirtualClock() };
            using (var system = DdeSystem.Start(options))
            {
                using var attached = system.Client.Enter();
                port.Connect(parsed, system);
                // A driver of network cards does most when a card is opened.
                var nics = system.NicServer.IsNull ? [] : NicJson.List(system);
                NicClient[] clients = [.. nics.Select(nic => NicClient.Open(system.Client, system.NicServer, nic.Name, NicRights.Receive))];
                DriverWatch.Wait(system, parsed.GetValue(time) ?? TimeSpan.Zero);
                foreach (var client in clients)
                    client.Dispose();
            }
            output.ThrowIfFailed();
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
