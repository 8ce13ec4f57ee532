using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bddf;
using RootTask;
using Tracing;

namespace Dde;

/// <summary><c>dde run</c>: starts a port's driver, says what it offers, and stays.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        var port = new PortArguments();
        var time = PortArguments.DurationOption("--for", $"End after this time ({Duration.Forms}); else at Ctrl-C.");
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command(
            "run",
            "Starts a port's driver on an emulated device, prints what it offers, and stays until Ctrl-C or the end of --for, which are both exit "
            + $"code {(int)ExitCode.Ok}; {(int)ExitCode.DriverGone} when the driver dies. Example: dde run linux-ata-piix --disk disk.img --for 5s");
        var trace = new Option<string?>("--trace")
        {
            Description = "Tell each register access of the driver: to a new file, or to standard error. With --json as JSON lines.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        port.AddTo(command);
        command.Add(time);
        command.Add(trace);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var options = port.Read(parsed);
            using var traced = parsed.GetResult(trace) is null ? null : TraceFile.Open(parsed.GetValue(trace), Console.Error, parsed.GetValue(json));
            using (var system = DdeSystem.Start(options with { Trace = traced?.Output, IsControlled = true }, Console.Error.WriteLine))
            {
                using var attached = system.Client.Enter();
                LinkEvents.ShowOn(system, Console.Error);
                port.Connect(parsed, system);
                Print(parsed.GetRequiredValue<string>("PORT"), system, parsed.GetValue(json));
                DriverWatch.Wait(system, parsed.GetValue(time));
            }
            traced?.Output.ThrowIfFailed();
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(string port, DdeSystem system, bool json)
    {
        var disks = system.BlockServer.IsNull ? [] : BlockClient.ListDisks(system.Client, system.BlockServer);
        var nics = system.NicServer.IsNull ? [] : NicJson.List(system);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new RunJson(port, disks, nics), DdeJson.Default.RunJson));
            return;
        }
        string offer = system.NicServer.IsNull ? Count(disks.Length, "disk") : Count(nics.Count, "network card");
        Console.WriteLine($"{port} offers {offer}");
        foreach (var nic in nics)
            Console.WriteLine($"  {nic}");
        foreach (var disk in disks)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {disk.Name}  {disk.Model}  serial {disk.Serial}  {disk.Sectors} sectors of {disk.SectorSize} bytes"));
            foreach (var partition in disk.Partitions)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {partition.Name}  {partition.Scheme} {partition.Type}  {partition.FirstSector} +{partition.Sectors}"));
            if (disk.PartitionError is { } error)
                Console.Error.WriteLine($"dde: {error}");
        }
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

/// <summary>The output of <c>dde run --json</c>.</summary>
internal sealed record RunJson(string Port, IReadOnlyList<BlockDeviceInfo> Disks, IReadOnlyList<NicJson> Nics);
