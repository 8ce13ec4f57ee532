using L4;

namespace Emulator;

/// <content>Commands that move data: ATA/ATAPI-6, clause 9, "PIO data-in", "PIO data-out" and "DMA command protocol".</content>
internal sealed partial class AtaDisk
{
    /// <summary>Most sectors for each DRQ block (IDENTIFY DEVICE word 47).</summary>
    public const int HighestMultiple = 16;

    private enum Phase
    {
        None,
        PioIn,
        PioOut,
        DmaIn,
        DmaOut,
    }

    private readonly byte[] _block = new byte[HighestMultiple * SectorSize];
    private Phase _phase;
    private bool _extended;
    private bool _misdirected;

    // What the command has still to move, in bytes of the medium; for PIO without the block in _block.
    private long _offset;
    private long _remaining;

    // The DRQ block: how many sectors at most, and how far the host got.
    private int _blockSectors;
    private int _blockPosition;
    private int _blockLength;

    /// <summary>DMARQ: whether the device waits for the host to move data by DMA.</summary>
    public bool DmaRequested => _phase >= Phase.DmaIn;

    /// <summary>Direction of the DMA transfer: true when the disk is read.</summary>
    public bool DmaToHost => _phase == Phase.DmaIn;

    /// <summary>Bytes that the DMA command has still to move.</summary>
    public long DmaRemaining => _remaining;

    /// <summary>Moves the next bytes of a DMA command between the medium and <paramref name="memory"/>, which is no longer than
    /// <see cref="DmaRemaining"/>. False when the command ended with an error.</summary>
    public bool TransferDma(Span<byte> memory)
    {
        MediumFault? fault = _phase == Phase.DmaIn ? _medium.Read(_offset, memory) : _medium.Write(_offset, memory);
        if (fault is not null)
        {
            FailTransfer(fault);
            return false;
        }

        _offset += memory.Length;
        _remaining -= memory.Length;
        return true;
    }

    /// <summary>Ends a DMA command of which everything was moved.</summary>
    public void CompleteDma()
    {
        bool wrote = _phase == Phase.DmaOut;
        EndTransfer();
        if (wrote)
            CompleteWrite();
        else
            Complete();
    }

    /// <summary>Reads the Data register with 16-bit accesses until <paramref name="destination"/>, an even number of bytes, is full.</summary>
    public void ReadData(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_phase != Phase.PioIn)
            {
                ReportMisdirectedData("read", destination.Length);
                destination.Fill(0xff);
                return;
            }

