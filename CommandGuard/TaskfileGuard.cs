using Bddf;
using L4;
using L4Io;

namespace CommandGuard;

/// <summary>Makes guards for controllers that are programmed through a task file: IDE functions with bus mastering.</summary>
public sealed class TaskfileGuards : IGuardMaker
{
    // PCI IDE Controller Specification 1.0, section 2: class code 0101h; bit 7 of the programming interface is bus mastering.
    private const uint IdeClass = 0x0101;
    private const uint BusMastering = 0x80;

    /// <inheritdoc />
    public IFunctionGuard? TryMake(L4Task task, PciFunctionInfo function, IPortAccess ports) =>
        function.ClassCode >> 8 == IdeClass && (function.ClassCode & BusMastering) != 0 ? new TaskfileGuard(task, function, ports) : null;
}

/// <summary>
/// The guard of an IDE function. Its driver can read and write no sector, and flush, lock, erase or resize nothing, that the block framework has
/// not authorised; and the framework learns from here, not from the driver, what the device has carried out.
/// </summary>
internal sealed class TaskfileGuard : IFunctionGuard, IDiskGuard
{
    private const int Channels = 2;
    private const int CommandPorts = 8;
    private const int BusMasterPorts = 8;
    private const byte BusMasterBar = 4;

    // The last pages below 4 GiB: no driver's memory is there, because that is where a machine has its firmware.
    private const uint ShadowBase = 0xfff0_0000;
    private const uint ShadowBytes = 0x1_0000;

    private readonly L4Task _task;
    private readonly string _name;
    private readonly IPortAccess _ports;
    private readonly TaskfileChannel[] _channels = new TaskfileChannel[Channels];
    private readonly DescriptorShadow[] _descriptors = new DescriptorShadow[Channels];
    private readonly GuardedUnit[] _units = [new(), new(), new(), new()];
    private readonly Extent[] _commandBlocks = new Extent[Channels];
    private readonly Extent[] _controlBlocks = new Extent[Channels];
    private readonly Extent[] _busMasters = new Extent[Channels];
    private bool _isInside;

    public TaskfileGuard(L4Task task, PciFunctionInfo function, IPortAccess ports)
    {
        _task = task;
        _name = function.Address.ToString();
        _ports = ports;
        var busMaster = Find(function, BusMasterBar);
        for (int channel = 0; channel < Channels; channel++)
        {
            _commandBlocks[channel] = Find(function, channel * 2);
            // In native mode four ports are decoded, of which the third is the control block.
            var control = Find(function, channel * 2 + 1);
            _controlBlocks[channel] = control.Count > 1 ? new Extent(control.First + 2, 1) : control;
            _busMasters[channel] = new Extent(busMaster.First + (uint)(channel * BusMasterPorts), BusMasterPorts);
            _descriptors[channel] = new DescriptorShadow(task, ShadowBase + (uint)channel * ShadowBytes);
            _channels[channel] = new TaskfileChannel($"{_name} channel {channel}", task, ports, (ushort)_commandBlocks[channel].First,
                (ushort)_controlBlocks[channel].First, (ushort)_busMasters[channel].First, _units[(channel * 2)..(channel * 2 + 2)], _descriptors[channel]);
        }
        Gate = task.CreateGate(new DiskGuardDispatcher(this));
    }

    /// <inheritdoc />
    public Capability Gate { get; }

    /// <inheritdoc />
    public bool TryLend(ulong dataspace, CapabilityRights rights, out Capability lent)
    {
        foreach (var table in _units.SelectMany(unit => unit.Tables))
        {
            if (table.TryLend(dataspace, rights, out lent))
                return true;
        }
        lent = Capability.Null;
        return false;
    }

    /// <inheritdoc />
    public void Granted(IGuardedMemory memory)
    {
        foreach (var channel in _channels)
            channel.Reset();
        foreach (var descriptors in _descriptors)
            descriptors.Attach(memory);
    }

    /// <inheritdoc />
    public void Revoked()
    {
        foreach (var channel in _channels)
            channel.Reset();
    }

    /// <inheritdoc />
    public GuardedDisk[] List() =>
    [
        .. _units.Select((unit, index) => (unit.Identity, Unit: (uint)index)).Where(u => u.Identity is not null)
            .Select(u => new GuardedDisk(u.Unit, u.Identity!.Model, u.Identity.Serial, u.Identity.Sectors, u.Identity.SectorSize)),
    ];

