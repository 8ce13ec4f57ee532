using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L4;
using L4Io;
using Registers;

namespace Emulator;

/// <summary>
/// One channel's bus master and its interrupt: "Programming Interface for Bus Master IDE Controller", revision 1.0. The whole
/// transfer happens on the thread that started it, as soon as both the disk (DMARQ) and the host (start bit) want it, straight
/// between the medium and the memory that the descriptors name.
/// </summary>
[RegisterFile("piix3-ide.rdl", "primary.busMaster")]
internal sealed partial class BusMasterChannel : PortRange, IAtaHost
{
    /// <summary>Ports of one channel; the secondary channel's follow the primary's.</summary>
    public const int PortCount = 8;

    private readonly Piix3Ide _controller;
    private readonly AtaChannel _channel;
    private readonly InterruptLine _interrupt;
    private readonly EventLog _events;

    // Where the walk through the table is: the descriptor to fetch next, and what the last fetched one has left.
    private uint _nextDescriptor;
    private uint _regionAddress;
    private int _regionRemaining;
    private bool _endOfTable;

    public BusMasterChannel(string name, Piix3Ide controller, AtaChannel channel, InterruptLine interrupt, EventLog events)
        : base(name, PortCount)
    {
        _events = events;
        _controller = controller;
        _channel = channel;
        _interrupt = interrupt;
        channel.Attach(this);
    }

    private enum Step
    {
        Ready,
        Exhausted,
        Refused,
    }

    /// <inheritdoc />
    public void SetInterruptRequest(bool asserted)
    {
        if (asserted)
            StatusInterrupt = true;
        _interrupt.Set(asserted);
    }

    /// <inheritdoc />
    public void RequestDma() => Run();

    /// <summary>Resets the channel and, as RESET- on its cable does, the disks.</summary>
    public void ResetChannel()
    {
        Reset();
        _regionRemaining = 0;
        _endOfTable = false;
        _channel.ResetHardware();
    }

    private partial void OnCommandWritten(uint old, uint written, uint accessed)
    {
        if (!CommandStart)
        {
            StatusActive = false;
        }
        else if ((old & CommandStartMask) == 0)
        {
            StatusActive = true;
            _nextDescriptor = DescriptorTableRegister;
            _regionRemaining = 0;
            _endOfTable = false;
            Run();
        }
    }

    private partial uint OnUndecodedRead(int offset, int width)
    {
        // Between the registers there are reserved ports, which read as zero.
        if (offset % width == 0)
            return 0;
        ReportAlignment("read", offset, width);
        return LittleEndian.AllOnes(width);
    }

    private partial void OnUndecodedWrite(int offset, int width, uint value)
    {
        if (offset % width != 0)
            ReportAlignment("write", offset, width);
        else if (value != 0)
            OnReservedWrite(offset, value);
    }

    private partial void OnReservedWrite(int offset, uint bits) =>
        Report("reserved-write", $"{RegisterName(offset) ?? $"register {offset}"}: reserved bits 0x{bits:x} written as one");

    private void ReportAlignment(string access, int offset, int width) =>
        Report("bad-width", $"{width}-byte {access} of bus master register {offset}: not aligned");

    /// <summary>Moves data if the disk wants to, the host started the channel and the function may master the bus.</summary>
    public void Run()
    {
        if (!StatusActive || _channel.Selected is not { DmaRequested: true } disk)
            return;
        if (!_controller.CommandBusMaster)
        {
            Report("bus-master-disabled", "the disk waits for DMA and PCICMD.BME is zero");
            return;
        }

        if (disk.DmaToHost != CommandToMemory)
        {
            Report("dma-direction", $"BMICOM 0x{CommandRegister:x2} and the disk's command disagree on the direction; nothing is moved");
            return;
        }

        using (var dma = _controller.UseDma())
        {
            if (dma.Memory is { } memory)
            {
                Transfer(disk, memory);
            }
            else
            {
                Report("dma-refused", "started without any memory window");
                AbortAccess();
            }
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
            StatusActive = false;
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
        if ((unchecked(_nextDescriptor + RegionDescriptor.Size - 1) ^ DescriptorTableRegister) >= RegionDescriptor.Boundary)
        {
            Report("descriptor-table", $"the table at 0x{DescriptorTableRegister:x8} has no end before the next 64 KiB boundary");
            return false;
        }

        if (!memory.TryAccess(_nextDescriptor, RegionDescriptor.Size, DmaAccess.Read, out Span<byte> descriptor))
        {
            Report("dma-refused", $"descriptor at 0x{_nextDescriptor:x8}: outside the windows");
            return false;
        }

        _nextDescriptor = unchecked(_nextDescriptor + RegionDescriptor.Size);
        var region = RegionDescriptor.Read(descriptor);
        (_regionAddress, _regionRemaining, _endOfTable) = region;
        if (!region.IsCrossing)
            return true;
        Report("descriptor-region", $"region of {_regionRemaining} bytes at 0x{_regionAddress:x8} crosses a 64 KiB boundary");
        return false;
    }

    /// <summary>A PCI access was claimed by nobody: the channel stops with its error bit, and the disk goes on waiting.</summary>
    private void AbortAccess()
    {
        StatusActive = false;
        StatusError = true;
        _controller.StatusReceivedMasterAbort = true;
    }

    private void Report(string kind, string text) => _events.Report(Name, kind, text);
}
