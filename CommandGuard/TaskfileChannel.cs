using System.Buffers.Binary;
using Bddf;
using L4;
using L4Io;
using static CommandGuard.TaskfileBlock;

namespace CommandGuard;

/// <summary>
/// One ATA channel between its driver and the machine. Every access passes; a command is held until it is known to be authorised. One that moves
/// data by bus master is held until the bus master is started, because only then it is known where the data goes. What is refused goes to
/// the device as NOP, which it answers as an aborted command, with its interrupt: ATA/ATAPI-6, clause 8.16.
/// </summary>
internal sealed class TaskfileChannel
{
    // BSY of Status, which only the device can set by its register.
    private const uint Busy = 1u << 7;

    private readonly string _name;
    private readonly L4Task _task;
    private readonly IPortAccess _ports;
    private readonly ushort _commandBlock;
    private readonly ushort _controlBlock;
    private readonly ushort _busMaster;
    private readonly GuardedUnit[] _units;
    private readonly DescriptorShadow _descriptors;
    private readonly TaskfileShadow _shadow = new();
    private readonly IdentifyCapture _identify = new();
    private readonly List<Cover> _flushes = [];
    private Command? _held;
    private Command? _running;
    private uint _descriptorTable;
    private bool _startWanted;
    private ulong _dataMoved;

    /// <param name="name">For messages.</param>
    /// <param name="task">The I/O server's task.</param>
    /// <param name="ports">The machine.</param>
    /// <param name="commandBlock">First port of the command block.</param>
    /// <param name="controlBlock">The port of the control block.</param>
    /// <param name="busMaster">First port of the channel's bus master.</param>
    /// <param name="units">Devices 0 and 1.</param>
    /// <param name="descriptors">The channel's own copy of a table.</param>
    public TaskfileChannel(string name, L4Task task, IPortAccess ports, ushort commandBlock, ushort controlBlock, ushort busMaster, GuardedUnit[] units, DescriptorShadow descriptors)
    {
        _name = name;
        _task = task;
        _ports = ports;
        _commandBlock = commandBlock;
        _controlBlock = controlBlock;
        _busMaster = busMaster;
        _units = units;
        _descriptors = descriptors;
    }

    /// <summary>A command that the driver gave.</summary>
    private readonly record struct Command(AtaCommand Code, AtaCommandClass Class, bool Device1, ulong First, uint Count, uint SectorSize, Cover Cover)
    {
        public ulong Bytes => (ulong)Count * SectorSize;

        public BlockOperation Operation => Class.Writes ? BlockOperation.Write : BlockOperation.Read;
    }

    private GuardedUnit Selected => _units[_shadow.Device.Device1 ? 1 : 0];

    /// <summary>The function has a new holder: nothing is known of what the device's registers hold.</summary>
    public void Reset()
    {
        _shadow.Reset();
        _identify.Cancel();
        _held = _running = null;
        _flushes.Clear();
        _descriptorTable = 0;
        _startWanted = false;
    }

    /// <summary>A read of the command block.</summary>
    public uint ReadCommandBlock(int offset, int width)
    {
        uint value = _ports.ReadPort((ushort)(_commandBlock + offset), width);
        if (offset == Offsets.Status)
            return Status(value);
        if (offset == Offsets.Data)
        {
            Span<byte> data = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(data, value);
            DataRead(data[..width]);
        }
        return value;
    }

    /// <summary>A string input from the Data register.</summary>
    public void ReadData(int width, Span<byte> destination)
    {
        _ports.ReadPortBlock(_commandBlock, width, destination);
        DataRead(destination);
    }

    /// <summary>A read of the control block: Alternate Status.</summary>
    public uint ReadControl() => Status(_ports.ReadPort(_controlBlock, 1));

    /// <summary>A write to the command block.</summary>
    public void WriteCommandBlock(int offset, int width, uint value)
    {
        // A held command's registers are the device's, which is busy with it as far as the driver can see: ATA/ATAPI-6, clause 7.15.6.1.
        if (_held is not null && offset != Offsets.Command)
            return;
        if (offset == Offsets.Command)
        {
            Give((AtaCommand)(byte)value);
            return;
        }
        if (offset == Offsets.Data)
        {
            Span<byte> data = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(data, value);
            WriteData(width, data[..width]);
            return;
        }
        // Data that comes from now on may be another device's.
        if (offset == Offsets.Device)
            _identify.Cancel();
        _shadow.Write(offset, (byte)value);
        _ports.WritePort((ushort)(_commandBlock + offset), width, value);
    }

