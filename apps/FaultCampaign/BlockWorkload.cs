using Bddf;
using Microsoft.Win32.SafeHandles;
using RootTask;

namespace FaultCampaign;

/// <summary>
/// Reads, writes and flushes of one client, many at a time, on an image that is looked at from outside too. It keeps its own account of what was
/// acknowledged. Requests that are under way at the same time do not overlap, so that each read has one answer.
/// </summary>
internal sealed class BlockWorkload : IWorkload
{
    private const int MediumSectors = 8192;
    private const int LongestRequest = 16;
    private const int MostDepth = 16;
    private const int Attempts = 4;
    private const int SlotBytes = LongestRequest * SectorPattern.Bytes;

    private readonly SafeFileHandle _file;
    private readonly TimeSpan _patience;
    private readonly HashSet<int> _written = [];
    private readonly Pending?[] _slots = new Pending?[MostDepth];
    private readonly List<string> _problems = [];
    private readonly byte[] _medium = new byte[MediumSectors * SectorPattern.Bytes];
    private readonly MediumModel _model = new(MediumSectors);
    private DdeSystem? _system;
    private BlockClient? _client;
    private BlockBuffer? _buffer;
    private ulong _writes;
    private int _failures;

    /// <param name="options">The system to start; its disk is the image.</param>
    /// <param name="image">A file that becomes the image.</param>
    /// <param name="patience">Within this time something must get on.</param>
    internal BlockWorkload(SystemOptions options, string image, TimeSpan patience)
    {
        _patience = patience;
        Options = options with { Disks = [image], Writable = true };
        for (int sector = 0; sector < MediumSectors; sector++)
            SectorPattern.Fill(_medium.AsSpan(sector * SectorPattern.Bytes), (ulong)sector, 0);
        File.WriteAllBytes(image, _medium);
        _file = UnlockedFile.Open(image);
    }

    /// <summary>A request under way.</summary>
    private sealed record Pending(BlockOperation Operation, int Sector, int Sectors, ulong FirstWrite);

    /// <inheritdoc />
    public SystemOptions Options { get; }

    /// <inheritdoc />
    public bool WantsFreshDriver => false;

    /// <inheritdoc />
    public void Attach(DdeSystem system)
    {
        _system = system;
        string disk = BlockClient.ListDisks(system.Client, system.BlockServer)[0].Name;
        _client = BlockClient.Open(system.Client, system.BlockServer, disk, BlockRights.Read | BlockRights.Write);
        _buffer = _client.AllocateBuffer(MostDepth * SlotBytes);
        Array.Clear(_slots);
    }

    /// <inheritdoc />
    public void Run(FaultCase fault, Random random, Action inject)
    {
        _written.Clear();
        _problems.Clear();
        _failures = 0;
        int submitted = 0;
        const int Requests = 2 * FaultPlan.LatestMoment;
        while (submitted < Requests || _client!.InFlight > 0)
        {
            while (submitted < Requests && Array.FindIndex(_slots, 0, fault.Depth, slot => slot is null) is >= 0 and var free)
            {
                Submit(free, random);
                submitted++;
                if (submitted == fault.Moment + 1)
                {
                    _client!.Ring();
                    inject();
                }
            }
            _client!.Ring();
            Reap();
        }
    }

