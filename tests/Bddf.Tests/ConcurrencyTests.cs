using Bddf.Testing;
using L4;

namespace Bddf.Tests;

/// <summary>The parts that threads share without a lock, on real threads.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public void Guard_lets_one_in_at_a_time_and_forgets_nobody()
    {
        const int threads = 4;
        const int entries = 20_000;
        var work = new GuardedWork();

        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (int i = 0; i < entries; i++)
                work.Post();
        });

        work.Done.ShouldBe(threads * entries);
        work.Overlaps.ShouldBe(0);
    }

    [Fact]
    public void Closed_guard_lets_nobody_in()
    {
        var guard = new EntryGuard();
        guard.TryEnter().ShouldBeTrue();
        guard.TryEnter().ShouldBeFalse();
        guard.TryLeave().ShouldBeFalse();
        guard.TryLeave().ShouldBeTrue();

        guard.Close();
        guard.Close();

        guard.IsClosed.ShouldBeTrue();
        guard.TryEnter().ShouldBeFalse();
    }

    [Fact]
    public void Request_is_claimed_once_however_many_try()
    {
        var table = new InFlightTable();
        for (int round = 0; round < 2000; round++)
        {
            var tags = new ulong[InFlightTable.Capacity];
            foreach (ref ulong tag in tags.AsSpan())
                table.TryAdd(default, out tag).ShouldBeTrue();
            table.TryAdd(default, out _).ShouldBeFalse();
            int claimed = 0;
            Parallel.Invoke(
                () => Array.ForEach(tags, tag => Count(table.TryClaim(tag, out _))),
                () => Array.ForEach([.. Enumerable.Range(0, InFlightTable.Capacity)], slot => Count(table.TryClaimSlot(slot, out _, out _))));
            claimed.ShouldBe(InFlightTable.Capacity);
            table.Count.ShouldBe(0);

            void Count(bool success)
            {
                if (success)
                    Interlocked.Increment(ref claimed);
            }
        }
    }

    [Fact]
    public void Sessions_that_close_while_their_requests_run_leave_the_system_whole()
    {
        using var system = new BlockTestSystem(new RealClock(), new RamDisk(4096));
        Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, worker =>
        {
            using var attached = system.Client.Enter();
            for (int i = 0; i < 100; i++)
            {
                var session = system.Open("disk0", BlockRights.Read);
                var memory = session.AllocateBuffer(64 * 512);
                for (uint tag = 0; tag < 64; tag++)
                    session.TrySubmit(new BlockRequest(tag, BlockOperation.Read, memory.Id, tag * 512, tag, 1));
                session.Ring();
                if (i % 2 == 0)
                    session.Wait();
                session.Dispose();
                memory.Dispose();
            }
        });
        foreach (string kind in new[] { "server-fault", "task-fault", "stray-completion" })
            system.System.Events.Counters.Keys.ShouldNotContain(key => key.Kind == kind);
    }

    [Fact]
    public void Driver_killed_under_load_answers_every_request()
    {
        for (int i = 0; i < 20; i++)
        {
            using var system = new BlockTestSystem(new RealClock(), new RamDisk(4096));
            using var attached = system.Client.Enter();
            using var session = system.Open("disk0", BlockRights.Read);
            using var memory = session.AllocateBuffer(512);
            var completions = new BlockCompletion[64];
            int rounds = 0;
            bool isGone = false;
            while (!isGone)
            {
                while (session.TrySubmit(new BlockRequest(1, BlockOperation.Read, memory.Id, 0, 0, 1)))
                {
                }
                session.Ring();
                if (++rounds == 10 + i)
                    system.DriverTask.Kill("under load");
                session.Wait();
                int count = session.Reap(completions);
                isGone = completions.AsSpan(0, count).ToArray().Any(c => c.Status == BlockStatus.DeviceGone);
            }
            while (session.Wait())
                session.Reap(completions);
            session.InFlight.ShouldBe(0u);
        }
    }

    private sealed class GuardedWork
    {
        private EntryGuard _guard;
        private int _posted;
        private int _inside;

        public int Done { get; private set; }

        public int Overlaps { get; private set; }

        public void Post()
        {
            Interlocked.Increment(ref _posted);
            if (!_guard.TryEnter())
                return;
            do
            {
                if (Interlocked.Increment(ref _inside) != 1)
                    Overlaps++;
                Done += Interlocked.Exchange(ref _posted, 0);
                Interlocked.Decrement(ref _inside);
            }
            while (!_guard.TryLeave());
        }
    }
}
