using DdeKit;
using Emulator;
using L4;

namespace DdeLinux.Drivers.Tests;

public sealed class ErrorTests
{
    private const ushort PrimaryControl = 0x3f6;
    private const uint DisableInterrupt = 2;

    [KernelFact]
    public void An_unreadable_sector_is_a_medium_error_and_the_disk_goes_on() =>
        DriverDomain.RunWithDisk(new FailingMedium(new MemoryMedium(4096), new Extent(100 * 512, 512), default), (domain, disk) =>
        {
            ulong buffer = domain.AllocateBuffer(16 * 512);
            var status = domain.Execute(disk, DiskOperation.Read, 96, 16, buffer);
            status.Outcome.ShouldBe(DiskOutcome.MediumError, domain.Report());
            status.Sense.Key.ShouldBe(SenseData.KeyMedium);
            status.Sense.Code.ShouldBe((byte)0x11);
            domain.Execute(disk, DiskOperation.Read, 101, 16, buffer).ShouldBe(DiskStatus.Ok, domain.Report());
            domain.At(buffer, 512).SequenceEqual(MemoryMedium.Pattern(101)).ShouldBeTrue();
            domain.Kernel.Log.Lines.ShouldContain(line => line.Text.Contains("EH complete", StringComparison.Ordinal), domain.Report());
        });

    [KernelFact]
    public void Requests_behind_a_failing_one_are_done_after_the_recovery() =>
        DriverDomain.RunWithDisk(new FailingMedium(new MemoryMedium(4096), new Extent(100 * 512, 512), default), (domain, disk) =>
        {
            ulong area = domain.AllocateBuffer(8 * 512);
            for (int number = 0; number < 8; number++)
                disk.Submit(DiskOperation.Read, (ulong)(98 + number), 1, area + (ulong)(number * 512), (ulong)number);
            for (int number = 0; number < 8; number++)
                domain.WaitFor((ulong)number).Outcome.ShouldBe(number == 2 ? DiskOutcome.MediumError : DiskOutcome.Ok);
            domain.CompletionOrder.ShouldBe([0, 1, 2, 3, 4, 5, 6, 7]);
        });

    [KernelFact]
    public void A_failing_write_and_a_failing_flush_are_reported()
    {
        var medium = new FailingMedium(new MemoryMedium(4096), default, new Extent(512, 512));
        DriverDomain.RunWithDisk(medium, (domain, disk) =>
        {
            ulong buffer = domain.AllocateBuffer(512);
            domain.Execute(disk, DiskOperation.Write, 1, 1, buffer).Outcome.ShouldNotBe(DiskOutcome.Ok);
            domain.Execute(disk, DiskOperation.Write, 2, 1, buffer).ShouldBe(DiskStatus.Ok);
            medium.FlushFails = true;
            domain.Execute(disk, DiskOperation.Flush, 0, 0, 0).Outcome.ShouldNotBe(DiskOutcome.Ok);
            medium.FlushFails = false;
            domain.Execute(disk, DiskOperation.Flush, 0, 0, 0).ShouldBe(DiskStatus.Ok);
        });
    }

    [KernelFact]
    public void A_lost_interrupt_costs_a_time_out_and_not_the_request() => DriverDomain.RunWithDisk(new MemoryMedium(4096), (domain, disk) =>
    {
        ulong buffer = domain.AllocateBuffer(512);
        long before = domain.Kernel.Cpu.Now;
        domain.Kernel.Pci.Ports.Write(PrimaryControl, 1, DisableInterrupt);
        domain.Execute(disk, DiskOperation.Read, 9, 1, buffer).ShouldBe(DiskStatus.Ok, domain.Report());
        domain.At(buffer, 512).SequenceEqual(MemoryMedium.Pattern(9)).ShouldBeTrue();
        (domain.Kernel.Cpu.Now - before).ShouldBeGreaterThanOrEqualTo(ScsiExecution.DefaultTimeout);
        domain.Execute(disk, DiskOperation.Read, 10, 1, buffer).ShouldBe(DiskStatus.Ok, domain.Report());
    });

    [KernelFact]
    public void The_driver_leaves_its_device_and_comes_back() => DriverDomain.RunWithDisk(new MemoryMedium(4096), (domain, disk) =>
    {
        domain.Kernel.Pci.Ports.IsClaimed(0x1f0).ShouldBeTrue();
        domain.Kernel.Pci.Ports.IsClaimed(0x60).ShouldBeFalse("below the first claimed port");
        domain.Kernel.RemoveModule(domain.Kernel.Modules[1]);
        domain.Removed.ShouldBe([disk]);
        domain.Kernel.Disks.ShouldBeEmpty();
        domain.Kernel.Pci.Ports.IsClaimed(0x1f0).ShouldBeFalse();
        disk.Submit(DiskOperation.Read, 0, 1, 4096, 77);
        domain.WaitFor(77).Outcome.ShouldBe(DiskOutcome.Gone);

        domain.Insert("ata_piix");
        var again = domain.WaitForDisks(2)[1];
        again.Serial.ShouldBe(disk.Serial);
        ulong buffer = domain.AllocateBuffer(512);
        domain.Execute(again, DiskOperation.Read, 3, 1, buffer).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void Leaving_and_coming_back_leaks_no_memory() => DriverDomain.RunWithDisk(new MemoryMedium(4096), (domain, _) =>
    {
        var heap = domain.Kernel.Arena.Heap;
        var live = new List<long>();
        for (int round = 1; round <= 3; round++)
        {
            domain.Kernel.RemoveModule(domain.Kernel.Modules[1]);
            // The error handlers' threads end when they next run.
            domain.Kernel.Scheduler.Sleep(1_000_000_000);
            live.Add(heap.LiveObjects);
            domain.Insert("ata_piix");
            domain.WaitForDisks(round + 1);
        }
        live[2].ShouldBe(live[1]);
    });
}
