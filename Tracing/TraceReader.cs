using System.Text;
using L4;

namespace Tracing;

/// <summary>The reader's end of one driver's ring. The writer is not trusted: each record is copied once and what cannot be is counted.</summary>
internal sealed unsafe class TraceReader : IDisposable
{
    private const int MostSites = 1 << 20;
    private const int LongestName = 1024;

    private readonly Mapping _mapping;
    private readonly TraceRing _ring;
    private readonly Notification _room;
    private readonly Dictionary<uint, string> _sites = [];
    private readonly List<byte> _name = [];
    private uint _read;

    internal TraceReader(Mapping mapping, uint entries, Notification room)
    {
        _mapping = mapping;
        _ring = new TraceRing(mapping, entries);
        _room = room;
    }

    /// <summary>Records that no honest writer writes; after the first one with a bad counter all are dropped.</summary>
    internal long Damaged { get; private set; }

    /// <summary>The time of the oldest record; null when there is none.</summary>
    internal long? NextTime => HasRecord ? _ring.Record(_read).Time : null;

    private bool HasRecord
    {
        get
        {
            uint written = Volatile.Read(ref _ring.Written);
            if (unchecked(written - _read) <= _ring.Entries)
                return written != _read;
            Damaged++;
            Advance(unchecked(written - _read));
            return false;
        }
    }

    /// <summary>The name of a place in the driver; empty for none.</summary>
    internal string NameOf(uint site) => _sites.GetValueOrDefault(site, site == 0 ? "" : "?");

    /// <summary>Takes the oldest record. Names of sites are kept and not returned.</summary>
    internal bool TryRead(out TraceRecord record)
    {
        record = default;
        if (!HasRecord)
            return false;
        record = _ring.Record(_read);
        Advance(1);
        switch (record.Kind)
        {
            case TraceKind.Site:
                TakeName(in record);
                return false;
            case TraceKind.Interrupt or TraceKind.UnhandledInterrupt:
                return true;
            case TraceKind.Read or TraceKind.Write or TraceKind.ReadBlock or TraceKind.WriteBlock
                when record.Width is 1 or 2 or 4 or 8 && record.Space is Registers.PciSpace.Configuration or Registers.PciSpace.Ports or Registers.PciSpace.Memory:
                return true;
            default:
                Damaged++;
                return false;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _mapping.Dispose();

    private void Advance(uint count)
    {
        _read = unchecked(_read + count);
        Volatile.Write(ref _ring.Read, _read);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _ring.Waiting) != 0)
            _room.Signal(1);
    }

    private void TakeName(in TraceRecord record)
    {
        if (record.TextLength > TraceRecord.TextBytes || _name.Count > LongestName || _sites.Count >= MostSites)
        {
            Damaged++;
            _name.Clear();
            return;
        }
        fixed (byte* text = record.Text)
            _name.AddRange(new ReadOnlySpan<byte>(text, record.TextLength));
        if (record.Width == TraceRecord.More)
            return;
        // A module's symbols may be called anything; a terminal is to get no commands from them.
        _sites[record.Site] = string.Concat(Encoding.UTF8.GetString([.. _name]).Select(c => char.IsControl(c) ? '?' : c));
        _name.Clear();
    }
}
