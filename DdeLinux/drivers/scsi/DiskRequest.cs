using System.Buffers.Binary;
using L4;

namespace DdeLinux;

/// <summary>A request of a disk: as many commands, one after the other, as the limits of its queue require. Made once, used again and
/// again.</summary>
internal sealed class DiskRequest(LinuxDisk disk) : ScsiRequest
{
    /// <summary>Most sectors of a READ (10) or WRITE (10).</summary>
    private const uint MostSectors = ushort.MaxValue;

    /// <summary>How often a command is sent again whose failure was not its own (a reset, a unit attention).</summary>
    private const int MostRepeats = 5;

    private DiskOperation _operation;
    private ulong _sector;
    private uint _left;
    private ulong _busAddress;
    private int _repeats;

    /// <summary>The submitter's number for it.</summary>
    internal ulong Tag { get; private set; }

    internal void Set(DiskOperation operation, ulong sector, uint count, ulong busAddress, ulong tag)
    {
        _operation = operation;
        _sector = sector;
        _left = count;
        _busAddress = busAddress;
        _repeats = 0;
        Tag = tag;
    }

    /// <inheritdoc />
    internal override bool Prepare(ScsiSlot slot)
    {
        if (_operation != DiskOperation.Flush)
            return PrepareTransfer(slot);
        if (!disk.HasWriteCache)
        {
            disk.End(this, DiskStatus.Ok);
            return false;
        }
        // All of the cache: address and length 0 (SBC-3, 5.24). It may take long, so it gets twice the time, as the kernel's sd gives it.
        slot.SetCommand(
            [ScsiOpcode.SynchronizeCache10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            Request.OperationFlush,
            DataDirection.None,
            2 * ScsiExecution.DefaultTimeout,
            ScsiExecution.DefaultRetries);
        return true;
    }

    /// <inheritdoc />
    internal override void Finish(ScsiUnit unit, ScsiSlot? slot)
    {
        if (slot is null)
        {
            disk.End(this, new DiskStatus(DiskOutcome.Gone, default));
            return;
        }
        if (IsGood(slot))
        {
            uint done = slot.Request.__data_len;
            _sector += done / disk.SectorSize;
            _left -= done / disk.SectorSize;
            _busAddress += done;
            _repeats = 0;
            if (_left > 0)
                unit.Waiting.AddFirst(this);
            else
                disk.End(this, DiskStatus.Ok);
            return;
        }
        _ = SenseData.TryRead(slot.Sense, out var sense);
        var host = ScsiResult.Host(slot.Result);
        if (_repeats < MostRepeats && unit.Device.IsOnline && (sense.Key == SenseData.KeyUnitAttention || host is HostByte.Reset or HostByte.Requeue))
        {
            _repeats++;
            unit.Waiting.AddFirst(this);
            return;
        }
        ulong failed = SenseData.TryReadInformation(slot.Sense, out ulong blamed) && new Extent(_sector, _left).Contains(blamed) ? blamed : _sector;
        disk.End(this, new DiskStatus(OutcomeOf(host, sense, unit), sense, failed));
    }

    private static bool IsGood(ScsiSlot slot)
    {
        if (slot.Result == 0)
            return slot.Command.resid_len == 0;
        return ScsiResult.Host(slot.Result) == HostByte.Ok
            && SenseData.TryRead(slot.Sense, out var sense)
            && sense.Key is SenseData.KeyNone or SenseData.KeyRecovered
            && slot.Command.resid_len == 0;
    }

    private static DiskOutcome OutcomeOf(HostByte host, SenseTriple sense, ScsiUnit unit) => sense.Key switch
    {
        _ when !unit.Device.IsOnline || host is HostByte.NoConnect or HostByte.BadTarget => DiskOutcome.Gone,
        SenseData.KeyMedium => DiskOutcome.MediumError,
        0 or SenseData.KeyAborted => DiskOutcome.Aborted,
        _ => DiskOutcome.DeviceError,
    };

    private bool PrepareTransfer(ScsiSlot slot)
    {
        uint sectors = Math.Min(_left, MostSectors);
        uint bytes = slot.SetData(_busAddress, checked((uint)Math.Min((ulong)sectors * disk.SectorSize, uint.MaxValue)), disk.Limits, disk.SectorSize);
        if (bytes == 0)
        {
            // Not even one sector fits the queue's limits.
            disk.End(this, new DiskStatus(DiskOutcome.DeviceError, default));
            return false;
        }
        sectors = bytes / disk.SectorSize;
        bool isWrite = _operation == DiskOperation.Write;
        Span<byte> block = stackalloc byte[16];
        block.Clear();
        if (_sector + sectors <= uint.MaxValue)
        {
            block = block[..10];
            block[0] = isWrite ? ScsiOpcode.Write10 : ScsiOpcode.Read10;
            BinaryPrimitives.WriteUInt32BigEndian(block[2..], (uint)_sector);
            BinaryPrimitives.WriteUInt16BigEndian(block[7..], (ushort)sectors);
        }
        else
        {
            block[0] = isWrite ? ScsiOpcode.Write16 : ScsiOpcode.Read16;
            BinaryPrimitives.WriteUInt64BigEndian(block[2..], _sector);
            BinaryPrimitives.WriteUInt32BigEndian(block[10..], sectors);
        }
        slot.SetCommand(
            block,
            isWrite ? Request.OperationWrite : Request.OperationRead,
            isWrite ? DataDirection.ToDevice : DataDirection.FromDevice,
            ScsiExecution.DefaultTimeout,
            ScsiExecution.DefaultRetries);
        var request = slot.Request;
        request.__sector = _sector * (disk.SectorSize / 512);
        var command = slot.Command;
        command.underflow = bytes;
        command.transfersize = disk.SectorSize;
        return true;
    }
}