    /// <inheritdoc />
    public WorkloadFindings Check()
    {
        var (lostBefore, corruptBefore) = (_model.LostWrites, _model.CorruptBytes);
        Repeat(new BlockRequest(0, BlockOperation.Flush, 0, 0, 0, 0));
        ReadBack();
        Look();
        return new WorkloadFindings(_model.LostWrites - lostBefore, _model.CorruptBytes - corruptBefore, _failures, [.. _problems]);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private void Submit(int slot, Random random)
    {
        int choice = random.Next(100);
        var operation = choice < 50 ? BlockOperation.Write : choice < 95 ? BlockOperation.Read : BlockOperation.Flush;
        if (operation == BlockOperation.Flush)
        {
            Start(slot, new Pending(operation, 0, 0, 0));
            return;
        }
        int sectors = 1 + random.Next(LongestRequest);
        int first;
        do
        {
            first = random.Next(MediumSectors - sectors);
        }
        while (Array.Exists(_slots, other => other is not null && first < other.Sector + other.Sectors && other.Sector < first + sectors));
        var pending = new Pending(operation, first, sectors, _writes + 1);
        if (operation == BlockOperation.Write)
        {
            _writes += (ulong)sectors;
            for (int index = 0; index < sectors; index++)
            {
                SectorPattern.Fill(SectorOf(slot, index), (ulong)(first + index), pending.FirstWrite + (ulong)index);
                _model.Submitted(first + index, pending.FirstWrite + (ulong)index);
                _written.Add(first + index);
            }
        }
        else
        {
            // What was there before would look like an answer.
            _buffer!.Bytes.Slice(slot * SlotBytes, sectors * SectorPattern.Bytes).Fill(0xee);
        }
        Start(slot, pending);
    }

    private void Start(int slot, Pending pending)
    {
        _slots[slot] = pending;
        bool isFlush = pending.Operation == BlockOperation.Flush;
        if (!_client!.TrySubmit(new BlockRequest((ulong)slot, pending.Operation, isFlush ? 0 : _buffer!.Id, isFlush ? 0 : (ulong)(slot * SlotBytes), (ulong)pending.Sector, (ulong)pending.Sectors)))
            throw new WorkloadException($"the session takes no more than {_client.InFlight} requests");
    }

    private void Reap()
    {
        if (_client!.InFlight == 0)
            return;
        if (!_client.Wait(_system!.Clock.Now + _patience.Ticks * TimeSpan.NanosecondsPerTick))
            throw new WorkloadException($"none of {_client.InFlight} requests was done within {_patience.TotalSeconds:0} s");
        Span<BlockCompletion> completions = stackalloc BlockCompletion[MostDepth];
        int count = _client.Reap(completions);
        foreach (ref readonly var completion in completions[..count])
            Completed((int)completion.Tag, completion.Status);
    }

    private void Completed(int slot, BlockStatus status)
    {
        var pending = _slots[slot]!;
        _slots[slot] = null;
        if (status != BlockStatus.Ok)
        {
            // The client was told: what it wrote may be there or not.
            _failures++;
            return;
        }
        for (int index = 0; index < pending.Sectors; index++)
        {
            int sector = pending.Sector + index;
            if (pending.Operation == BlockOperation.Write)
                _model.Acknowledged(sector, pending.FirstWrite + (ulong)index);
            else if (!_model.IsExplained(sector, SectorOf(slot, index)))
                _problems.Add($"a read of sector {sector} was acknowledged with data that are not its own");
        }
    }

    /// <summary>What the case has written, through the driver.</summary>
    private void ReadBack()
    {
        foreach (int sector in _written.Order())
        {
            Repeat(new BlockRequest(0, BlockOperation.Read, _buffer!.Id, 0, (ulong)sector, 1));
            Note(_model.Check(sector, SectorOf(0, 0)));
        }
    }

    /// <summary>All of the medium, from outside. What is spoiled is put right, so that it is counted once.</summary>
    private void Look()
    {
        RandomAccess.Read(_file, _medium, 0);
        for (int sector = 0; sector < MediumSectors; sector++)
        {
            var content = _medium.AsSpan(sector * SectorPattern.Bytes, SectorPattern.Bytes);
            if (_model.Check(sector, content) is not { } problem)
                continue;
            Note(problem + " (seen from outside)");
            SectorPattern.Fill(content, (ulong)sector, _model.LastOf(sector));
            RandomAccess.Write(_file, content, (long)sector * SectorPattern.Bytes);
        }
    }

    private void Note(string? problem)
    {
        if (problem is not null)
            _problems.Add(problem);
    }

    /// <summary>One request, more than once if it fails: a fault may strike late.</summary>
    private void Repeat(in BlockRequest request)
    {
        Span<BlockCompletion> completion = stackalloc BlockCompletion[1];
        for (int attempt = 1; ; attempt++)
        {
            if (!_client!.TrySubmit(request))
                throw new WorkloadException("the session takes no request");
            _client.Ring();
            if (!_client.Wait(_system!.Clock.Now + _patience.Ticks * TimeSpan.NanosecondsPerTick))
                throw new WorkloadException($"a {request.Operation} to look at the disk was not done within {_patience.TotalSeconds:0} s");
            _client.Reap(completion);
            if (completion[0].Status == BlockStatus.Ok)
                return;
            if (attempt == Attempts)
                throw new WorkloadException($"a {request.Operation} to look at the disk failed {Attempts} times: {completion[0].Status}");
        }
    }

    private Span<byte> SectorOf(int slot, int index) => _buffer!.Bytes.Slice(slot * SlotBytes + index * SectorPattern.Bytes, SectorPattern.Bytes);
}
