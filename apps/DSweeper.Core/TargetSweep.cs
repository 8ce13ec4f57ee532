using Bddf;
using L4;

namespace DSweeper.Core;

/// <summary>
/// One target, all its passes. Several large requests are in flight at a time, each in a part of the buffer of its own; one that the
/// medium fails is split until the sectors that cannot be had are known by number, and the rest goes on. For one thread.
/// </summary>
internal sealed class TargetSweep : IDisposable
{
    /// <summary>Bytes of a request, unless the device takes less at a time.</summary>
    private const uint RequestBytes = 1 << 20;

    /// <summary>Requests in flight: enough that the device never waits for the pattern to be made.</summary>
    private const int Depth = 8;

    /// <summary>Sectors that may fail without a single success in between while each is still tried on its own. After that a quarter of
    /// the rest of a request is given up at a time: a dead gibibyte takes minutes, not days, and few good sectors are lost behind it.</summary>
    private const ulong PatienceSectors = 64;

    /// <summary>Device faults in a row, without a single success, after which there is no use in going on: each may be a time-out.</summary>
    private const int PatienceFaults = 256;

    /// <summary>Neither zero nor, over a sector's length, anything that the random stream would hold.</summary>
    private const byte Poison = 0xA5;

    private readonly BlockClient _client;
    private readonly SweepPlan _plan;
    private readonly SweepTarget _target;
    private readonly ErasePattern _pattern;
    private readonly SweepCounters _counters;
    private readonly SectorFaultList _faults = new();
    private readonly Extent[] _slots;
    private readonly Stack<int> _free;
    private readonly Stack<Extent> _retries = new(64);
    private readonly BlockCompletion[] _completions = new BlockCompletion[Depth];
    private readonly BlockBuffer _buffer;
    private readonly ulong _requestSectors;
    private SweepOutcome? _stopped;
    private string? _message;
    private int _faultsInARow;
    private ulong _badInARow;
    private ulong _next;
    private ulong _read;
    private ulong _written;
    private ulong _verified;
    private bool _flushed;

    internal TargetSweep(BlockClient client, SweepPlan plan, SweepTarget target, ErasePattern pattern, SweepCounters counters)
    {
        _client = client;
        _plan = plan;
        _target = target;
        _pattern = pattern;
        _counters = counters;
        _requestSectors = Math.Min(RequestBytes / client.SectorSize, client.Info.MaximumSectors);
        int depth = (int)Math.Min(Depth, client.Info.Entries);
        _slots = new Extent[depth];
        _free = new Stack<int>(Enumerable.Range(0, depth));
        _buffer = client.AllocateBuffer(_requestSectors * client.SectorSize * (ulong)depth);
    }

    /// <summary>Runs the passes of the plan.</summary>
    internal SweepTargetReport Run()
    {
        if (_client.Sectors != _target.Sectors || _client.SectorSize != _target.SectorSize)
        {
            Stop(SweepOutcome.Refused,
                $"{_target.Name} has {_client.Sectors} sectors of {_client.SectorSize} bytes now; {_target.Sectors} of {_target.SectorSize} were planned");
            return Report();
        }
        if (_plan.Mode == SweepMode.ReadOnly)
        {
            RunPass(SweepPhase.Rehearse);
        }
        else
        {
            RunPass(SweepPhase.Write);
            RunFlush();
        }
        if (_plan.Verify)
            RunPass(SweepPhase.Verify);
        return Report();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // The session first: when an exception left requests in flight, only its end makes the buffer free.
        _client.Dispose();
        _buffer.Dispose();
    }

    private void RunPass(SweepPhase phase)
    {
        if (_stopped is not null)
            return;
        _counters.BeginPhase(phase);
        _next = 0;
        _retries.Clear();
        while (true)
        {
            // A wish that comes when nothing is left to do changes nothing.
            if (_counters.IsCanceled && _stopped is null && (_next < _target.Sectors || _retries.Count > 0))
                Stop(SweepOutcome.Canceled, $"{_target.Name}: stopped on request");
            while (_free.Count > 0 && TryTakeWork(out var sectors))
                Submit(phase, sectors);
            if (_free.Count == _slots.Length)
                return;
            _client.Ring();
            int count = _client.Reap(_completions);
            if (count == 0)
                _client.Wait();
            for (int index = 0; index < count; index++)
                Complete(phase, _completions[index]);
        }
    }

