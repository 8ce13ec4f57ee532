using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L4;
using L4Io;

namespace Emulator;

/// <summary>
/// One channel's bus master and its interrupt: "Programming Interface for Bus Master IDE Controller", revision 1.0. The whole
/// transfer happens on the thread that started it, as soon as both the disk (DMARQ) and the host (start bit) want it, straight
/// between the medium and the memory that the descriptors name.
/// </summary>
internal sealed class BusMasterChannel : IAtaHost
{
    private readonly Piix3Ide _controller;
    private readonly AtaChannel _channel;
    private readonly InterruptLine _interrupt;
    private readonly EventLog _events;
    private readonly string _name;
    private byte _command;
    private byte _status;
    private uint _descriptorTable;

    // Where the walk through the table is: the descriptor to fetch next, and what the last fetched one has left.
    private uint _nextDescriptor;
    private uint _regionAddress;
    private int _regionRemaining;
    private bool _endOfTable;

    public BusMasterChannel(string name, Piix3Ide controller, AtaChannel channel, InterruptLine interrupt, EventLog events)
    {
        _name = name;
        _controller = controller;
        _channel = channel;
        _interrupt = interrupt;
        _events = events;
        channel.Attach(this);
    }

    private enum Step
    {
        Ready,
        Exhausted,
        Refused,
    }

    private bool IsActive => (_status & BusMasterStatus.Active) != 0;

    /// <inheritdoc />
    public void SetInterruptRequest(bool asserted)
    {
        if (asserted)
            _status |= BusMasterStatus.Interrupt;
        _interrupt.Set(asserted);
    }

    /// <inheritdoc />
    public void RequestDma() => Run();

    /// <summary>Reads one byte of the channel's registers.</summary>
    public byte Read(int register)
    {
        switch (register)
        {
            case BusMasterRegister.Command:
                return _command;
            case BusMasterRegister.Status:
                return _status;
            case >= BusMasterRegister.DescriptorTable:
                return (byte)(_descriptorTable >> 8 * (register - BusMasterRegister.DescriptorTable) & 0xff);
            default:
                return 0;
        }
    }

    /// <summary>Writes one byte of the channel's registers.</summary>
    public void Write(int register, byte value)
    {
        switch (register)
        {
            case BusMasterRegister.Command:
                WriteCommand(value);
                break;
            case BusMasterRegister.Status:
                WriteStatus(value);
                break;
            case >= BusMasterRegister.DescriptorTable:
                int shift = 8 * (register - BusMasterRegister.DescriptorTable);
                WriteDescriptorTable(_descriptorTable & ~(0xffu << shift) | (uint)value << shift);
                break;
            default:
                if (value != 0)
                    Report("reserved-write", $"register {register}, value 0x{value:x2}");
                break;
        }
    }

    /// <summary>Writes BMIDTP.</summary>
    public void WriteDescriptorTable(uint value)
    {
        if ((value & ~BusMasterRegister.DescriptorTableMask) != 0)
            Report("reserved-write", $"BMIDTP value 0x{value:x8}: bits 1:0 are reserved");
        _descriptorTable = value & BusMasterRegister.DescriptorTableMask;
    }

    private void WriteCommand(byte value)
    {
        if ((value & BusMasterCommand.Reserved) != 0)
            Report("reserved-write", $"BMICOM value 0x{value:x2}: reserved bits 0x{value & BusMasterCommand.Reserved:x2}");
        byte direction = (byte)((IsActive ? _command : value) & BusMasterCommand.WriteMemory);
        bool start = (value & BusMasterCommand.Start) != 0;
        bool wasStarted = (_command & BusMasterCommand.Start) != 0;
        _command = (byte)(direction | value & BusMasterCommand.Start);
        if (!start)
        {
            _status &= unchecked((byte)~BusMasterStatus.Active);
        }
        else if (!wasStarted)
        {
            _status |= BusMasterStatus.Active;
            _nextDescriptor = _descriptorTable;
            _regionRemaining = 0;
            _endOfTable = false;
            Run();
        }
    }

    private void WriteStatus(byte value)
    {
        if ((value & BusMasterStatus.Reserved) != 0)
            Report("reserved-write", $"BMISTA value 0x{value:x2}: reserved bits 0x{value & BusMasterStatus.Reserved:x2}");
        int cleared = value & (BusMasterStatus.Error | BusMasterStatus.Interrupt);
        _status = (byte)(_status & ~cleared & ~BusMasterStatus.DrivesCapable | value & BusMasterStatus.DrivesCapable);
    }

