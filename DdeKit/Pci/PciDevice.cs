using DdeKit.Memory;
using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>The PCI function that a domain was granted, with its ports, interrupts and DMA. Belongs to the holder of the baton.</summary>
public sealed class PciDevice
{
    private readonly PciFunctionProxy _function;
    private readonly L4Task _task;
    private readonly bool _hasDelays;
    private readonly Portal _service;
    private readonly KitTimer _serviceTimer;

    /// <param name="cpu">The domain's processor.</param>
    /// <param name="function">The gate of the function, as the root gave it to the task.</param>
    public PciDevice(VirtualCpu cpu, Capability function)
    {
        _task = cpu.Task;
        _function = new PciFunctionProxy(cpu.Task, function);
        Info = _function.Describe();
        _hasDelays = Info.NeedsDelays || _task.System.Clock.IsVirtual;
        Ports = new IoPorts(cpu.Task, _function);
        Memory = new DeviceMemory(cpu.Task, _function);
        Interrupts = new InterruptController(cpu, _function);
        _serviceTimer = new KitTimer(cpu.Timers, Serve);
        // Like an interrupt, because a device's own work goes on whatever its driver does: it is delivered where the driver enables interrupts.
        ulong bit = cpu.AddEvent(Serve, interrupt: true);
        _service = _task.Open<Portal>(_function.RequestService(cpu.EventsCapability, bit));
    }

    /// <summary>What it is and occupies.</summary>
    public PciFunctionInfo Info { get; }

    /// <summary>Its I/O ports.</summary>
    public IoPorts Ports { get; }

    /// <summary>Its device memory.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Who sees its register accesses; null, which costs nothing, for nobody. Set before the driver starts.</summary>
    public IRegisterTap? Tap
    {
        get => Ports.Tap;
        set => Ports.Tap = Memory.Tap = value;
    }

    /// <summary>Its interrupts.</summary>
    public InterruptController Interrupts { get; }

    /// <summary>Lets time pass for the device, as a driver's delay loop does. A model that needs none gets none on the real clock: an ATA
    /// driver delays for 30 us in each command, ten times as long as all the rest takes.</summary>
    /// <returns>Whether time passed.</returns>
    public bool Delay(long nanoseconds)
    {
        if (!_hasDelays)
            return false;
        _task.System.Clock.Delay(nanoseconds);
        return true;
    }

    /// <summary>How often a device model was let do what it had asked for.</summary>
    public long Services { get; private set; }

    /// <summary>Reads 1, 2 or 4 bytes of configuration space.</summary>
    public uint ReadConfig(int offset, int width)
    {
        uint value = _function.ReadConfig((ushort)offset, (byte)width);
        Tap?.ReadConfiguration(offset, width, value);
        return value;
    }

    /// <summary>Writes 1, 2 or 4 bytes of configuration space.</summary>
    public void WriteConfig(int offset, int width, uint value)
    {
        Tap?.WriteConfiguration(offset, width, value);
        _function.WriteConfig((ushort)offset, (byte)width, value);
    }

    /// <summary>Lets the device reach the arena's whole heap.</summary>
    public void MapHeap(Arena arena) => _function.MapDma(arena.HeapCapability, 0, arena.HeapBytes, 0, DmaAccess.Read | DmaAccess.Write);

    /// <summary>Lets the device reach a client's dataspace where the arena mapped it.</summary>
    public void MapWindow(Capability dataspace, ulong length, ulong busAddress, DmaAccess access) =>
        _function.MapDma(dataspace, 0, length, busAddress, access);

    /// <summary>Ends what <see cref="MapWindow"/> began.</summary>
    public void UnmapWindow(ulong busAddress, ulong length) => _function.UnmapDma(busAddress, length);

    private void Serve()
    {
        Services++;
        long again = (long)_service.Enter(RegisterWord.Service);
        if (again == Clock.Never)
            _serviceTimer.Cancel();
        else if (again != _serviceTimer.Deadline)
            _serviceTimer.Set(again);
    }
}