    private bool TryTakeWork(out Extent sectors)
    {
        sectors = default;
        if (_stopped is not null)
            return false;
        if (_retries.TryPop(out sectors))
            return true;
        ulong count = Math.Min(_requestSectors, _target.Sectors - _next);
        sectors = new Extent(_next, count);
        _next += count;
        return count != 0;
    }

    private void Submit(SweepPhase phase, Extent sectors)
    {
        int slot = _free.Pop();
        _slots[slot] = sectors;
        bool write = phase == SweepPhase.Write;
        // What was written still lies in the buffer: a disk that answers a read without transferring must not pass for one that wrote.
        if (write)
            _pattern.Fill(sectors.First * _target.SectorSize, Data(slot));
        else if (phase == SweepPhase.Verify)
            Data(slot).Fill(Poison);
        var request = new BlockRequest(
            (ulong)slot, write ? BlockOperation.Write : BlockOperation.Read, _buffer.Id, Offset(slot), sectors.First, sectors.Count);
        if (!_client.TrySubmit(in request))
            throw new InvalidOperationException($"The ring has {_client.Info.Entries} entries, yet no room for one of {_slots.Length} requests.");
    }

    private void Complete(SweepPhase phase, in BlockCompletion completion)
    {
        int slot = (int)completion.Tag;
        var sectors = _slots[slot];
        switch (completion.Status)
        {
            case BlockStatus.Ok:
                _faultsInARow = 0;
                _badInARow = 0;
                CountDone(phase, slot, sectors);
                break;
            case BlockStatus.MediumError when sectors.Contains(completion.FailedSector):
                SplitAt(phase, sectors, completion);
                break;
            case BlockStatus.MediumError or BlockStatus.DeviceFault or BlockStatus.Aborted:
                Halve(phase, sectors, completion);
                break;
            case BlockStatus.DeviceGone:
                Stop(SweepOutcome.DiskGone, $"{_target.Disk} went away while {Doing(phase)} sector {_target.FirstSector + sectors.First}");
                break;
            default:
                Stop(SweepOutcome.Refused, $"{_target.Name}: {Doing(phase)} {sectors.Count} sectors at {sectors.First} was refused: {completion.Status}");
                break;
        }
        _free.Push(slot);
    }

    private void CountDone(SweepPhase phase, int slot, Extent sectors)
    {
        ulong bytes = sectors.Count * _target.SectorSize;
        if (phase == SweepPhase.Write)
            _written += bytes;
        else
            _read += bytes;
        if (phase == SweepPhase.Verify && _plan.Mode == SweepMode.Write)
            Compare(sectors, Data(slot));
        _counters.Advance(bytes);
    }

    private void Compare(Extent sectors, ReadOnlySpan<byte> data)
    {
        ulong position = sectors.First * _target.SectorSize;
        int from = 0;
        while (from < data.Length)
        {
            int different = _pattern.FirstDifference(position + (ulong)from, data[from..]);
            int sectorSize = (int)_target.SectorSize;
            int right = different < 0 ? data.Length - from : different / sectorSize * sectorSize;
            _verified += (ulong)right;
            from += right;
            if (different < 0)
                return;
            AddFault(SweepPhase.Verify, new Extent(sectors.First + (ulong)(from / sectorSize), 1), SectorFaultList.Mismatch);
            from += sectorSize;
        }
    }

    /// <summary>The sector that the device names is given up, those around it are tried again.</summary>
    private void SplitAt(SweepPhase phase, Extent sectors, in BlockCompletion completion)
    {
        ulong before = completion.FailedSector - sectors.First;
        ulong after = sectors.Count - before - 1;
        bool inBadRegion = ++_badInARow > PatienceSectors;
        ulong given = inBadRegion ? 1 + after / 4 : 1;
        AddFault(phase, new Extent(completion.FailedSector, given), inBadRegion ? SectorFaultList.BadRegion : Reason(completion));
        Retry(new Extent(completion.FailedSector + given, sectors.Count - before - given));
        Retry(new Extent(sectors.First, before));
    }

    /// <summary>Without a sector that the device names, halves are tried until one sector is left.</summary>
    private void Halve(SweepPhase phase, Extent sectors, in BlockCompletion completion)
    {
        if (++_faultsInARow > PatienceFaults)
        {
            Stop(SweepOutcome.MediumErrors, $"{_target.Disk} failed {PatienceFaults} requests in a row ({Reason(completion)}); it is beyond use");
        }
        else if (sectors.Count == 1)
        {
            AddFault(phase, sectors, Reason(completion));
        }
        else
        {
            ulong half = sectors.Count / 2;
            Retry(new Extent(sectors.First + half, sectors.Count - half));
            Retry(new Extent(sectors.First, half));
        }
    }

