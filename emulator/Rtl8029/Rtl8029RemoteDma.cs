using System.Runtime.InteropServices;

namespace Emulator;

/// <summary>
/// Remote DMA: software moves bytes between the data port and the card's memory. DP8390D, section 8 "Remote DMA". Addresses that reach the
/// end of the receive ring go on at its start.
/// </summary>
internal sealed class Rtl8029RemoteDma(Rtl8029 card, Rtl8029Memory memory)
{
    private const int WordBytes = 2;

    private Operation _operation;
    private int _address;
    private int _remaining;
    private bool _reportedIdle;

    private enum Operation : uint
    {
        None = 0,
        Read = 1,
        Write = 2,
        SendPacket = 3,
    }

    /// <summary>CR was written with this operation.</summary>
    public void Start(uint operation)
    {
        _operation = operation <= (uint)Operation.Write ? (Operation)operation : Operation.None;
        if (operation == (uint)Operation.SendPacket)
            card.ReportUnmodelled("CR.RD send packet", operation);
        if (_operation == Operation.None)
            return;
        _reportedIdle = false;
        _address = (int)(card.Page0.RemoteStartLowAddress | card.Page0.RemoteStartHighAddress << 8);
        _remaining = (int)(card.Page0.RemoteCountLowCount | card.Page0.RemoteCountHighCount << 8);
        if (_remaining == 0)
            Complete();
    }

    /// <summary>Nothing is under way any more.</summary>
    public void Abort() => _operation = Operation.None;

    /// <summary>The data port is read.</summary>
    public uint Read(int width)
    {
        uint value = uint.MaxValue;
        ReadBlock(width, MemoryMarshal.AsBytes(new Span<uint>(ref value))[..width]);
        return value & LittleEndian.AllOnes(width);
    }

    /// <summary>The data port is written.</summary>
    public void Write(int width, uint value) => WriteBlock(width, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(ref value))[..width]);

    /// <summary>The data port is read again and again.</summary>
    public void ReadBlock(int width, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int run = NextRun(Operation.Read, width, destination.Length, out int address);
            if (run == 0)
            {
                destination.Fill(byte.MaxValue);
                return;
            }

            memory.Read(address, destination[..run]);
            destination = destination[run..];
        }
    }

    /// <summary>The data port is written again and again.</summary>
    public void WriteBlock(int width, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            int run = NextRun(Operation.Write, width, source.Length, out int address);
            if (run == 0)
                return;
            memory.Write(address, source[..run]);
            source = source[run..];
        }
    }

    /// <summary>How many bytes come next that lie in one piece of memory, and counts them as moved; 0 when nothing is under way.</summary>
    private int NextRun(Operation operation, int width, int wanted, out int address)
    {
        address = _address;
        if (_operation != operation)
        {
            ReportIdle(operation);
            return 0;
        }

        int stop = (int)card.Page0.PageStopPage * Rtl8029Memory.PageSize;
        int room = (_address < stop ? stop : Rtl8029Memory.AddressSpace) - _address;
        // A byte access in word mode moves a word, of which software sees the lower half.
        bool isHalf = width < WordBytes && card.Page0.DataControlWord;
        int run = isHalf ? 1 : Math.Min(Math.Min(wanted, room), RoundedUp(_remaining, width));
        int advance = isHalf ? Math.Min(WordBytes, room) : run;
        _address += advance;
        if (_address == stop)
            _address = (int)card.Page0.PageStartPage * Rtl8029Memory.PageSize;
        _address &= Rtl8029Memory.AddressSpace - 1;
        card.Page0.RemoteAddressLowAddress = (uint)_address & 0xff;
        card.Page0.RemoteAddressHighAddress = (uint)_address >> 8;
        _remaining -= advance;
        if (_remaining <= 0)
            Complete();
        return run;
    }

    private void Complete()
    {
        _operation = Operation.None;
        card.Page0.InterruptStatusRemoteComplete = true;
        card.UpdateInterrupt();
    }

    private void ReportIdle(Operation operation)
    {
        // Once for each command: a driver that reads too much does it many times.
        if (_reportedIdle)
            return;
        _reportedIdle = true;
        card.Report("remote-dma-idle", $"the data port is accessed to {(operation == Operation.Read ? "read" : "write")}, and no remote {(operation == Operation.Read ? "read" : "write")} is under way");
    }

    private static int RoundedUp(int count, int width) => (count + (width - 1)) / width * width;
}