    /// <summary>Output to the Data register. What goes to the medium is what the client has in its memory, whatever the driver made of it; and nothing
    /// but sectors is ever sent to a device.</summary>
    public void WriteData(int width, ReadOnlySpan<byte> source)
    {
        if (_running is not { Class: { Kind: AtaCommandKind.Pio, Writes: true } } command || width == 1)
        {
            Report("data-refused", $"{source.Length} bytes in units of {width} are written to Data, and no command takes them");
            return;
        }
        var cover = command.Cover;
        ulong start = cover.Authority.BufferOffset + (command.First - cover.Authority.FirstSector) * command.SectorSize;
        ulong left = (ulong)source.Length;
        // A device takes data while DRQ is one, and changes it only between sectors: what it does not take must not be counted.
        while (left != 0 && IsDataRequested())
        {
            ulong toBoundary = command.SectorSize - _dataMoved % command.SectorSize;
            var authorised = cover.Table!.MemoryOf(cover.Authority.Buffer, start + _dataMoved, (int)Math.Min(left, toBoundary));
            // Without the memory, or behind the last sector, the device gets nothing, and the driver times out.
            if (authorised.IsEmpty || _dataMoved >= command.Bytes)
                return;
            _ports.WritePortBlock(_commandBlock, width, authorised);
            _dataMoved += (ulong)authorised.Length;
            left -= (ulong)authorised.Length;
        }
    }

    /// <summary>A write to the control block: Device Control.</summary>
    public void WriteControl(uint value)
    {
        if (((ControlBlock.DeviceControlValue)value).SoftwareReset)
        {
            _shadow.Reset();
            Forget();
        }
        _ports.WritePort(_controlBlock, 1, value);
    }

    /// <summary>A read of the bus master: the driver sees the table that it set, not the copy that the device reads.</summary>
    public uint ReadBusMaster(int offset, int width)
    {
        if (offset >= BusMasterBlock.Offsets.DescriptorTable)
            return _descriptorTable >> (offset - BusMasterBlock.Offsets.DescriptorTable) * 8 & (width == 4 ? uint.MaxValue : (1u << width * 8) - 1);
        uint value = _ports.ReadPort((ushort)(_busMaster + offset), width);
        if (offset != BusMasterBlock.Offsets.Command || !_startWanted)
            return value;
        return (uint)((BusMasterBlock.CommandValue)value with { Start = true });
    }

    /// <summary>A write to the bus master.</summary>
    public void WriteBusMaster(int offset, int width, uint value)
    {
        if (offset >= BusMasterBlock.Offsets.DescriptorTable)
        {
            int shift = (offset - BusMasterBlock.Offsets.DescriptorTable) * 8;
            uint mask = (width == 4 ? uint.MaxValue : (1u << width * 8) - 1) << shift;
            _descriptorTable = (_descriptorTable & ~mask) | (value << shift & mask);
        }
        else if (offset == BusMasterBlock.Offsets.Command)
        {
            WriteBusMasterCommand((BusMasterBlock.CommandValue)value);
        }
        else
        {
            _ports.WritePort((ushort)(_busMaster + offset), width, value);
        }
    }

    private void WriteBusMasterCommand(BusMasterBlock.CommandValue value)
    {
        var device = (BusMasterBlock.CommandValue)_ports.ReadPort((ushort)(_busMaster + BusMasterBlock.Offsets.Command), 1);
        if (device.Start)
        {
            // Stopped before the last descriptor was done: not all of it was moved.
            if (!value.Start && _running is { Class.Kind: AtaCommandKind.Dma } && IsBusMasterActive())
                _running = null;
            _ports.WritePort((ushort)(_busMaster + BusMasterBlock.Offsets.Command), 1, (uint)value);
            return;
        }
        _startWanted = value.Start;
        _ports.WritePort((ushort)(_busMaster + BusMasterBlock.Offsets.Command), 1, (uint)(value with { Start = false }));
        if (_startWanted && _held is { } command)
            Launch(command, value);
    }

    private void Give(AtaCommand code)
    {
        var kind = AtaCommandClass.Of(code);
        bool hasSectors = _shadow.TryGetSectors(kind.IsExtended, out ulong first, out uint count);
        byte feature = _shadow.Features;
        Forget();
        _shadow.CommandGiven();
        switch (kind.Kind)
        {
            case AtaCommandKind.Harmless:
            case AtaCommandKind.ByFeature when AtaCommandClass.IsHarmless(code, feature):
                Forward(code);
                break;
            case AtaCommandKind.Identify:
                _identify.Begin();
                Forward(code);
                break;
            case AtaCommandKind.Flush:
                Flush(code, kind);
                break;
            case AtaCommandKind.Pio or AtaCommandKind.Dma when hasSectors:
                Transfer(new Command(code, kind, _shadow.Device.Device1, first, count, Selected.Identity?.SectorSize ?? 0, default));
                break;
            case AtaCommandKind.Pio or AtaCommandKind.Dma:
                Refuse(code, "its address is no logical block address, or was not written whole since the last command");
                break;
            case AtaCommandKind.ByFeature:
                Refuse(code, $"feature 0x{feature:x2} is not among those that do no harm");
                break;
            default:
                Refuse(code, "no session gives the right to it");
                break;
        }
    }