    private void Retry(Extent sectors)
    {
        if (sectors.Count != 0)
            _retries.Push(sectors);
    }

    private static string Reason(in BlockCompletion completion)
    {
        string words = completion.Status switch
        {
            BlockStatus.MediumError => "medium error",
            BlockStatus.Aborted => "aborted",
            _ => "device fault",
        };
        return completion.Detail == 0 ? words : $"{words} (device said 0x{completion.Detail:x4})";
    }

    /// <summary>These sectors are done with, for the bad.</summary>
    private void AddFault(SweepPhase phase, Extent sectors, string reason)
    {
        if (_faults.IsFull)
        {
            Stop(SweepOutcome.MediumErrors,
                $"{_target.Name}: more than {SectorFaultList.Limit} separate ranges of sectors failed; {_target.Disk} is beyond use");
            return;
        }
        _faults.Add(new SectorFault(phase, _target.FirstSector + sectors.First, sectors.Count, reason));
        _counters.AddFaulty(sectors.Count);
        // What reads back as something else was transferred, and is counted there.
        if (reason != SectorFaultList.Mismatch)
            _counters.Advance(sectors.Count * _target.SectorSize);
    }

    /// <summary>Also after a stop by the person: what the report counts as written is then on the medium.</summary>
    private void RunFlush()
    {
        if (_stopped is not null and not SweepOutcome.Canceled)
            return;
        _counters.BeginPhase(SweepPhase.Flush);
        var completion = _client.Flush();
        _flushed = completion.Status == BlockStatus.Ok;
        if (completion.Status == BlockStatus.DeviceGone)
            Stop(SweepOutcome.DiskGone, $"{_target.Disk} went away before it confirmed the flush");
        else if (!_flushed)
        {
            _message ??= $"{_target.Disk} failed the flush ({completion.Status}, device said 0x{completion.Detail:x4}): "
                + "what was written may not be on the medium";
        }
    }

    private SweepTargetReport Report()
    {
        var outcome = _stopped ?? Judge();
        return new SweepTargetReport(
            _target, outcome, _read, _written, _verified, _flushed, _faults.Faults, TimeSpan.Zero, _message ?? Explain(outcome));
    }

    /// <summary>Success has to be proved: by every byte accepted, the flush confirmed and, if asked for, every byte read back right.</summary>
    private SweepOutcome Judge()
    {
        ulong bytes = _target.Bytes;
        if (_plan.Mode == SweepMode.ReadOnly)
            return _read == (_plan.Verify ? bytes * 2 : bytes) ? SweepOutcome.Rehearsed : SweepOutcome.MediumErrors;
        if (_written != bytes || !_flushed)
            return SweepOutcome.MediumErrors;
        if (!_plan.Verify)
            return SweepOutcome.Erased;
        return _verified == bytes ? SweepOutcome.Verified : _read == bytes ? SweepOutcome.VerificationFailed : SweepOutcome.MediumErrors;
    }

    private string? Explain(SweepOutcome outcome) => outcome switch
    {
        SweepOutcome.MediumErrors =>
            $"{_target.Name}: {Sectors(_faults.Sectors)} failed, the first is sector {_faults.Faults[0].FirstSector} of {_target.Disk}",
        SweepOutcome.VerificationFailed =>
            $"{_target.Name}: other data than written in {Sectors(_faults.Sectors)}, the first is sector {_faults.Faults[0].FirstSector} of {_target.Disk}",
        _ => null,
    };

    private static string Sectors(ulong count) => count == 1 ? "1 sector" : $"{count} sectors";

    private void Stop(SweepOutcome outcome, string message)
    {
        // The first reason is the one that matters; what follows from it does not replace it. Only a loss outranks a wish to stop.
        if (_stopped is null || (_stopped == SweepOutcome.Canceled && outcome != SweepOutcome.Canceled))
            (_stopped, _message) = (outcome, message);
    }

    private ulong Offset(int slot) => (ulong)slot * _requestSectors * _target.SectorSize;

    private Span<byte> Data(int slot) => _buffer.Bytes.Slice((int)Offset(slot), (int)(_slots[slot].Count * _target.SectorSize));

    private static string Doing(SweepPhase phase) => phase == SweepPhase.Write ? "writing" : "reading";
}
