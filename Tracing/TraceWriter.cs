using System.Text;
using L4;
using Registers;

namespace Tracing;

/// <summary>The driver domain's end of a trace. Used by the holder of the domain's baton; waits when the reader does not keep up.</summary>
public sealed class TraceWriter : IDisposable
{
    private readonly Mapping _mapping;
    private readonly TraceRing _ring;
    private readonly Notification _available;
    private readonly ulong _availableBits;
    private readonly Notification _room;
    private readonly Clock _clock;
    private readonly Func<nint, string> _describe;
    private readonly Dictionary<nint, uint> _sites = [];

    /// <param name="task">The driver's task.</param>
    /// <param name="channel">What the root gave it.</param>
    /// <param name="describe">Names an address of the driver's code. Asked once for each.</param>
    public TraceWriter(L4Task task, TraceChannel channel, Func<nint, string> describe)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(channel);
        _mapping = task.Map(channel.Ring);
        _ring = new TraceRing(_mapping, channel.Entries);
        _available = task.Open<Notification>(channel.Available, CapabilityRights.Write);
        _availableBits = channel.AvailableBits;
        _room = task.Open<Notification>(channel.Room);
        _clock = task.System.Clock;
        _describe = describe;
    }

    /// <summary>Tells of something.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="site">An address in the driver's code: who made the access, or the handler of an interrupt; 0 for nobody.</param>
    /// <param name="space">The address space of a register.</param>
    /// <param name="address">The register, or the line of an interrupt.</param>
    /// <param name="width">Bytes of one access.</param>
    /// <param name="value">What was read or is written, or the bytes of a block.</param>
    public void Write(TraceKind kind, nint site, PciSpace space, ulong address, int width, ulong value)
    {
        var record = new TraceRecord
        {
            Kind = kind,
            Space = space,
            Width = (byte)width,
            Site = site == 0 ? 0 : NumberOf(site),
            Time = _clock.Now,
            Address = address,
            Value = value,
        };
        Append(in record);
    }

    /// <inheritdoc />
    public void Dispose() => _mapping.Dispose();

    private unsafe uint NumberOf(nint site)
    {
        if (_sites.TryGetValue(site, out uint number))
            return number;
        number = (uint)_sites.Count + 1;
        _sites.Add(site, number);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(_describe(site));
        do
        {
            var piece = rest[..Math.Min(rest.Length, TraceRecord.TextBytes)];
            rest = rest[piece.Length..];
            var record = new TraceRecord
            {
                Kind = TraceKind.Site,
                Site = number,
                Time = _clock.Now,
                TextLength = (byte)piece.Length,
                Width = rest.Length > 0 ? TraceRecord.More : (byte)0,
            };
            piece.CopyTo(new Span<byte>(record.Text, TraceRecord.TextBytes));
            Append(in record);
        }
        while (rest.Length > 0);
        return number;
    }

    private void Append(in TraceRecord record)
    {
        uint written = _ring.Written;
        while (unchecked(written - Volatile.Read(ref _ring.Read)) >= _ring.Entries)
            WaitForRoom(written);
        _ring.Record(written) = record;
        Volatile.Write(ref _ring.Written, unchecked(written + 1));
        // Either this sees that the reader had taken all before, and wakes it, or the reader sees the record before it sleeps.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _ring.Read) == written)
            _available.Signal(_availableBits);
    }

    private void WaitForRoom(uint written)
    {
        Volatile.Write(ref _ring.Waiting, 1);
        Interlocked.MemoryBarrier();
        if (unchecked(written - Volatile.Read(ref _ring.Read)) >= _ring.Entries)
            _room.Wait();
        Volatile.Write(ref _ring.Waiting, 0);
    }
}