    private void Transfer(Command command)
    {
        int position = 0;
        if (!Selected.TryFind(command.Operation, command.First, command.Count, ref position, out var cover))
        {
            Refuse(command.Code, $"no authorised {command.Operation} covers {command.Count} sectors at {command.First}");
            return;
        }
        if (command.Class.Kind == AtaCommandKind.Pio)
        {
            _running = command with { Cover = cover };
            _dataMoved = 0;
            Forward(command.Code);
            return;
        }
        _held = command;
        if (_startWanted)
            Launch(command, (BusMasterBlock.CommandValue)_ports.ReadPort((ushort)(_busMaster + BusMasterBlock.Offsets.Command), 1));
    }

    /// <summary>The bus master is to move the data of a held command: the last thing to be known was where to.</summary>
    private void Launch(Command command, BusMasterBlock.CommandValue direction)
    {
        _held = null;
        if (direction.ToMemory == command.Class.Writes)
        {
            Refuse(command.Code, "the bus master was set to the other direction");
            return;
        }
        string? refusal = null;
        // More than one request may read the same sectors, each into its own memory.
        for (int position = 0; Selected.TryFind(command.Operation, command.First, command.Count, ref position, out var cover);)
        {
            ulong offset = cover.Authority.BufferOffset + (command.First - cover.Authority.FirstSector) * command.SectorSize;
            refusal = _descriptors.Take(_descriptorTable, cover.Table!.IdentityOf(cover.Authority.Buffer), offset, command.Bytes);
            if (refusal is not null)
                continue;
            _startWanted = false;
            _running = command with { Cover = cover };
            _ports.WritePort((ushort)(_busMaster + BusMasterBlock.Offsets.DescriptorTable), 4, _descriptors.BusAddress);
            Forward(command.Code);
            _ports.WritePort((ushort)(_busMaster + BusMasterBlock.Offsets.Command), 1, (uint)(direction with { Start = true }));
            return;
        }
        Refuse(command.Code, $"{command.Operation} of {command.Count} sectors at {command.First}: {refusal ?? "it is authorised no more"}");
    }

    private void Flush(AtaCommand code, AtaCommandClass kind)
    {
        foreach (var table in Selected.Tables)
        {
            for (int index = 0; index < table.Authorities.Entries; index++)
            {
                if (table.Authorities.TryRead(index, out ulong tag, out var authority) && authority.Operation == BlockOperation.Flush)
                    _flushes.Add(new Cover(table, index, tag, authority));
            }
        }
        _running = new Command(code, kind, _shadow.Device.Device1, 0, 0, 0, default);
        Forward(code);
    }

    /// <summary>The Status register as the driver reads it; when it says that a command has ended, what was carried out is marked.</summary>
    private uint Status(uint value)
    {
        var status = (StatusValue)value;
        // A held command has not reached the device, which therefore is not busy with it.
        if (_held is not null)
            return value | Busy;
        if (_running is not { } command || command.Device1 != _shadow.Device.Device1 || status.Busy || status.DataRequest)
            return value;
        if (command.Class.Kind == AtaCommandKind.Dma && IsBusMasterActive())
            return value;
        bool isWhole = command.Class.Kind != AtaCommandKind.Pio || _dataMoved == command.Bytes;
        if (!status.Error && !status.DeviceFault && isWhole)
        {
            if (command.Class.Kind == AtaCommandKind.Flush)
            {
                foreach (var flush in _flushes)
                    flush.MarkDone(0, 1);
            }
            else
            {
                command.Cover.MarkDone(command.First, command.Count);
            }
        }
        _running = null;
        _flushes.Clear();
        return value;
    }

    private void DataRead(ReadOnlySpan<byte> data)
    {
        if (_running is { Class: { Kind: AtaCommandKind.Pio, Writes: false } })
            _dataMoved += (ulong)data.Length;
        if (!_identify.IsActive || _identify.Add(data) is not { } identity)
            return;
        var unit = Selected;
        if (unit.Identity is { } before && before != identity && unit.Tables.Length != 0)
            Report("disk-changed", $"the disk was {before.Model} {before.Serial}, and is {identity.Model} {identity.Serial} now");
        unit.Identity = identity;
    }

    private bool IsDataRequested()
    {
        var status = (StatusValue)_ports.ReadPort(_controlBlock, 1);
        return status is { DataRequest: true, Busy: false };
    }

    private bool IsBusMasterActive() =>
        ((BusMasterBlock.StatusValue)_ports.ReadPort((ushort)(_busMaster + BusMasterBlock.Offsets.Status), 1)).Active;

    private void Refuse(AtaCommand code, string why)
    {
        Report("command-refused", $"{(Enum.IsDefined(code) ? code : "command")} (0x{(uint)code:x2}) for device {(_shadow.Device.Device1 ? 1 : 0)}: {why}");
        Forward(AtaCommand.Nop);
    }

    private void Forward(AtaCommand code) => _ports.WritePort((ushort)(_commandBlock + Offsets.Command), 1, (uint)code);

    private void Forget()
    {
        _held = _running = null;
        _flushes.Clear();
        _identify.Cancel();
    }

    private void Report(string kind, string text) => _task.System.Events.Report("l4io", kind, $"{_name}: {text}");
}
