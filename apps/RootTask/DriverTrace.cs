using System.Globalization;
using Emulator;
using L4;
using L4Io;
using Registers;
using Tracing;

namespace RootTask;

/// <summary>The trace of a system's drivers: a task that reads what they tell, and the tables that put it in the devices' own words.</summary>
internal sealed class DriverTrace
{
    /// <summary>Bytes of configuration space: PCI Local Bus 3.0, section 6.1.</summary>
    private const ulong ConfigurationSize = 256;

    private readonly TraceListener _listener;

    /// <param name="system">Its drivers have not been started yet: the trace's task ends after theirs.</param>
    /// <param name="sink">Told of everything.</param>
    internal DriverTrace(L4System system, ITraceSink sink) => _listener = new TraceListener(system.CreateTask("trace"), sink);

    /// <summary>Adds a driver.</summary>
    /// <param name="driver">Its task's name.</param>
    /// <param name="root">The root task, which hands it its end.</param>
    /// <param name="function">The device that it was granted.</param>
    /// <returns>The driver's end, capabilities of the root.</returns>
    internal TraceChannel Add(string driver, L4Task root, PciFunctionInfo function)
    {
        var device = EmulatedDevices.All.FirstOrDefault(d => d.Vendor == function.Vendor && d.Device == function.Device)
            ?? new DeviceRegisters(function.Address.ToString(), function.Vendor, function.Device, []);
        // What no table knows is named by its distance from where its base address register points.
        var placed = device.Regions.SelectMany(region => Place(region, function))
            .Append(new PlacedTable(PciSpace.Configuration, 0, new RegisterTable($"{device.Name}.configuration", ConfigurationSize, [])))
            .Concat(function.Resources.Where(r => r.Kind != ResourceKind.Interrupt).Select(r =>
                new PlacedTable(SpaceOf(r.Kind), r.First, new RegisterTable(string.Create(CultureInfo.InvariantCulture, $"{device.Name}.bar{r.Bar}"), r.Count, []))));
        return _listener.Add(driver, root, new RegisterMap(placed), line => device.InterruptNames.GetValueOrDefault(line, device.Name));
    }

    private static PciSpace SpaceOf(ResourceKind kind) => kind == ResourceKind.Ports ? PciSpace.Ports : PciSpace.Memory;

    private static IEnumerable<PlacedTable> Place(RegisterRegion region, PciFunctionInfo function)
    {
        if (region.Space == PciSpace.Configuration)
            return [new PlacedTable(region.Space, region.Offset, region.Table)];
        return function.Resources.Where(r => r.Kind != ResourceKind.Interrupt && SpaceOf(r.Kind) == region.Space && r.Bar == region.Bar).Select(r =>
            new PlacedTable(region.Space, r.First + region.Offset, region.Table)
            {
                Bank = region.Bank is { } bank ? bank with { Offset = r.First + bank.Offset } : null,
            });
    }
}
