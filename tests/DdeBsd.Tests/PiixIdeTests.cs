using DdeKit;
using Emulator;
using L4;

namespace DdeBsd.Tests;

/// <summary>The PIIX driver, compiled from source, on the emulated controller.</summary>
public sealed class PiixIdeTests
{
    [CompilerFact]
    public void A_sector_is_read_by_bus_master_dma() => BsdDomain.RunWithDisk(new MemoryMedium(2048), (domain, disk) =>
    {
        disk.Serial.ShouldBe("SERIAL1");
        disk.Sectors.ShouldBe(2048UL);
        ulong buffer = domain.AllocateBuffer(512);
        domain.Execute(disk, DiskOperation.Read, 17, 1, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
        domain.At(buffer, 512).SequenceEqual(MemoryMedium.Pattern(17)).ShouldBeTrue();
        domain.Kernel.BusDma.BouncedBytes.ShouldBe(0);
    });

    [CompilerFact]
    public void A_long_request_is_done_in_pieces_that_the_driver_takes() => BsdDomain.RunWithDisk(new MemoryMedium(2048), (domain, disk) =>
    {
        disk.MaximumSectors.ShouldBe(256U);
        ulong buffer = domain.AllocateBuffer(600 * 512);
        domain.Execute(disk, DiskOperation.Read, 1000, 600, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
        for (int sector = 0; sector < 600; sector++)
            domain.At(buffer + (ulong)sector * 512, 512).SequenceEqual(MemoryMedium.Pattern(1000 + sector)).ShouldBeTrue($"sector {1000 + sector}");
    });

    [CompilerFact]
    public void What_is_written_reads_back_and_a_flush_reaches_the_medium()
    {
        var medium = new MemoryMedium(2048);
        BsdDomain.RunWithDisk(medium, (domain, disk) =>
        {
            ulong buffer = domain.AllocateBuffer(4096);
            domain.At(buffer, 4096).Fill(0xa5);
            domain.Execute(disk, DiskOperation.Write, 3, 8, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
            domain.Execute(disk, DiskOperation.Flush, 0, 0, 0).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
            medium.Bytes.Slice(3 * 512, 4096).IndexOfAnyExcept((byte)0xa5).ShouldBe(-1);
            medium.Bytes.Slice(11 * 512, 512).SequenceEqual(MemoryMedium.Pattern(11)).ShouldBeTrue();
            medium.Flushes.ShouldBe(1);
        });
    }

    [CompilerFact]
    public void Many_requests_at_once_all_end() => BsdDomain.RunWithDisk(new MemoryMedium(2048), (domain, disk) =>
    {
        ulong buffer = domain.AllocateBuffer(64 * 512);
        var tags = Enumerable.Range(0, 64).Select(index => domain.Submit(disk, DiskOperation.Read, (ulong)(index * 37 % 2048), 1, buffer + (ulong)index * 512)).ToList();
        foreach (ulong tag in tags)
            domain.WaitFor(tag).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
        for (int index = 0; index < 64; index++)
            domain.At(buffer + (ulong)index * 512, 512).SequenceEqual(MemoryMedium.Pattern(index * 37 % 2048)).ShouldBeTrue();
    });

    [CompilerFact]
    public void A_bad_sector_is_named_and_its_neighbours_are_read()
    {
        var medium = new FailingMedium(new MemoryMedium(2048), badReads: new Extent(100 * 512, 512), badWrites: default);
        BsdDomain.RunWithDisk(medium, (domain, disk) =>
        {
            ulong buffer = domain.AllocateBuffer(4096);
            var status = domain.Execute(disk, DiskOperation.Read, 96, 8, buffer);
            (status.Outcome, status.FailedSector).ShouldBe((DiskOutcome.MediumError, 100UL), domain.Report());
            domain.Execute(disk, DiskOperation.Read, 99, 1, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
            domain.Execute(disk, DiskOperation.Read, 101, 8, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
        });
    }

    [CompilerFact]
    public void A_detached_driver_gives_everything_back() => BsdDomain.Run(MachineDescription.WithDisks(new DiskDescription(new MemoryMedium(2048), "SERIAL1")), domain =>
    {
        long before = domain.Kernel.Pci.Ports.Accesses;
        var module = domain.InsertPort("bsd-piix-ide", "piixide");
        domain.Kernel.Pci.Ports.Accesses.ShouldBeGreaterThan(before);
        domain.Kernel.RemoveModule(module);
        domain.Removed.Count.ShouldBe(1);
        domain.Kernel.Devices.Attached.Select(device => device.NameUnit).ShouldBe(["root0", "pci0"], ignoreOrder: true);
        domain.Kernel.Log.Lines.ShouldNotContain(line => line.Text.Contains("still has", StringComparison.Ordinal));
        domain.Added.Clear();
        domain.InsertPort("bsd-piix-ide", "piixide");
        domain.Added.Count.ShouldBe(1, "the driver attaches again");
    });
}
