using DdeKit;
using Emulator;

namespace DdeLinux.Drivers.Tests;

public sealed class DiskTests
{
    private const int Sectors = 16384;

    [KernelFact]
    public void A_disk_is_found_and_says_what_it_is() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        disk.Model.ShouldBe(DiskDescription.DefaultModel);
        disk.Serial.ShouldBe("SERIAL1");
        disk.Firmware.ShouldNotBeEmpty();
        disk.Sectors.ShouldBe((ulong)Sectors);
        disk.SectorSize.ShouldBe(512u);
        disk.Writable.ShouldBeTrue();
        disk.QueueDepth.ShouldBe(1);
        domain.Kernel.ProbeResult.ShouldBe(0);
    });

    [KernelFact]
    public void Masters_and_slaves_of_both_channels_are_found()
    {
        var disks = Enumerable.Range(1, 4).Select(number => new DiskDescription(new MemoryMedium(64 * number), $"S{number}")).ToArray();
        DriverDomain.Run(MachineDescription.WithDisks(disks), domain =>
        {
            domain.WaitForDisks(4).OrderBy(d => d.Name, StringComparer.Ordinal).Select(d => (d.Name, d.Serial, d.Sectors)).ShouldBe(
            [
                ("0:0:0:0", "S1", 64UL),
                ("0:0:1:0", "S2", 128UL),
                ("1:0:0:0", "S3", 192UL),
                ("1:0:1:0", "S4", 256UL),
            ]);
            ulong buffer = domain.AllocateBuffer(512);
            foreach (var disk in domain.Added)
                domain.Execute(disk, DiskOperation.Read, disk.Sectors - 1, 1, buffer).ShouldBe(DiskStatus.Ok);
        });
    }

    [KernelFact]
    public void A_machine_without_disks_is_probed_and_has_none() => DriverDomain.Run(MachineDescription.WithDisks(), domain =>
    {
        domain.Kernel.ProbeResult.ShouldBe(0);
        domain.Kernel.Disks.ShouldBeEmpty();
    });

    [KernelFact]
    public void Reads_of_any_size_and_place_get_the_right_sectors() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        // Odd starts make segments that end at a 64 KiB boundary in the middle of the data.
        ulong area = domain.AllocateBuffer(4 << 20);
        foreach (var (sector, count, offset) in new (ulong, uint, ulong)[] { (0, 1, 0), (7, 9, 512), (100, 255, 1024), (1000, 256, 66048), (2000, 4096, 3584), (16383, 1, 0) })
        {
            domain.Execute(disk, DiskOperation.Read, sector, count, area + offset).ShouldBe(DiskStatus.Ok);
            CheckPattern(domain, area + offset, sector, count);
        }
    });

    [KernelFact]
    public void What_was_written_is_on_the_medium_and_is_read_back()
    {
        var medium = new MemoryMedium(Sectors);
        DriverDomain.RunWithDisk(medium, (domain, disk) =>
        {
            const int Bytes = 200 * 512;
            ulong source = domain.AllocateBuffer(Bytes);
            ulong target = domain.AllocateBuffer(Bytes);
            new Random(1).NextBytes(domain.At(source, Bytes));
            domain.Execute(disk, DiskOperation.Write, 333, 200, source).ShouldBe(DiskStatus.Ok);
            domain.Execute(disk, DiskOperation.Read, 333, 200, target).ShouldBe(DiskStatus.Ok);
            domain.At(target, Bytes).SequenceEqual(domain.At(source, Bytes)).ShouldBeTrue();
            medium.Bytes.Slice(333 * 512, Bytes).SequenceEqual(domain.At(source, Bytes)).ShouldBeTrue();
            medium.Bytes.Slice(332 * 512, 512).SequenceEqual(MemoryMedium.Pattern(332)).ShouldBeTrue();
            medium.Bytes.Slice(533 * 512, 512).SequenceEqual(MemoryMedium.Pattern(533)).ShouldBeTrue();
        });
    }

    [KernelFact]
    public void A_flush_reaches_the_medium_when_the_disk_has_a_write_cache()
    {
        var medium = new MemoryMedium(Sectors);
        DriverDomain.RunWithDisk(medium, (domain, disk) =>
        {
            int before = medium.Flushes;
            domain.Execute(disk, DiskOperation.Flush, 0, 0, 0).ShouldBe(DiskStatus.Ok);
            (medium.Flushes - before).ShouldBe(disk.HasWriteCache ? 1 : 0);
        });
    }

    [KernelFact]
    public void Requests_beyond_the_queue_depth_wait_and_complete_in_order() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        // More than are made in advance.
        const int Requests = 200;
        ulong area = domain.AllocateBuffer(Requests * 512);
        for (int number = 0; number < Requests; number++)
            disk.Submit(DiskOperation.Read, (ulong)(number * 7), 1, area + (ulong)(number * 512), (ulong)number);
        domain.WaitFor(Requests - 1).ShouldBe(DiskStatus.Ok);
        domain.CompletionOrder.ShouldBe(Enumerable.Range(0, Requests).Select(number => (ulong)number));
        for (int number = 0; number < Requests; number++)
            CheckPattern(domain, area + (ulong)(number * 512), (ulong)(number * 7), 1);
    });

    [KernelFact]
    public void A_request_may_be_submitted_from_the_completion_of_another() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        ulong buffer = domain.AllocateBuffer(512);
        domain.OnCompleted = (which, tag, _) =>
        {
            if (tag < 5000)
                which.Submit(DiskOperation.Read, tag, 1, buffer, tag + 1);
        };
        disk.Submit(DiskOperation.Read, 0, 1, buffer, 0);
        domain.WaitFor(5000).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void A_request_larger_than_the_limits_is_split_and_completed_once() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        var queue = disk.Unit.Queue;
        domain.Kernel.BlockLimits.blk_queue_max_hw_sectors(queue, 24);
        domain.Kernel.BlockLimits.blk_queue_max_segments(queue, 2);
        disk.Revalidate();
        ulong area = domain.AllocateBuffer(1 << 20);
        domain.Execute(disk, DiskOperation.Read, 5, 1000, area + 512).ShouldBe(DiskStatus.Ok);
        domain.CompletionOrder.Count.ShouldBe(1);
        CheckPattern(domain, area + 512, 5, 1000);
    });

    [KernelFact]
    public void A_request_past_the_end_or_outside_the_arena_is_refused() => DriverDomain.RunWithDisk(new MemoryMedium(Sectors), (domain, disk) =>
    {
        ulong buffer = domain.AllocateBuffer(4096);
        Should.Throw<ArgumentOutOfRangeException>(() => disk.Submit(DiskOperation.Read, Sectors - 1, 2, buffer, 1)).Message.ShouldContain($"2 sectors from {Sectors - 1}");
        Should.Throw<ArgumentOutOfRangeException>(() => disk.Submit(DiskOperation.Read, ulong.MaxValue, 2, buffer, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => disk.Submit(DiskOperation.Read, 0, 0, buffer, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => disk.Submit(DiskOperation.Read, 0, 1, buffer + 1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => disk.Submit(DiskOperation.Read, 0, 2, domain.Kernel.Arena.Length - 512, 1));
    });

    private static void CheckPattern(DriverDomain domain, ulong bus, ulong sector, uint count)
    {
        for (uint index = 0; index < count; index++)
        {
            domain.At(bus + index * 512, 512).SequenceEqual(MemoryMedium.Pattern((int)(sector + index)))
                .ShouldBeTrue($"sector {sector + index} of the {count} from {sector}");
        }
    }
}