    /// <inheritdoc />
    public Capability OpenTable(uint unit, Capability table, uint entries)
    {
        try
        {
            if (unit >= _units.Length || _units[unit].Identity is null)
                throw new ServiceException(ServiceError.NotFound, $"{_name} has no disk {unit} that identified itself");
            return new GuardedTable(_task, _units[unit], WaitForAccesses, table, entries).Gate;
        }
        catch
        {
            if (!table.IsNull)
                _task.Release(table);
            throw;
        }
    }

    /// <inheritdoc />
    public uint ReadPort(ushort port, int width)
    {
        Volatile.Write(ref _isInside, true);
        try
        {
            return ReadGuardedPort(port, width);
        }
        finally
        {
            Volatile.Write(ref _isInside, false);
        }
    }

    private uint ReadGuardedPort(ushort port, int width)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            if (_commandBlocks[channel].Contains(port, 1))
                return _channels[channel].ReadCommandBlock(port - (int)_commandBlocks[channel].First, width);
            if (_busMasters[channel].Contains(port, 1))
                return _channels[channel].ReadBusMaster(port - (int)_busMasters[channel].First, width);
            if (_controlBlocks[channel].Contains(port, 1))
                return _channels[channel].ReadControl();
        }
        return _ports.ReadPort(port, width);
    }

    /// <inheritdoc />
    public void WritePort(ushort port, int width, uint value)
    {
        Volatile.Write(ref _isInside, true);
        try
        {
            WriteGuardedPort(port, width, value);
        }
        finally
        {
            Volatile.Write(ref _isInside, false);
        }
    }

    private void WriteGuardedPort(ushort port, int width, uint value)
    {
        // The bits above the width are not on the bus.
        value &= uint.MaxValue >> (sizeof(uint) - width) * 8;
        for (int channel = 0; channel < Channels; channel++)
        {
            int offset;
            if (_commandBlocks[channel].Contains(port, 1))
            {
                offset = port - (int)_commandBlocks[channel].First;
                // Only Data is wider than a byte: a wide write elsewhere could carry one register into the next.
                if (width == 1 || offset == TaskfileBlock.Offsets.Data)
                    _channels[channel].WriteCommandBlock(offset, width, value);
                else
                    Refuse(port, width, value);
                return;
            }
            if (_busMasters[channel].Contains(port, 1))
            {
                offset = port - (int)_busMasters[channel].First;
                if (width == 1 || (offset >= BusMasterBlock.Offsets.DescriptorTable && offset % width == 0))
                    _channels[channel].WriteBusMaster(offset, width, value);
                else
                    Refuse(port, width, value);
                return;
            }
            if (_controlBlocks[channel].Contains(port, 1))
            {
                if (width == 1)
                    _channels[channel].WriteControl(value);
                else
                    Refuse(port, width, value);
                return;
            }
        }
        _ports.WritePort(port, width, value);
    }

    /// <inheritdoc />
    public void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        Volatile.Write(ref _isInside, true);
        try
        {
            ReadGuardedPortBlock(port, width, destination);
        }
        finally
        {
            Volatile.Write(ref _isInside, false);
        }
    }

    private void ReadGuardedPortBlock(ushort port, int width, Span<byte> destination)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            if (_commandBlocks[channel].First != port)
                continue;
            _channels[channel].ReadData(width, destination);
            return;
        }
        _ports.ReadPortBlock(port, width, destination);
    }

    /// <inheritdoc />
    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        Volatile.Write(ref _isInside, true);
        try
        {
            WriteGuardedPortBlock(port, width, source);
        }
        finally
        {
            Volatile.Write(ref _isInside, false);
        }
    }

    private void WriteGuardedPortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            if (_commandBlocks[channel].First != port)
                continue;
            _channels[channel].WriteData(width, source);
            return;
        }
        // Anywhere else it would be many single writes that nobody looked at.
        Refuse(port, width, (uint)source.Length);
    }

    /// <summary>Returns when an access that may have seen what was taken away a moment ago has ended. The barrier makes every processor's view
    /// current, so that accesses themselves need none.</summary>
    private void WaitForAccesses()
    {
        Interlocked.MemoryBarrierProcessWide();
        var spin = new SpinWait();
        while (Volatile.Read(ref _isInside))
            spin.SpinOnce();
    }

    private static Extent Find(PciFunctionInfo function, int bar) =>
        function.Resources.FirstOrDefault(r => r.Kind == ResourceKind.Ports && r.Bar == bar) is { Count: > 0 } resource ? resource.Extent : default;

    private void Refuse(ushort port, int width, uint value) =>
        _task.System.Events.Report("l4io", "access-refused", $"{_name}: a write of 0x{value:x} to port 0x{port:x} as {width} bytes is how no driver programs a disk");
}
