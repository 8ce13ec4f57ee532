using L4;

namespace Bddf.Testing;

/// <summary>A disk in memory with faults to order. Its settings may be changed while requests are in flight.</summary>
public sealed class RamDisk
{
    private readonly Lock _lock = new();
    private readonly List<(Extent Sectors, BlockOperation Operation)> _mediumErrors = [];
    private readonly List<Extent> _lostWrites = [];

    /// <param name="content">The medium; the disk works on this very array.</param>
    /// <param name="sectorSize">Bytes in a sector.</param>
    public RamDisk(byte[] content, uint sectorSize = 512)
    {
        Content = content;
        SectorSize = sectorSize;
    }

    /// <summary>A disk of zeros.</summary>
    public RamDisk(ulong sectors, uint sectorSize = 512)
        : this(new byte[sectors * sectorSize], sectorSize)
    {
    }

    /// <summary>The medium.</summary>
    public byte[] Content { get; }

    /// <summary>Bytes in a sector.</summary>
    public uint SectorSize { get; }

    /// <summary>Sectors of the disk.</summary>
    public ulong Sectors => (ulong)Content.Length / SectorSize;

    /// <summary>What the disk says it is.</summary>
    public string Model { get; init; } = "RAM DISK";

    /// <summary>Its serial number.</summary>
    public string Serial { get; init; } = "RAM0001";

    /// <summary>Whether it takes writes.</summary>
    public bool Writable { get; init; } = true;

    /// <summary>Sectors that one request may name at most.</summary>
    public uint MaximumSectors { get; init; } = 2048;

    /// <summary>Time that each round of requests takes, in nanoseconds of the system's clock.</summary>
    public long Latency { get; init; }

    /// <summary>Whether of all requests it has it does the newest first, as a disk that queues commands may.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Keeps requests in flight, unanswered, until it is reset; then <see cref="RamDiskDriver.Continue"/> goes on with them.</summary>
    public bool Hold { get; set; }

    /// <summary>Asked first for every request, on the driver's thread: a completion is given instead of doing the work; null: as usual.</summary>
    public Func<BlockRequest, BlockCompletion?>? Intercept { get; set; }

    /// <summary>Called on the driver's thread at each step: before a request, after each sector written, after the request, and once it was
    /// completed but before the framework hears of it. A test ends the driver at one of them by an exception.</summary>
    public Action? Step { get; set; }

    /// <summary>Requests that the disk has finished, by any status.</summary>
    public long Finished { get; private set; }

    /// <summary>Flushes that the disk has done.</summary>
    public long Flushes { get; private set; }

    internal DiskInfo Describe() =>
        new(Model, Serial, "1.0", SectorSize, Sectors, MaximumSectors, "RAM disk of the tests", Writable);

    /// <summary>From now on reads (or writes) that touch these sectors fail.</summary>
    public void FailMedium(Extent sectors, BlockOperation operation)
    {
        lock (_lock)
            _mediumErrors.Add((sectors, operation));
    }

    /// <summary>From now on writes to these sectors are lost, though the disk says that they were done.</summary>
    public void LoseWrites(Extent sectors)
    {
        lock (_lock)
            _lostWrites.Add(sectors);
    }

    internal BlockCompletion Do(in BlockRequest request, Span<byte> buffer)
    {
        Finished++;
        if (Intercept?.Invoke(request) is { } completion)
            return completion;
        Step?.Invoke();
        var sectors = new Extent(request.FirstSector, request.Sectors);
        lock (_lock)
        {
            foreach (var (bad, operation) in _mediumErrors)
            {
                if (operation == request.Operation && bad.Overlaps(sectors))
                    return new BlockCompletion(request.Tag, BlockStatus.MediumError, 0x4051, Math.Max(bad.First, sectors.First));
            }
            return new BlockCompletion(request.Tag, Transfer(request, sectors, buffer));
        }
    }

    private BlockStatus Transfer(in BlockRequest request, Extent sectors, Span<byte> buffer)
    {
        switch (request.Operation)
        {
            case BlockOperation.Read:
                Medium(sectors).CopyTo(buffer[(int)request.BufferOffset..]);
                return BlockStatus.Ok;
            case BlockOperation.Write:
                for (ulong i = 0; i < sectors.Count; i++)
                {
                    if (!_lostWrites.Exists(lost => lost.Contains(sectors.First + i)))
                        buffer.Slice((int)(request.BufferOffset + i * SectorSize), (int)SectorSize).CopyTo(Medium(new Extent(sectors.First + i, 1)));
                    Step?.Invoke();
                }
                return BlockStatus.Ok;
            case BlockOperation.Flush:
                Flushes++;
                return BlockStatus.Ok;
            case BlockOperation.Erase:
                Medium(sectors).Clear();
                return BlockStatus.Ok;
            default:
                return BlockStatus.Unsupported;
        }
    }

    private Span<byte> Medium(Extent sectors) => Content.AsSpan((int)(sectors.First * SectorSize), (int)(sectors.Count * SectorSize));
}
