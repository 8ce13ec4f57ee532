using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Nddf;
using Ports;
using RootTask;

namespace Dde;

/// <summary><c>dde nic</c>: network cards, what they count, what passes through them.</summary>
internal static class NicCommand
{
    internal static Command Create() => new("nic", "Network cards behind a port's driver.") { List(), Stats(), Trace() };

    private static Command List()
    {
        var (port, json) = (new PortArguments(), Json());
        var command = new Command("list", "Starts a port's driver and describes its cards. Example: dde nic list linux-e1000") { json };
        port.AddTo(command);
        command.SetAction(parsed => Stay(port, parsed, TimeSpan.Zero, system =>
        {
            var nics = NicJson.List(system);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new NicListJson(nics), DdeJson.Default.NicListJson));
            else
                Console.WriteLine(string.Join('\n', nics));
        }));
        return command;
    }

    private static Command Stats()
    {
        var (port, json, time) = (new PortArguments(), Json(), Time());
        var command = new Command(
            "stats", "Starts a port's driver, stays as dde run does, and prints at the end what the card and the driver's domain have counted. "
            + "Example: dde nic stats linux-e1000 --link tap:dde0 --for 10s") { json, time };
        port.AddTo(command);
        command.SetAction(parsed => Stay(port, parsed, parsed.GetValue(time), system =>
        {
            var server = new NicServerProxy(system.Client, system.NicServer);
            var rows = server.List().Zip(system.DriverStatistics, (nic, driver) =>
                new NicStatsRow(nic, server.ReadStatistics(nic), new DriverStatisticsProxy(system.Client, driver).Read())).ToList();
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new NicStatsJson(rows), DdeJson.Default.NicStatsJson));
            else
                rows.ForEach(Print);
        }));
        return command;
    }

    private static Command Trace()
    {
        var (port, time) = (new PortArguments(), Time());
        var command = new Command(
            "trace", "Starts a port's driver, stays as dde run does, and writes every frame of --link to the file of --capture, for Wireshark. "
            + "Example: dde nic trace linux-e1000 --link tap:dde0 --capture frames.pcapng --for 10s") { time };
        port.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult("--capture") is not OptionResult { Implicit: false })
                result.AddError("frames are written to a file: add --capture FILE");
        });
        command.SetAction(parsed => Stay(port, parsed, parsed.GetValue(time), _ => { }));
        return command;
    }

    private static int Stay(PortArguments port, ParseResult parsed, TimeSpan? time, Action<DdeSystem> atTheEnd)
    {
        var options = port.Read(parsed);
        if (options.Disks.Count != 0)
            throw new SystemStartException(ExitCode.Usage, $"{options.Ports[0]} drives no network cards");
        using var system = DdeSystem.Start(options, Console.Error.WriteLine);
        using var attached = system.Client.Enter();
        LinkEvents.ShowOn(system, Console.Error);
        port.Connect(parsed, system);
        DriverWatch.Wait(system, time);
        atTheEnd(system);
        return (int)ExitCode.Ok;
    }

    private static void Print(NicStatsRow row)
    {
        var (frames, driver) = (row.Frames, row.Driver);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {row.Nic}
              transmitted  {frames.FramesTransmitted,12} frames {frames.BytesTransmitted,14} bytes  {frames.TransmitDropped} dropped
              received     {frames.FramesReceived,12} frames {frames.BytesReceived,14} bytes  {frames.ReceiveErrors} errors, {frames.ReceiveDropped} dropped for want of a slot
              driver       {driver.Interrupts} interrupts, {driver.RegisterAccesses} register accesses by function, {driver.Traps} traps; sites: {driver.PatchedSites} patched, {driver.UnpatchableSites} not
            """));
    }

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON object." };

    private static Option<TimeSpan?> Time() => PortArguments.DurationOption("--for", $"End after this time ({Duration.Forms}); else at Ctrl-C.");
}

/// <summary>The output of <c>dde nic list --json</c>.</summary>
internal sealed record NicListJson(IReadOnlyList<NicJson> Nics);

/// <summary>What one card and its driver have counted.</summary>
internal sealed record NicStatsRow(string Nic, NicStatistics Frames, DriverStatistics Driver);

/// <summary>The output of <c>dde nic stats --json</c>.</summary>
internal sealed record NicStatsJson(IReadOnlyList<NicStatsRow> Nics);
