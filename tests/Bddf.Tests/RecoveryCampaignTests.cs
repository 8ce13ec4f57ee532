using System.Runtime.InteropServices;
using Bddf.Testing;
using L4;

namespace Bddf.Tests;

/// <summary>
/// A driver dies at every step that there is, under a client that writes numbered sectors, over each other too, many at a time. No write that
/// was acknowledged is lost, none is torn, and none comes back after a newer one.
/// </summary>
public sealed class RecoveryCampaignTests : IDisposable
{
    private const int AreaSectors = 48;
    private const int LongestWrite = 4;
    private const int Depth = 8;
    private const int SectorWords = 512 / sizeof(ulong);

    private readonly RamDisk _disk = new(64) { Latency = 1000, NewestFirst = true };
    private readonly BlockTestSystem _system = new();
    private readonly RamSupervisor _supervisor;
    private readonly IDisposable _attached;
    private readonly BlockClient _session;
    private readonly BlockBuffer _memory;
    private readonly ulong[] _submitted = new ulong[AreaSectors];
    private readonly ulong[] _acknowledged = new ulong[AreaSectors];
    private readonly (Extent Sectors, ulong Number)[] _slots = new (Extent, ulong)[Depth];
    private readonly List<string> _violations = [];
    private ulong _number;
    private int _stepsLeft;

    public RecoveryCampaignTests()
    {
        _disk.Step = () =>
        {
            if (Interlocked.Decrement(ref _stepsLeft) == 0)
                throw new InvalidOperationException("the test said so");
        };
        _supervisor = new RamSupervisor(_system, "fragile", _disk, CheckAcknowledged);
        _attached = _system.Client.Enter();
        _session = _system.Open();
        _memory = _session.AllocateBuffer(Depth * LongestWrite * 512);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _session.Dispose();
        _attached.Dispose();
        _supervisor.Stop();
        _system.Dispose();
    }

    [Fact]
    public void Driver_that_dies_at_any_step_loses_and_tears_no_acknowledged_write()
    {
        const int steps = 220;
        const int writes = 30;
        var random = new Random(11);
        for (int step = 1; step <= steps; step++)
        {
            Volatile.Write(ref _stepsLeft, step);
            Write(random, writes);
            Volatile.Write(ref _stepsLeft, 0);
            CheckSettled();
        }
        _violations.ShouldBeEmpty();
        // A run of the workload has about 150 steps: the last ones outlive it.
        _supervisor.Losses.ShouldBeGreaterThan(100);
        _number.ShouldBe((ulong)(steps * writes));
    }

    [Fact]
    public void Driver_that_dies_again_and_again_over_the_same_requests_gets_them_done_in_the_end()
    {
        var random = new Random(12);
        for (int step = 1; step <= 40; step++)
        {
            // Each dies a little later than the one before, the first without having done anything.
            int next = 1;
            _disk.Step = () =>
            {
                if (next > 0 && Interlocked.Decrement(ref _stepsLeft) == 0)
                {
                    Volatile.Write(ref _stepsLeft, next = next < 12 ? next + 1 : 0);
                    throw new InvalidOperationException("the test said so");
                }
            };
            Volatile.Write(ref _stepsLeft, step);
            Write(random, 12);
            CheckSettled();
        }
        _violations.ShouldBeEmpty();
        _supervisor.Losses.ShouldBeGreaterThan(300);
    }

    /// <summary>Writes as many at a time as fit, with a flush now and then, and waits for all.</summary>
    private void Write(Random random, int count)
    {
        var completions = new BlockCompletion[Depth];
        int written = 0, flushes = 0;
        var free = new Stack<int>(Enumerable.Range(0, Depth));
        while (written < count || _session.InFlight > 0)
        {
            while (written < count && free.Count > 0)
            {
                int slot = free.Pop();
                if (random.Next(8) == 0 && flushes < count)
                {
                    flushes++;
                    _slots[slot] = (default, 0);
                    _session.TrySubmit(new BlockRequest((ulong)slot, BlockOperation.Flush, 0, 0, 0, 0)).ShouldBeTrue();
                    continue;
                }
                Submit(slot, random);
                written++;
            }
            _session.Ring();
            _session.Wait().ShouldBeTrue();
            int reaped = _session.Reap(completions);
            foreach (var completion in completions.AsSpan(0, reaped))
            {
                completion.Status.ShouldBe(BlockStatus.Ok);
                var (sectors, number) = _slots[(int)completion.Tag];
                for (ulong sector = sectors.First; sector < sectors.First + sectors.Count; sector++)
                    _acknowledged[sector] = Math.Max(_acknowledged[sector], number);
                free.Push((int)completion.Tag);
            }
        }
    }

    private void Submit(int slot, Random random)
    {
        _number++;
        ulong sectors = (ulong)random.Next(1, LongestWrite + 1);
        ulong first = (ulong)random.Next(AreaSectors - LongestWrite);
        ulong offset = (ulong)slot * LongestWrite * 512;
        MemoryMarshal.Cast<byte, ulong>(_memory.Bytes.Slice((int)offset, (int)sectors * 512)).Fill(_number);
        _slots[slot] = (new Extent(first, sectors), _number);
        _submitted.AsSpan((int)first, (int)sectors).Fill(_number);
        _session.TrySubmit(new BlockRequest((ulong)slot, BlockOperation.Write, _memory.Id, offset, first, sectors)).ShouldBeTrue();
    }

    /// <summary>While there is no driver: what was acknowledged is there, or something newer.</summary>
    private void CheckAcknowledged()
    {
        for (int sector = 0; sector < AreaSectors; sector++)
        {
            ulong acknowledged = Volatile.Read(ref _acknowledged[sector]);
            var words = Words(sector);
            if (words.ContainsAnyExcept(words[0]) || words[0] < acknowledged)
                Violate($"sector {sector}: {words[0]} is on the disk, {acknowledged} was acknowledged");
        }
    }

    /// <summary>When all is done: what was written last is there.</summary>
    private void CheckSettled()
    {
        for (int sector = 0; sector < AreaSectors; sector++)
        {
            var words = Words(sector);
            if (words.ContainsAnyExcept(_submitted[sector]))
                Violate($"sector {sector}: {words[0]} is on the disk, {_submitted[sector]} was written last");
        }
    }

    /// <summary>The first few say enough.</summary>
    private void Violate(string what)
    {
        if (_violations.Count < 5)
            _violations.Add(what);
    }

    private ReadOnlySpan<ulong> Words(int sector) => MemoryMarshal.Cast<byte, ulong>(_disk.Content.AsSpan(sector * 512, 512))[..SectorWords];
}
