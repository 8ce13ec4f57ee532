using System.Diagnostics;
using Bddf;
using L4;
using Microsoft.Win32.SafeHandles;
using Ports;
using RootTask;

namespace Bench;

/// <summary>Reads a disk through the whole stack, and its image file by pread, in turns within one run, so that a noisy machine disturbs both alike.</summary>
public sealed class BlockBench
{
    private const int Rounds = 7;
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(250);

    private readonly Isolation _isolation;
    private readonly BlockClient _client;
    private readonly SafeFileHandle _file;
    private readonly DriverStatisticsProxy _statistics;

    private BlockBench(DdeSystem system, Isolation isolation, BlockClient client, SafeFileHandle file)
    {
        _isolation = isolation;
        _client = client;
        _file = file;
        _statistics = new DriverStatisticsProxy(system.Client, system.DriverStatistics[0]);
    }

    /// <summary>Measures all kinds of access, in one process and with processes of their own.</summary>
    /// <param name="image">A raw image; it is opened for reading only.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <exception cref="SystemStartException">The image cannot be used.</exception>
    public static IReadOnlyList<BlockBenchRow> Run(string image, Action<string> progress) =>
        [.. Run(image, Isolation.None, progress), .. Run(image, Isolation.Process, progress)];

    private static IReadOnlyList<BlockBenchRow> Run(string image, Isolation isolation, Action<string> progress)
    {
        progress($"isolation {isolation}");
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image], Client = "bench", Isolation = isolation }, progress);
        using var attached = system.Client.Enter();
        string disk = BlockClient.ListDisks(system.Client, system.BlockServer).Single().Name;
        using var client = BlockClient.Open(system.Client, system.BlockServer, disk, BlockRights.Read);
        using var file = File.OpenHandle(image);
        var bench = new BlockBench(system, isolation, client, file);
        return
        [
            bench.Measure("sequential 128 KiB", 128 * 1024, 1, sequential: true, progress),
            bench.Measure("sequential 128 KiB", 128 * 1024, 32, sequential: true, progress),
            bench.Measure("random 4 KiB", 4096, 1, sequential: false, progress),
            bench.Measure("random 4 KiB", 4096, 32, sequential: false, progress),
        ];
    }

    private BlockBenchRow Measure(string name, int bytes, int depth, bool sequential, Action<string> progress)
    {
        progress($"measuring {name} reads at queue depth {depth}");
        ulong places = _client.Sectors * _client.SectorSize / (ulong)bytes;
        if (places == 0)
            throw new SystemStartException(ExitCode.Disk, $"the disk has {_client.Sectors} sectors: too few for requests of {bytes} bytes");
        var positions = new Positions(places, sequential);
        using var buffer = _client.AllocateBuffer((ulong)(bytes * depth));
        // The first rounds bring the file into the page cache and the code to its last stage of compilation.
        ThroughStack(buffer, positions, bytes, depth);
        ByPread(buffer, positions, bytes, depth);
        ThroughStack(buffer, positions, bytes, depth);

        double[] stack = new double[Rounds], pread = new double[Rounds];
        var before = _statistics.Read();
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        long requests = 0;
        for (int round = 0; round < Rounds; round++)
        {
            (stack[round], long done) = ThroughStack(buffer, positions, bytes, depth);
            requests += done;
            pread[round] = ByPread(buffer, positions, bytes, depth);
        }
        double allocated = (GC.GetTotalAllocatedBytes() - allocatedBefore) / (double)requests;
        var after = _statistics.Read();
        var work = new DriverWork(
            (after.RegisterAccesses - before.RegisterAccesses) / (double)requests, (after.Interrupts - before.Interrupts) / (double)requests,
            (after.Traps - before.Traps) / (double)requests, (after.BatonHops - before.BatonHops) / (double)requests,
            (after.Sleeps - before.Sleeps) / (double)requests, (after.ProgrammedBytes - before.ProgrammedBytes) / (double)requests);
        double[] ratios = [.. stack.Zip(pread, (s, p) => s / p)];
        return new BlockBenchRow(name, _isolation, bytes, depth, Median(stack), Median(pread), Median(ratios), work, allocated);
    }

    private (double PerSecond, long Requests) ThroughStack(BlockBuffer buffer, Positions positions, int bytes, int depth)
    {
        Span<BlockCompletion> completions = stackalloc BlockCompletion[32];
        uint sectors = (uint)bytes / _client.SectorSize;
        for (int slot = 0; slot < depth; slot++)
            Submit(buffer, positions, slot, bytes, sectors);
        _client.Ring();
        long begun = Stopwatch.GetTimestamp();
        long done = 0;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(begun)) < s_round)
        {
            _client.Wait();
            int count = _client.Reap(completions);
            for (int i = 0; i < count; i++)
            {
                if (completions[i].Status != BlockStatus.Ok)
                    throw new SystemStartException(ExitCode.Disk, $"a read failed: {completions[i]}");
                Submit(buffer, positions, (int)completions[i].Tag, bytes, sectors);
            }
            _client.Ring();
            done += count;
        }
        while (_client.InFlight > 0)
        {
            _client.Wait();
            _client.Reap(completions);
        }
        return (done / elapsed.TotalSeconds, done);
    }

    private void Submit(BlockBuffer buffer, Positions positions, int slot, int bytes, uint sectors) =>
        _client.TrySubmit(new BlockRequest((ulong)slot, BlockOperation.Read, buffer.Id, (ulong)(slot * bytes), positions.Next() * sectors, sectors));

    /// <summary>Into the same memory as the requests, in turn: one place again and again would stay in the processor's cache.</summary>
    private double ByPread(BlockBuffer buffer, Positions positions, int bytes, int depth)
    {
        long begun = Stopwatch.GetTimestamp();
        long done = 0;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(begun)) < s_round)
        {
            int slot = (int)(done % depth);
            RandomAccess.Read(_file, buffer.Bytes.Slice(slot * bytes, bytes), (long)positions.Next() * bytes);
            done++;
        }
        return done / elapsed.TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Where to read next: in order, or anywhere.</summary>
    private sealed class Positions(ulong places, bool sequential)
    {
        private ulong _next = 0x9e37_79b9_7f4a_7c15;

        public ulong Next()
        {
            if (sequential)
                return _next = (_next + 1) % places;
            // xorshift64 (Marsaglia 2003): good enough to defeat read-ahead, and the same places in every run.
            _next ^= _next << 13;
            _next ^= _next >> 7;
            _next ^= _next << 17;
            return _next % places;
        }
    }
}
