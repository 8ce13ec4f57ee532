using L4;

namespace Nddf.Links;

/// <summary>
/// Which ports a frame goes to (IEEE 802.1Q-2018, clause 8.7 and 8.8): where its destination was last seen as a source, or everywhere but where it
/// came from. The table is bounded: in a full row the entry that was not seen for longest gives way, so a flood of addresses costs nothing but flooding.
/// </summary>
/// <remarks>Any thread: an entry is one word, and a race between two frames ends as if one had come first. Allocates nothing.</remarks>
public sealed class LearningSwitch
{
    /// <summary>The most ports: each is a bit.</summary>
    public const int MaximumPorts = 64;

    /// <summary>How long an address is remembered, as the standard recommends.</summary>
    public const long DefaultAgeing = 300_000_000_000;

    private const int Rows = 256;
    private const int RowEntries = 4;
    private const int PortBits = 8;

    /// <summary>Address and port in a word; 0 is empty, for no station has the address 0.</summary>
    private readonly ulong[] _entries = new ulong[Rows * RowEntries];
    private readonly long[] _seen = new long[Rows * RowEntries];
    private readonly Clock _clock;
    private readonly long _ageing;
    private readonly ulong _all;

    /// <param name="ports">How many ports.</param>
    /// <param name="clock">The system's time.</param>
    /// <param name="ageingNanoseconds">How long an address is remembered after it was last seen.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than <see cref="MaximumPorts"/> ports.</exception>
    public LearningSwitch(int ports, Clock clock, long ageingNanoseconds = DefaultAgeing)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ports, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ports, MaximumPorts);
        _clock = clock;
        _ageing = ageingNanoseconds;
        _all = ports == MaximumPorts ? ulong.MaxValue : (1UL << ports) - 1;
    }

    /// <summary>Addresses that the table can hold.</summary>
    public static int Capacity => Rows * RowEntries;

    /// <summary>Learns where the frame came from and says where it goes.</summary>
    /// <param name="port">Where it came from.</param>
    /// <param name="frame">The frame; one without a whole header goes nowhere.</param>
    /// <returns>A bit for each port.</returns>
    public ulong Forward(int port, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < FrameRing.HeaderBytes)
            return 0;
        long now = _clock.Now;
        var source = HardwareAddress.Read(frame[HardwareAddress.Octets..]);
        if (source.IsStation)
            Learn(source, port, now);
        var destination = HardwareAddress.Read(frame);
        ulong others = _all & ~(1UL << port);
        return destination.IsGroup || Find(destination, now) is not { } known ? others : others & 1UL << known;
    }

    private void Learn(HardwareAddress address, int port, long now)
    {
        int row = RowOf(address);
        int oldest = row;
        for (int i = row; i < row + RowEntries; i++)
        {
            ulong entry = Volatile.Read(ref _entries[i]);
            if (entry >> PortBits == address.Value || entry == 0)
            {
                oldest = i;
                break;
            }
            if (Volatile.Read(ref _seen[i]) < Volatile.Read(ref _seen[oldest]))
                oldest = i;
        }
        Volatile.Write(ref _seen[oldest], now);
        Volatile.Write(ref _entries[oldest], address.Value << PortBits | (uint)port);
    }

    private int? Find(HardwareAddress address, long now)
    {
        int row = RowOf(address);
        for (int i = row; i < row + RowEntries; i++)
        {
            ulong entry = Volatile.Read(ref _entries[i]);
            if (entry >> PortBits == address.Value && entry != 0)
                return now - Volatile.Read(ref _seen[i]) <= _ageing ? (int)(entry & ((1 << PortBits) - 1)) : null;
        }
        return null;
    }

    /// <summary>Multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4): vendors number their cards in a row.</summary>
    private static int RowOf(HardwareAddress address) => (int)(unchecked(address.Value * 0x9e37_79b9_7f4a_7c15) >> 56) * RowEntries;
}
