using Emulator;
using L4;
using L4Io;
using Registers;
using Tracing;

namespace RootTask;

/// <summary>The trace of a system's drivers: a task that reads what they tell, and the tables that put it in the devices' own words.</summary>
internal sealed class DriverTrace
{
    private readonly TraceListener _listener;

    /// <param name="system">Its drivers have not been started yet: the trace's task ends after theirs.</param>
    /// <param name="sink">Told of everything.</param>
    internal DriverTrace(L4System system, ITraceSink sink) => _listener = new TraceListener(system.CreateTask("trace"), sink);

    /// <summary>Adds a driver.</summary>
    /// <param name="driver">Its task.</param>
    /// <param name="function">The device that it was granted.</param>
    /// <returns>The driver's end, capabilities of its task.</returns>
    internal TraceChannel Add(L4Task driver, PciFunctionInfo function)
    {
        var device = EmulatedDevices.All.FirstOrDefault(d => d.Vendor == function.Vendor && d.Device == function.Device)
            ?? new DeviceRegisters(function.Address.ToString(), function.Vendor, function.Device, []);
        var placed = device.Regions.SelectMany(region => Place(region, function));
        return _listener.Add(driver, new RegisterMap(placed), line => device.InterruptNames.GetValueOrDefault(line, device.Name));
    }

    private static IEnumerable<PlacedTable> Place(RegisterRegion region, PciFunctionInfo function)
    {
        if (region.Space == PciSpace.Configuration)
            return [new PlacedTable(region.Space, region.Offset, region.Table)];
        var kind = region.Space == PciSpace.Ports ? ResourceKind.Ports : ResourceKind.Memory;
        return function.Resources.Where(r => r.Kind == kind && r.Bar == region.Bar).Select(r => new PlacedTable(region.Space, r.First + region.Offset, region.Table));
    }
}
