using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace DdeLinux.Packs.Tests;

public sealed class PackageImportTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Package_becomes_a_pack_with_modules_bit_for_bit()
    {
        var package = KernelBuilder.Package();
        var pack = _temporary.Importer.ImportPackage(_temporary.Write("linux-image.deb", package));

        pack.Release.ShouldBe("1.2.3-test");
        pack.Description.PackageFile.ShouldBe("linux-image.deb");
        pack.Description.PackageSha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(package)));
        pack.Modules.Select(module => module.Name).ShouldBe(["libata", "ne2k_pci"]);
        pack.FindModule("libata").Read().ShouldBe(KernelBuilder.Elf(".BTF", KernelBuilder.Types));
        pack.FindModule("ne2k-pci").Path.ShouldEndWith("modules/kernel/drivers/net/ne2k-pci.ko");
        pack.FindModule("ne2k_pci").ComputeSha256().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(KernelBuilder.Elf(".text", [1, 2, 3]))));
        pack.Types.EndId.ShouldBe(1);
        pack.TypesWith(pack.Modules).Members.Count.ShouldBe(2);
        _temporary.Entries().ShouldBe(["1.2.3-test"]);
    }

    [Fact]
    public void Same_package_again_is_there_already()
    {
        var file = _temporary.Write("linux-image.deb", KernelBuilder.Package());
        var first = _temporary.Importer.ImportPackage(file);
        File.Delete(Path.Combine(first.Folder, "modules/kernel/drivers/ata/libata.ko"));
        _temporary.Importer.ImportPackage(file).Modules.Count.ShouldBe(1);
    }

    [Fact]
    public void Another_package_of_the_same_release_takes_its_place()
    {
        _temporary.Importer.ImportPackage(_temporary.Write("old.deb", KernelBuilder.Package()));
        var more = ("./usr/lib/modules/1.2.3-test/updates/extra.ko", KernelBuilder.Elf(".text", [9]));
        var pack = _temporary.Importer.ImportPackage(_temporary.Write("new.deb", KernelBuilder.Package("1.2.3-test", more)));
        pack.Modules.Select(module => module.Name).ShouldBe(["extra", "libata", "ne2k_pci"]);
        _temporary.Entries().ShouldBe(["1.2.3-test"]);
    }

    [Fact]
    public void Uncompressed_tree_is_read_too()
    {
        var tree = KernelBuilder.Tree(("boot/vmlinuz-1", KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Vmlinux()))), ("lib/modules/1/a.ko", KernelBuilder.Vmlinux()));
        _temporary.Importer.ImportPackage(_temporary.Write("x.deb", KernelBuilder.Archive("data.tar", tree))).Release.ShouldBe("1");
    }

    [Fact]
    public void Missing_file_and_files_that_are_no_package_are_named()
    {
        Should.Throw<PackException>(() => _temporary.Importer.ImportPackage("/nowhere/x.deb")).Message.ShouldBe("/nowhere/x.deb: there is no such file");
        Problem([]).ShouldContain("no Debian package (0 bytes)");
        Problem("not an archive"u8.ToArray()).ShouldContain("no Debian package (14 bytes)");
        Problem("!<arch>\n"u8.ToArray()).ShouldContain("without data.tar");
        Problem(KernelBuilder.Archive("data.tar.lzma", [0x5D, 0, 0, 0])).ShouldContain("data.tar.lzma of unknown compression");
    }

    [Fact]
    public void Package_without_kernel_is_named() =>
        Problem(KernelBuilder.Archive("data.tar.gz", KernelBuilder.Gzip(KernelBuilder.Tree(("./usr/share/doc/x", [1]))))).ShouldContain("holds no kernel (0 modules");

    [Fact]
    public void Package_without_image_is_named() =>
        Problem(KernelBuilder.Archive("data.tar", KernelBuilder.Tree(("./lib/modules/1/a.ko", KernelBuilder.Vmlinux())))).ShouldContain("1 modules but no kernel image (boot/vmlinuz-1)");

    [Fact]
    public void Kernel_without_types_is_named()
    {
        var image = KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Elf(".text", [1])));
        Problem(KernelBuilder.Archive("data.tar", KernelBuilder.Tree(("./boot/vmlinuz-1", image)))).ShouldContain("no type information (section .BTF");
    }

    [Fact]
    public void Two_kernels_in_one_package_are_refused() =>
        Problem(KernelBuilder.Package("1", ("./lib/modules/2/b.ko", KernelBuilder.Vmlinux()))).ShouldContain("two kernels, 1 and 2");

    [Theory]
    [InlineData("./lib/modules/1/../../escape.ko")]
    [InlineData("./lib/modules/1/kernel//escape.ko")]
    [InlineData("./lib/modules/../escape.ko")]
    public void Path_that_leads_elsewhere_is_refused(string path)
    {
        Problem(KernelBuilder.Package("1", (path, KernelBuilder.Vmlinux())));
        Directory.EnumerateFiles(Path.GetDirectoryName(_temporary.Store.Folder)!, "escape.ko", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Module_that_is_no_elf_file_is_named() =>
        Problem(KernelBuilder.Package("1", ("./lib/modules/1/bad.ko", [1, 2, 3]))).ShouldContain("bad.ko: is not an ELF file (3 bytes)");

    [Fact]
    public void Damaged_compressed_module_is_named()
    {
        var module = KernelBuilder.Gzip(KernelBuilder.Vmlinux());
        module[14] ^= 0xFF;
        Problem(KernelBuilder.Package("1", ("./lib/modules/1/bad.ko.gz", module))).ShouldContain("bad.ko.gz: ");
    }

    [Fact]
    public void Every_truncation_is_refused_and_leaves_nothing()
    {
        var whole = KernelBuilder.Package();
        for (var length = 0; length < whole.Length; length += 7)
            Problem(whole[..length]);
    }

    [Fact]
    public void Mutated_packages_never_give_another_exception()
    {
        var sample = KernelBuilder.Archive("data.tar", KernelBuilder.Tree(
            ("boot/vmlinuz-1", KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Vmlinux()))), ("lib/modules/1/a.ko", KernelBuilder.Vmlinux())));
        var mutations = Gen.Choose(0, sample.Length - 1).Zip(Gen.Choose(0, 255)).NonEmptyListOf().ToArbitrary();
        Prop.ForAll(mutations, changes =>
        {
            var package = (byte[])sample.Clone();
            foreach (var (at, value) in changes)
                package[at] = (byte)value;
            try
            {
                _temporary.Importer.ImportPackage(_temporary.Write("mutated.deb", package));
            }
            catch (PackException exception)
            {
                exception.Message.ShouldNotContain("\n");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private string Problem(byte[] package)
    {
        var file = _temporary.Write("x.deb", package);
        var exception = Should.Throw<PackException>(() => _temporary.Importer.ImportPackage(file));
        exception.Error.ShouldBe(PackError.BadInput);
        exception.Message.ShouldNotContain("\n");
        _temporary.Entries().ShouldBeEmpty();
        return exception.Message;
    }
}