    /// <summary>Moves data if the disk wants to, the host started the channel and the function may master the bus.</summary>
    public void Run()
    {
        if (!IsActive || _channel.Selected is not { DmaRequested: true } disk)
            return;
        if (!_controller.MayMaster)
        {
            Report("bus-master-disabled", "the disk waits for DMA and PCICMD.BME is zero");
            return;
        }

        if (disk.DmaToHost != ((_command & BusMasterCommand.WriteMemory) != 0))
        {
            Report("dma-direction", $"BMICOM 0x{_command:x2} and the disk's command disagree on the direction; nothing is moved");
            return;
        }

        try
        {
            if (_controller.BeginDma() is { } memory)
            {
                Transfer(disk, memory);
            }
            else
            {
                Report("dma-refused", "started without any memory window");
                AbortAccess();
            }
        }
        finally
        {
            _controller.EndDma();
        }

        if (disk is { DmaRequested: true, DmaRemaining: 0 })
            disk.CompleteDma();
        _channel.UpdateInterrupt();
    }

    private void Transfer(AtaDisk disk, IDmaMemory memory)
    {
        // Regions that lie next to each other in the host's memory are moved at once.
        Span<byte> run = default;
        Step step;
        do
        {
            step = NextRegion(memory, disk.DmaRemaining - run.Length, disk.DmaToHost, out Span<byte> region);
            if (step != Step.Ready)
                break;
            if (TryJoin(ref run, region))
                continue;
            if (run.Length != 0 && !disk.TransferDma(run))
                return;
            run = region;
        }
        while (run.Length < disk.DmaRemaining);

        if (run.Length != 0 && !disk.TransferDma(run))
            return;
        if (step == Step.Refused)
            AbortAccess();

        // Active goes to zero before the interrupt: whoever is woken by it reads the final status.
        else if (_endOfTable && _regionRemaining == 0)
            _status &= unchecked((byte)~BusMasterStatus.Active);
    }

    private static bool TryJoin(ref Span<byte> run, Span<byte> region)
    {
        ref byte start = ref MemoryMarshal.GetReference(run);
        if (run.Length == 0 || !Unsafe.AreSame(ref Unsafe.Add(ref start, run.Length), ref MemoryMarshal.GetReference(region)))
            return false;
        run = MemoryMarshal.CreateSpan(ref start, run.Length + region.Length);
        return true;
    }

    /// <summary>The memory that comes next, no longer than <paramref name="wanted"/>, from the region under way or from the next
    /// descriptor.</summary>
    private Step NextRegion(IDmaMemory memory, long wanted, bool toMemory, out Span<byte> region)
    {
        region = default;
        if (_regionRemaining == 0)
        {
            if (_endOfTable)
                return Step.Exhausted;
            if (!FetchDescriptor(memory))
                return Step.Refused;
        }

        int length = (int)Math.Min(wanted, _regionRemaining);
        if (!memory.TryAccess(_regionAddress, length, toMemory ? DmaAccess.Write : DmaAccess.Read, out region))
        {
            Report("dma-refused", $"{length} bytes at 0x{_regionAddress:x8} to {(toMemory ? "write" : "read")}: outside the windows");
            return Step.Refused;
        }

        _regionAddress = unchecked(_regionAddress + (uint)length);
        _regionRemaining -= length;
        return Step.Ready;
    }

    private bool FetchDescriptor(IDmaMemory memory)
    {
        if ((unchecked(_nextDescriptor + RegionDescriptor.Size - 1) ^ _descriptorTable) >= RegionDescriptor.Boundary)
        {
            Report("descriptor-table", $"the table at 0x{_descriptorTable:x8} has no end before the next 64 KiB boundary");
            return false;
        }

        if (!memory.TryAccess(_nextDescriptor, RegionDescriptor.Size, DmaAccess.Read, out Span<byte> descriptor))
        {
            Report("dma-refused", $"descriptor at 0x{_nextDescriptor:x8}: outside the windows");
            return false;
        }

        _nextDescriptor = unchecked(_nextDescriptor + RegionDescriptor.Size);
        _regionAddress = BinaryPrimitives.ReadUInt32LittleEndian(descriptor) & ~1u;
        uint second = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[RegionDescriptor.CountOffset..]);
        uint count = second & RegionDescriptor.CountMask;
        _regionRemaining = (int)(count == 0 ? RegionDescriptor.Boundary : count);
        _endOfTable = (second & RegionDescriptor.EndOfTable) != 0;
        if (_regionRemaining <= RegionDescriptor.Boundary - _regionAddress % RegionDescriptor.Boundary)
            return true;
        Report("descriptor-region", $"region of {_regionRemaining} bytes at 0x{_regionAddress:x8} crosses a 64 KiB boundary");
        return false;
    }

    /// <summary>A PCI access was claimed by nobody: the channel stops with its error bit, and the disk goes on waiting.</summary>
    private void AbortAccess()
    {
        _status = (byte)(_status & ~BusMasterStatus.Active | BusMasterStatus.Error);
        _controller.ReceivedMasterAbort();
    }

    private void Report(string kind, string text) => _events.Report(_name, kind, text);
}
