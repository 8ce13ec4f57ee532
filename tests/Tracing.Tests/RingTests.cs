using L4;
using Registers;

namespace Tracing.Tests;

public sealed class RingTests
{
    [Fact]
    public void Everything_arrives_in_order_though_the_ring_is_full_again_and_again()
    {
        const int count = (int)TraceListener.RingEntries * 5;
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
            bed.Run(writer =>
            {
                for (int i = 0; i < count; i++)
                    writer.Write(TraceKind.Write, 0, PciSpace.Memory, (ulong)i, 4, 0);
            });
        sink.Lines.Select(line => (int)line.Address).ShouldBe(Enumerable.Range(0, count));
        sink.Counters!.Lines.ShouldBe(count);
        sink.Counters.Damaged.ShouldBe(0);
    }

    [Fact]
    public void A_driver_that_is_a_ring_ahead_waits_and_time_stands_still()
    {
        using var blocked = new ManualResetEventSlim();
        long after = -1;
        var sink = new LineSink { Before = blocked.Wait };
        using (var bed = new TraceBed(sink))
        {
            using var writing = new ManualResetEventSlim();
            var watcher = new Thread(() =>
            {
                writing.Wait();
                blocked.Set();
            });
            watcher.Start();
            bed.Run(writer =>
            {
                for (int i = 0; i < (int)TraceListener.RingEntries * 2; i++)
                {
                    if (i == TraceListener.RingEntries)
                        writing.Set();
                    writer.Write(TraceKind.Read, 0, PciSpace.Ports, TraceBed.Status, 1, 0x40);
                }
                after = bed.Clock.Now;
            });
            watcher.Join();
        }
        sink.Lines.Count.ShouldBe((int)TraceListener.RingEntries * 2);
        after.ShouldBe(0);
    }

    [Fact]
    public void A_place_in_the_driver_is_named_once_and_long_names_arrive_whole()
    {
        string name = new string('x', 300) + "é+0x1 [module]";
        int asked = 0;
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
        {
            var (task, channel) = bed.AddDriver("driver");
            task.StartThread("driver", () =>
            {
                using var writer = new TraceWriter(task, channel, _ =>
                {
                    asked++;
                    return name;
                });
                for (int i = 0; i < 3; i++)
                    writer.Write(TraceKind.Read, 0x1234, PciSpace.Ports, TraceBed.Status, 1, 0);
                writer.Write(TraceKind.Read, 0, PciSpace.Ports, TraceBed.Status, 1, 0);
            }).Join();
        }
        asked.ShouldBe(1);
        sink.Lines.Select(line => line.Site).ShouldBe([name, name, name, ""]);
    }

    [Fact]
    public void Control_characters_in_a_name_reach_no_terminal()
    {
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
        {
            var (task, channel) = bed.AddDriver("driver");
            task.StartThread("driver", () =>
            {
                using var writer = new TraceWriter(task, channel, _ => "evil\e[2J");
                writer.Write(TraceKind.Read, 1, PciSpace.Ports, TraceBed.Status, 1, 0);
            }).Join();
        }
        sink.Lines.Single().Site.ShouldBe("evil?[2J");
    }

    [Fact]
    public void Two_drivers_have_rings_of_their_own()
    {
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
        {
            foreach (string name in new[] { "one", "two" })
            {
                var (task, channel) = bed.AddDriver(name);
                task.StartThread("driver", () =>
                {
                    using var writer = new TraceWriter(task, channel, site => $"{name}_{site}");
                    for (int i = 0; i < 100; i++)
                        writer.Write(TraceKind.Read, 7, PciSpace.Ports, TraceBed.Status, 1, (ulong)i);
                }).Join();
            }
        }
        foreach (string name in new[] { "one", "two" })
        {
            var lines = sink.Lines.Where(line => line.Task == name).ToList();
            lines.Select(line => (int)line.Value).ShouldBe(Enumerable.Range(0, 100));
            lines.ShouldAllBe(line => line.Site == $"{name}_7");
        }
    }

    [Fact]
    public void What_no_writer_writes_is_counted_and_not_shown()
    {
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
        {
            var (task, channel) = bed.AddDriver("driver");
            task.StartThread("driver", () =>
            {
                using var writer = new TraceWriter(task, channel, _ => "");
                writer.Write((TraceKind)99, 0, PciSpace.Ports, 0, 1, 0);
                writer.Write(TraceKind.Read, 0, (PciSpace)9, 0, 1, 0);
                writer.Write(TraceKind.Read, 0, PciSpace.Ports, 0, 3, 0);
                writer.Write(TraceKind.Read, 0, PciSpace.Ports, TraceBed.Status, 1, 0x40);
            }).Join();
        }
        sink.Lines.Single().Text.ShouldBe("ready");
        sink.Counters!.Damaged.ShouldBe(3);
    }

    [Fact]
    public void A_counter_that_jumps_and_a_name_that_never_ends_do_no_harm()
    {
        var sink = new LineSink();
        using (var bed = new TraceBed(sink))
        {
            var (task, channel) = bed.AddDriver("driver");
            task.StartThread("driver", () =>
            {
                using var mapping = task.Map(channel.Ring);
                var ring = new TraceRing(mapping, channel.Entries);
                for (uint i = 0; i < 100; i++)
                    ring.Record(i) = new TraceRecord { Kind = TraceKind.Site, Site = 1, TextLength = TraceRecord.TextBytes, Width = TraceRecord.More };
                ring.Record(100) = new TraceRecord { Kind = TraceKind.Site, Site = 1, TextLength = 255 };
                ring.Record(101) = new TraceRecord { Kind = TraceKind.Read, Space = PciSpace.Ports, Width = 1, Site = 77, Address = TraceBed.Status };
                ring.Written = 102;
                task.Open<Notification>(channel.Available).Signal(channel.AvailableBits);
                while (Volatile.Read(ref ring.Read) != 102)
                    Thread.SpinWait(10);
                ring.Written = 0x8000_0000;
                task.Open<Notification>(channel.Available).Signal(channel.AvailableBits);
            }).Join();
        }
        sink.Lines.Single().Site.ShouldBe("?");
        sink.Counters!.Damaged.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_ring_that_does_not_fit_its_memory_is_refused()
    {
        var sink = new LineSink();
        using var bed = new TraceBed(sink);
        var (task, channel) = bed.AddDriver("driver");
        Should.Throw<ArgumentException>(() => new TraceWriter(task, channel with { Entries = channel.Entries * 2 }, _ => ""));
        Should.Throw<ArgumentException>(() => new TraceWriter(task, channel with { Entries = 100 }, _ => ""));
    }
}
