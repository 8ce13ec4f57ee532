using DdeKit;

namespace DdeBsd.Tests;

/// <summary>The PIIX driver, compiled from source, on the emulated controller.</summary>
public sealed class PiixIdeTests
{
    [CompilerFact]
    public void A_sector_is_read_by_bus_master_dma()
    {
        var medium = new MemoryMedium(2048);
        BsdDomain.RunWithDisk(medium, (domain, disk) =>
        {
            disk.Serial.ShouldBe("SERIAL1");
            disk.Sectors.ShouldBe(2048UL);
            ulong buffer = domain.AllocateBuffer(512);
            domain.Execute(disk, DiskOperation.Read, 17, 1, buffer).Outcome.ShouldBe(DiskOutcome.Ok, domain.Report());
            domain.At(buffer, 512).SequenceEqual(MemoryMedium.Pattern(17)).ShouldBeTrue();
        });
    }
}
