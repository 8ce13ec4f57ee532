using Emulator;

namespace DdeLinux.Drivers.Tests;

public sealed class DiskTests
{
    [KernelFact]
    public void A_disk_is_found_and_says_what_it_is() => DriverDomain.RunWithDisk(new MemoryMedium(4096), (_, disk) =>
    {
        disk.Model.ShouldBe(DiskDescription.DefaultModel);
        disk.Serial.ShouldBe("SERIAL1");
        disk.Sectors.ShouldBe(4096UL);
        disk.SectorSize.ShouldBe(512u);
        disk.Writable.ShouldBeTrue();
    });

    [KernelFact]
    public void A_sector_is_read() => DriverDomain.RunWithDisk(new MemoryMedium(4096), (domain, disk) =>
    {
        ulong buffer = domain.AllocateBuffer(512);
        domain.Execute(disk, DiskOperation.Read, 17, 1, buffer).ShouldBe(DiskStatus.Ok);
        domain.At(buffer, 512).SequenceEqual(MemoryMedium.Pattern(17)).ShouldBeTrue();
    });
}
