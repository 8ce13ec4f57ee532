using Bddf;
using Bddf.Testing;
using DSweeper.Core;
using L4;

namespace DSweeper.Tests;

public sealed class SweepRunTests
{
    private const ulong PartitionFirst = 2048;
    private const ulong PartitionSectors = 8192;

    private static byte[] Content(ulong sectors = 16_384)
    {
        byte[] content = new byte[sectors * 512];
#pragma warning disable CA5394 // Reproducible, not secret.
        new Random(1).NextBytes(content);
#pragma warning restore CA5394
        PartitionTable.Write(content, (0x83, PartitionFirst, PartitionSectors));
        return content;
    }

    private static SweepRun Run(BlockTestSystem system, SweepMode mode, bool verify, EraseMethod method = EraseMethod.Zero, params string[] names)
    {
        using (system.Client.Enter())
        {
            var devices = BlockClient.ListDisks(system.Client, system.Server);
            return new SweepRun(system.Client, system.Server, SweepPlan.Create(devices, names.Length == 0 ? ["disk0p1"] : names, mode, method, verify));
        }
    }

    private static SweepReport Sweep(BlockTestSystem system, SweepRun run)
    {
        using (system.Client.Enter())
            return run.Run();
    }

    private static SweepTargetReport SweepOne(RamDisk disk, SweepMode mode, bool verify, EraseMethod method = EraseMethod.Zero, params string[] names)
    {
        using var system = new BlockTestSystem(disk);
        return Sweep(system, Run(system, mode, verify, method, names)).Targets.Single();
    }

    [Fact]
    public void Readonly_run_reads_what_it_would_erase_and_changes_nothing()
    {
        var disk = new RamDisk(Content());
        byte[] before = [.. disk.Content];
        var report = SweepOne(disk, SweepMode.ReadOnly, verify: false);
        report.Outcome.ShouldBe(SweepOutcome.Rehearsed, report.Message);
        (report.BytesRead, report.BytesWritten, report.Flushed).ShouldBe((PartitionSectors * 512, 0UL, false));
        disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
        disk.Flushes.ShouldBe(0);
    }

    [Fact]
    public void Readonly_run_with_verification_reads_twice() =>
        SweepOne(new RamDisk(Content()), SweepMode.ReadOnly, verify: true).BytesRead.ShouldBe(PartitionSectors * 512 * 2);

