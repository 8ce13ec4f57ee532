using DdeLinux.Packs;

namespace EndToEnd.Tests;

public sealed class PackageTests
{
    [ToolFact("dpkg-deb", "apt-get")]
    public void The_modules_that_run_are_those_of_the_Debian_package_bit_for_bit()
    {
        using var image = DiskImage.Blank(1 << 20);
        var pack = KernelPackStore.Default.Select();
        Host.ToolIn(image.Folder, "apt-get", "download", "-q", $"linux-image-{pack.Release}");
        string package = Directory.EnumerateFiles(image.Folder, "*.deb").Single();
        if (pack.Description.PackageFile == Path.GetFileName(package))
            Host.Sha256(package).ShouldBe(pack.Description.PackageSha256);
        string unpacked = Path.Combine(image.Folder, "unpacked");
        Host.ToolIn(image.Folder, "dpkg-deb", "-x", package, unpacked);
        foreach (string name in new[] { "libata", "ata_piix" })
        {
            string original = Directory.EnumerateFiles(unpacked, name + ".ko", SearchOption.AllDirectories).Single();
            Host.Sha256(pack.FindModule(name).Path).ShouldBe(Host.Sha256(original));
        }
    }
}
