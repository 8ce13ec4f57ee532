using L4;

namespace Emulator;

/// <summary>Who decodes which physical addresses. There are few devices, so a look-up walks a list, which is replaced whole on a change.</summary>
internal sealed class MemoryTable
{
    private readonly EventLog _events;
    private volatile MemoryRange[] _ranges = [];

    public MemoryTable(EventLog events) => _events = events;

    /// <summary>The range that decodes all of an access, or null.</summary>
    public MemoryRange? Find(ulong address, int width)
    {
        foreach (MemoryRange range in _ranges)
        {
            if (new Extent(range.First, range.Size).Contains(address, (ulong)width))
                return range;
        }

        return null;
    }

    /// <summary>Lets <paramref name="range"/> decode memory from <paramref name="first"/> on. Where another range does so already that one
    /// keeps all of it, and the conflict is reported.</summary>
    public void Claim(MemoryRange range, ulong first)
    {
        var wanted = new Extent(first, range.Size);
        if (Array.Find(_ranges, r => new Extent(r.First, r.Size).Overlaps(wanted)) is { } owner)
        {
            _events.Report(range.Name, "memory-conflict", $"memory 0x{first:x}+{range.Size} is decoded by {owner.Name} already");
            return;
        }

        range.First = first;
        _ranges = [.. _ranges, range];
    }

    /// <summary>Lets <paramref name="range"/> decode nothing.</summary>
    public void Release(MemoryRange range) => _ranges = [.. _ranges.Where(r => r != range)];
}