    [Fact]
    public void Write_plan_through_a_gate_without_the_write_right_is_refused_below_the_application()
    {
        var disk = new RamDisk(Content());
        byte[] before = [.. disk.Content];
        using var system = new BlockTestSystem(disk);
        var (task, server) = system.CreateClient("dsweeper", BlockRights.Read);
        using (task.Enter())
        {
            var plan = SweepPlan.Create(BlockClient.ListDisks(task, server), ["disk0p1"], SweepMode.Write, EraseMethod.Zero, true);
            var report = new SweepRun(task, server, plan).Run();
            report.Outcome.ShouldBe(SweepOutcome.Refused);
            report.Targets.Single().Message.ShouldNotBeNull().ShouldStartWith("disk0p1: ");
        }
        disk.Content.AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false, SweepOutcome.Erased, 0UL)]
    [InlineData(true, SweepOutcome.Verified, PartitionSectors * 512)]
    public void Zeros_fill_exactly_the_partition(bool verify, SweepOutcome outcome, ulong verified)
    {
        var disk = new RamDisk(Content());
        byte[] expected = [.. disk.Content];
        expected.AsSpan((int)PartitionFirst * 512, (int)PartitionSectors * 512).Clear();
        var report = SweepOne(disk, SweepMode.Write, verify);
        report.Outcome.ShouldBe(outcome);
        (report.BytesWritten, report.BytesVerified, report.Flushed).ShouldBe((PartitionSectors * 512, verified, true));
        disk.Content.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        disk.Flushes.ShouldBe(1);
    }

    [Fact]
    public void Random_data_is_verified_and_another_each_time()
    {
        var first = new RamDisk(Content());
        byte[] before = [.. first.Content];
        var second = new RamDisk(Content());
        SweepOne(first, SweepMode.Write, true, EraseMethod.Random).Outcome.ShouldBe(SweepOutcome.Verified);
        SweepOne(second, SweepMode.Write, true, EraseMethod.Random).Outcome.ShouldBe(SweepOutcome.Verified);
        int start = (int)PartitionFirst * 512;
        int end = start + (int)PartitionSectors * 512;
        first.Content.AsSpan(start, 512).SequenceEqual(second.Content.AsSpan(start, 512)).ShouldBeFalse();
        first.Content.AsSpan(start, 512).SequenceEqual(before.AsSpan(start, 512)).ShouldBeFalse();
        first.Content.AsSpan(0, start).SequenceEqual(before.AsSpan(0, start)).ShouldBeTrue();
        first.Content.AsSpan(end).SequenceEqual(before.AsSpan(end)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(512u, 1001UL, 1u)]
    [InlineData(512u, 5003UL, 7u)]
    [InlineData(4096u, 3001UL, 65_536u)]
    public void Odd_sizes_are_covered_to_the_last_sector(uint sectorSize, ulong sectors, uint maximum)
    {
        byte[] content = new byte[sectors * sectorSize];
        Array.Fill(content, (byte)0xA5);
        var disk = new RamDisk(content, sectorSize) { MaximumSectors = maximum };
        var report = SweepOne(disk, SweepMode.Write, true, EraseMethod.Zero, "disk0");
        report.Outcome.ShouldBe(SweepOutcome.Verified);
        content.AsSpan().ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Theory]
    [InlineData(EraseMethod.Zero)]
    [InlineData(EraseMethod.Random)]
    public void Disk_that_drops_writes_is_found_out_sector_by_sector(EraseMethod method)
    {
        var disk = new RamDisk(Content());
        disk.LoseWrites(new Extent(PartitionFirst + 3, 2));
        disk.LoseWrites(new Extent(PartitionFirst + PartitionSectors - 1, 1));
        var report = SweepOne(disk, SweepMode.Write, true, method);
        report.Outcome.ShouldBe(SweepOutcome.VerificationFailed);
        report.BytesVerified.ShouldBe((PartitionSectors - 3) * 512);
        report.Faults.ShouldBe([
            new SectorFault(SweepPhase.Verify, 2051, 2, SectorFaultList.Mismatch),
            new SectorFault(SweepPhase.Verify, 10_239, 1, SectorFaultList.Mismatch)]);
        report.Message.ShouldBe("disk0p1: other data than written in 3 sectors, the first is sector 2051 of disk0");
    }

    [Theory]
    [InlineData(EraseMethod.Zero)]
    [InlineData(EraseMethod.Random)]
    public void Disk_that_answers_reads_without_transferring_is_found_out(EraseMethod method)
    {
        bool written = false;
        var disk = new RamDisk(Content())
        {
            Intercept = request =>
            {
                written |= request.Operation == BlockOperation.Write;
                return written && request.Operation == BlockOperation.Read ? new BlockCompletion(request.Tag, BlockStatus.Ok) : null;
            },
        };
        var report = SweepOne(disk, SweepMode.Write, true, method);
        report.Outcome.ShouldBe(SweepOutcome.VerificationFailed);
        report.BytesVerified.ShouldBe(0UL);
    }

    [Fact]
    public void Bad_sectors_are_named_and_all_around_them_is_erased()
    {
        var disk = new RamDisk(Content());
        byte[] expected = [.. disk.Content];
        expected.AsSpan((int)PartitionFirst * 512, (int)PartitionSectors * 512).Clear();
        disk.Content.AsSpan(3000 * 512, 1024).CopyTo(expected.AsSpan(3000 * 512));
        disk.FailMedium(new Extent(3000, 2), BlockOperation.Write);
        disk.FailMedium(new Extent(3001, 1), BlockOperation.Read);
        var report = SweepOne(disk, SweepMode.Write, verify: true);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Faults.ShouldBe([
            new SectorFault(SweepPhase.Write, 3000, 2, "medium error (device said 0x4051)"),
            new SectorFault(SweepPhase.Verify, 3000, 1, SectorFaultList.Mismatch),
            new SectorFault(SweepPhase.Verify, 3001, 1, "medium error (device said 0x4051)")]);
        report.BytesWritten.ShouldBe((PartitionSectors - 2) * 512);
        disk.Content.AsSpan().SequenceEqual(expected).ShouldBeTrue();
    }

    [Fact]
    public void Fault_without_a_sector_number_is_narrowed_down_to_one()
    {
        var disk = new RamDisk(Content())
        {
            Intercept = request => request.Operation == BlockOperation.Write && new Extent(request.FirstSector, request.Sectors).Contains(5000UL)
                ? new BlockCompletion(request.Tag, BlockStatus.DeviceFault)
                : null,
        };
        var report = SweepOne(disk, SweepMode.Write, verify: false);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Faults.ShouldBe([new SectorFault(SweepPhase.Write, 5000, 1, "device fault")]);
        report.BytesWritten.ShouldBe((PartitionSectors - 1) * 512);
    }

    [Fact]
    public void Dead_region_is_given_up_in_steps_and_what_follows_is_erased()
    {
        long writes = 0;
        var disk = new RamDisk(Content())
        {
            MaximumSectors = 1024,
            Intercept = request =>
            {
                writes += request.Operation == BlockOperation.Write ? 1 : 0;
                return null;
            },
        };
        disk.FailMedium(new Extent(3000, 2500), BlockOperation.Write);
        var report = SweepOne(disk, SweepMode.Write, verify: false);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Faults.Select(fault => fault.Sectors).Aggregate(0UL, (sum, sectors) => sum + sectors).ShouldBeInRange(2500UL, 2500UL + 256);
        report.Faults.ShouldContain(fault => fault.Reason == SectorFaultList.BadRegion);
        writes.ShouldBeLessThan(200);
        report.BytesWritten.ShouldBe((PartitionSectors * 512) - report.Faults.Aggregate(0UL, (sum, fault) => sum + fault.Sectors) * 512);
        disk.Content.AsSpan(5756 * 512, (10_240 - 5756) * 512).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void Device_that_fails_everything_is_left_alone_soon()
    {
        long requests = 0;
        var disk = new RamDisk(Content())
        {
            Intercept = request =>
            {
                if (request.FirstSector == 0)
                    return null;
                requests++;
                return new BlockCompletion(request.Tag, BlockStatus.DeviceFault, 0x0451);
            },
        };
        var report = SweepOne(disk, SweepMode.ReadOnly, verify: false);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Message.ShouldBe("disk0 failed 256 requests in a row (device fault (device said 0x0451)); it is beyond use");
        requests.ShouldBeLessThan(300);
    }

    [Fact]
    public void Readonly_run_reports_unreadable_sectors()
    {
        var disk = new RamDisk(Content());
        disk.FailMedium(new Extent(2048, 1), BlockOperation.Read);
        var report = SweepOne(disk, SweepMode.ReadOnly, verify: false);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Message.ShouldBe("disk0p1: 1 sector failed, the first is sector 2048 of disk0");
    }

    [Fact]
    public void Success_is_not_claimed_when_the_flush_fails()
    {
        var disk = new RamDisk(Content())
        {
            Intercept = request => request.Operation == BlockOperation.Flush ? new BlockCompletion(request.Tag, BlockStatus.DeviceFault, 0x0451) : null,
        };
        var report = SweepOne(disk, SweepMode.Write, verify: true);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Flushed.ShouldBeFalse();
        report.Message.ShouldNotBeNull().ShouldStartWith("disk0 failed the flush (DeviceFault, device said 0x0451)");
    }

    [Fact]
    public void Disk_with_faults_everywhere_ends_the_run()
    {
        var disk = new RamDisk(new byte[20_000 * 512])
        {
            Intercept = request => request.Sectors > 1 || request.FirstSector % 2 == 0 ? new BlockCompletion(request.Tag, BlockStatus.DeviceFault) : null,
        };
        var report = SweepOne(disk, SweepMode.Write, false, EraseMethod.Zero, "disk0");
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
        report.Faults.Count.ShouldBe(SectorFaultList.Limit);
        report.Message.ShouldNotBeNull().ShouldContain("more than 4096 separate ranges");
    }

    [Theory]
    [InlineData(SweepMode.ReadOnly)]
    [InlineData(SweepMode.Write)]
    public void Death_of_the_driver_ends_the_run_as_a_disk_that_went_away(SweepMode mode)
    {
        BlockTestSystem? system = null;
        var disk = new RamDisk(Content())
        {
            MaximumSectors = 16,
            Intercept = request =>
            {
                if (mode == SweepMode.Write ? request.Operation == BlockOperation.Write : request.FirstSector > PartitionFirst)
                    system?.DriverTask.Kill("oops at piix_init+0x10");
                return null;
            },
        };
        using (system = new BlockTestSystem(disk))
        {
            var report = Sweep(system, Run(system, mode, true));
            report.Outcome.ShouldBe(SweepOutcome.DiskGone);
            report.Targets.Single().Message.ShouldNotBeNull().ShouldStartWith("disk0 went away ");
            report.Targets.Single().Message.ShouldEndWith("oops at piix_init+0x10");
        }
    }

    [Fact]
    public void Cancelled_write_is_flushed_and_never_called_done()
    {
        SweepRun? run = null;
        var disk = new RamDisk(Content())
        {
            MaximumSectors = 16,
            Intercept = request =>
            {
                if (request.Operation == BlockOperation.Write && request.FirstSector > PartitionFirst + 1000)
                    run!.Cancel();
                return null;
            },
        };
        using var system = new BlockTestSystem(disk);
        run = Run(system, SweepMode.Write, true, EraseMethod.Zero, "disk0p1");
        var report = Sweep(system, run);
        report.Outcome.ShouldBe(SweepOutcome.Canceled);
        var target = report.Targets.Single();
        target.BytesWritten.ShouldBeInRange(1000UL * 512, 1300UL * 512);
        target.BytesVerified.ShouldBe(0UL);
        target.Flushed.ShouldBeTrue();
        disk.Content.AsSpan((int)PartitionFirst * 512, (int)target.BytesWritten).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void Wish_to_stop_that_comes_after_the_last_request_changes_nothing()
    {
        SweepRun? run = null;
        var disk = new RamDisk(Content())
        {
            Intercept = request =>
            {
                if (run?.Progress.Phase == SweepPhase.Verify)
                    run.Cancel();
                return null;
            },
        };
        using var system = new BlockTestSystem(disk);
        run = Run(system, SweepMode.Write, true);
        Sweep(system, run).Outcome.ShouldBe(SweepOutcome.Verified);
    }

    [Fact]
    public void Cancelled_before_it_began_leaves_all_targets_untouched()
    {
        using var system = new BlockTestSystem(new RamDisk(Content()), new RamDisk(Content()) { Serial = "RAM0002" });
        var run = Run(system, SweepMode.Write, false, EraseMethod.Zero, "disk0p1", "disk1p1");
        run.Cancel();
        var report = Sweep(system, run);
        report.Targets.ShouldBeEmpty();
        report.Outcome.ShouldBe(SweepOutcome.Canceled);
    }

    [Fact]
    public void One_bad_disk_does_not_keep_the_next_from_being_erased()
    {
        var bad = new RamDisk(Content());
        bad.FailMedium(new Extent(2048, 1), BlockOperation.Write);
        var good = new RamDisk(Content()) { Serial = "RAM0002" };
        using var system = new BlockTestSystem(bad, good);
        var report = Sweep(system, Run(system, SweepMode.Write, true, EraseMethod.Zero, "disk0p1", "disk1p1"));
        report.Targets.Select(target => target.Outcome).ShouldBe([SweepOutcome.MediumErrors, SweepOutcome.Verified]);
        report.Outcome.ShouldBe(SweepOutcome.MediumErrors);
    }

    [Fact]
    public void Progress_counts_every_pass_and_knows_the_time_left()
    {
        SweepRun? run = null;
        var seen = new List<SweepProgress>();
        var disk = new RamDisk(Content())
        {
            Latency = 1_000_000_000,
            Intercept = _ =>
            {
                if (run is not null)
                    seen.Add(run.Progress);
                return null;
            },
        };
        using var system = new BlockTestSystem(disk);
        run = Run(system, SweepMode.Write, true);
        Sweep(system, run);
        seen.Select(progress => progress.Phase).Distinct().ShouldBe([SweepPhase.Write, SweepPhase.Flush, SweepPhase.Verify]);
        seen.Select(progress => progress.TotalBytes).ShouldBeInOrder();
        var last = run.Progress;
        last.TotalBytes.ShouldBe(PartitionSectors * 512 * 2);
        last.Fraction.ShouldBe(1);
        last.Remaining.ShouldBe(TimeSpan.Zero);
        seen.ShouldContain(progress => progress.Remaining > TimeSpan.Zero && progress.BytesPerSecond > 0);
    }
}