            int count = Math.Min(destination.Length, _blockLength - _blockPosition);
            _block.AsSpan(_blockPosition, count).CopyTo(destination);
            destination = destination[count..];
            _blockPosition += count;
            if (_blockPosition == _blockLength)
                NextBlockIn();
        }
    }

    /// <summary>Writes all of <paramref name="source"/>, an even number of bytes, to the Data register with 16-bit accesses.</summary>
    public void WriteData(ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            if (_phase != Phase.PioOut)
            {
                ReportMisdirectedData("write", source.Length);
                return;
            }

            int count = Math.Min(source.Length, _blockLength - _blockPosition);
            source[..count].CopyTo(_block.AsSpan(_blockPosition));
            source = source[count..];
            _blockPosition += count;
            if (_blockPosition == _blockLength)
                BlockOutFilled();
        }
    }

    // A driver that recovers drains the data register with tens of thousands of reads: one report for each command is enough.
    private void ReportMisdirectedData(string access, int length)
    {
        if (!_misdirected)
            Report("data-without-request", $"{access} of {length} bytes, command 0x{CommandRegister:x2}, status 0x{StatusRegister:x2}");
        _misdirected = true;
    }

    private void BeginDma(bool extended, bool toHost)
    {
        if (!BeginTransfer(extended, write: !toHost))
            return;
        _phase = toHost ? Phase.DmaIn : Phase.DmaOut;
        StatusDataRequest = true;
    }

    private void BeginPioIn(bool extended, int blockSectors)
    {
        if (blockSectors == 0)
        {
            Abort("no SET MULTIPLE MODE before it");
            return;
        }

        if (!BeginTransfer(extended, write: false))
            return;
        _phase = Phase.PioIn;
        _blockSectors = blockSectors;
        NextBlockIn();
    }

    private void BeginPioOut(bool extended, int blockSectors)
    {
        if (blockSectors == 0)
        {
            Abort("no SET MULTIPLE MODE before it");
            return;
        }

        if (!BeginTransfer(extended, write: true))
            return;
        _phase = Phase.PioOut;
        _blockSectors = blockSectors;
        NextBlockOut();
    }

    private void BeginIdentify()
    {
        EndTransfer();
        IdentifyDevice.Fill(_block, this);
        _phase = Phase.PioIn;
        OfferBlock(SectorSize);
        InterruptPending = true;
    }

    /// <summary>The next DRQ block of a PIO data-in command: BSY, then DRQ and an interrupt; nothing at the end of the last one.</summary>
    private void NextBlockIn()
    {
        if (_remaining == 0)
        {
            EndTransfer();
            ShowIdle();
            return;
        }

        int length = (int)Math.Min(_remaining, _blockSectors * SectorSize);
        if (_medium.Read(_offset, _block.AsSpan(0, length)) is { } fault)
        {
            FailTransfer(fault);
            return;
        }

        _offset += length;
        _remaining -= length;
        OfferBlock(length);
        InterruptPending = true;
    }

    /// <summary>Asks for the next DRQ block of a PIO data-out command. The first has no interrupt.</summary>
    private void NextBlockOut() => OfferBlock((int)Math.Min(_remaining, _blockSectors * SectorSize));

    private void BlockOutFilled()
    {
        if (_medium.Write(_offset, _block.AsSpan(0, _blockLength)) is { } fault)
        {
            FailTransfer(fault);
            return;
        }

        _offset += _blockLength;
        _remaining -= _blockLength;
        if (_remaining == 0)
        {
            EndTransfer();
            CompleteWrite();
            return;
        }

        NextBlockOut();
        InterruptPending = true;
    }

    private void OfferBlock(int length)
    {
        _blockPosition = 0;
        _blockLength = length;
        StatusDataRequest = true;
    }

    private void Verify(bool extended)
    {
        if (!BeginTransfer(extended, write: false))
            return;
        while (_remaining > 0)
        {
            int length = (int)Math.Min(_remaining, _block.Length);
            if (_medium.Read(_offset, _block.AsSpan(0, length)) is { } fault)
            {
                FailTransfer(fault);
                return;
            }

            _offset += length;
            _remaining -= length;
        }

        Complete();
    }

    /// <summary>With the write cache off a write ends when it is durable (clause 6, write cache in SET FEATURES).</summary>
    private void CompleteWrite()
    {
        if (!_writeCache && _medium.Flush() is { } fault)
            FailDevice(fault);
        else
            Complete();
    }

    private void Flush()
    {
        if (_medium.Flush() is { } fault)
            FailDevice(fault);
        else
            Complete();
    }

    /// <summary>Reads address and count from the registers and checks them; false when the command ended with an error.</summary>
    private bool BeginTransfer(bool extended, bool write)
    {
        EndTransfer();
        _extended = extended;
        _power = PowerState.Active;
        if (write && _medium.IsReadOnly)
        {
            Abort("the medium is read-only");
            return false;
        }

        int count = extended ? Count48 : Count28;
        ulong first;
        if (extended)
        {
            first = Lba48;
        }
        else if (DeviceLba)
        {
            first = Lba28;
        }
        else if (!_geometry.TryToLba(Cylinder, Head, Sector, out first))
        {
            Report("address-not-found", $"command 0x{CommandRegister:x2}, cylinder {Cylinder} head {Head} sector {Sector} of {_geometry}");
            Fail(ErrorIdNotFoundMask);
            return false;
        }

        if (!new Extent(0, SectorCount).Contains(first, (ulong)count))
        {
            Report("address-not-found", $"command 0x{CommandRegister:x2}, {count} sectors from {first} on, the disk has {SectorCount}");
            LeaveAddress(Math.Max(first, SectorCount));
            Fail(ErrorIdNotFoundMask);
            return false;
        }

        _offset = (long)first * SectorSize;
        _remaining = (long)count * SectorSize;
        return true;
    }

    private void EndTransfer()
    {
        _phase = Phase.None;
        _remaining = 0;
        _misdirected = false;
    }

    private void FailTransfer(MediumFault fault)
    {
        bool wrote = _phase is Phase.PioOut or Phase.DmaOut;
        EndTransfer();
        LeaveAddress((ulong)(fault.Offset / SectorSize));
        if (wrote)
        {
            FailDevice(fault);
            return;
        }

        Report("medium-read", $"command 0x{CommandRegister:x2}, sector {fault.Offset / SectorSize}: {fault.Reason}");
        Fail(ErrorUncorrectableMask);
    }

    /// <summary>Error outputs: the address of the first sector in error, in the form that the command used.</summary>
    private void LeaveAddress(ulong lba)
    {
        if (_extended)
            Lba48 = lba;
        else if (DeviceLba)
            Lba28 = lba;
        else
            (Cylinder, Head, Sector) = _geometry.ToChs(lba);
    }
}
