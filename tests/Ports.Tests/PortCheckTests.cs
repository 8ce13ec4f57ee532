using System.Text;
using DdeKit.Btf.Tests;
using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeKit.Foreign.Tests;
using DdeLinux.Packs;
using DdeLinux.Packs.Tests;

namespace Ports.Tests;

public sealed class PortCheckTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Every_import_has_its_supplier_and_the_missing_one_its_callers()
    {
        var suppliers = new Suppliers(("kfree", SupplierKind.Shim), ("jiffies", SupplierKind.Variable), ("__fentry__", SupplierKind.MachineStub));
        var check = PortCheck.Run(Port(["kfree", "jiffies", "__fentry__", "vanished"]), MakePack(), suppliers);

        check.Release.ShouldBe("1.0");
        check.Imports.Select(import => (import.Name, import.Supplier.Kind)).ShouldBe(
        [
            ("__fentry__", SupplierKind.MachineStub), ("jiffies", SupplierKind.Variable), ("kfree", SupplierKind.Shim), ("scsi_done", SupplierKind.Missing),
        ]);
        var missing = check.Imports.Single(import => !import.IsSatisfied);
        missing.Prototype.ShouldBe("void scsi_done(void *cmd)");
        missing.Callers.ShouldBe(["ata_finish [libata]", "piix_finish [ata_piix]"]);
        check.IsComplete.ShouldBeFalse();
        check.NewImports.ShouldBe(["scsi_done"]);
        check.GoneImports.ShouldBe(["vanished"]);
        check.UnclaimedIds.Select(id => id.Device).ShouldBe([(ushort)0x7111]);
    }

    [Fact]
    public void What_one_module_exports_is_no_import_of_the_port()
    {
        var check = PortCheck.Run(Port([]), MakePack(), new Suppliers());
        check.Imports.ShouldNotContain(import => import.Name == "ata_finish");
    }

    [Fact]
    public void Supplier_of_another_shape_is_a_problem()
    {
        var suppliers = new Suppliers(("kfree", SupplierKind.Shim), ("jiffies", SupplierKind.Variable), ("__fentry__", SupplierKind.MachineStub), ("scsi_done", SupplierKind.Shim))
        {
            Misfit = "scsi_done",
        };
        var check = PortCheck.Run(Port([]), MakePack(), suppliers);
        check.IsComplete.ShouldBeFalse();
        check.Imports.Single(import => import.Problem is not null).Name.ShouldBe("scsi_done");
    }

    [Fact]
    public void Module_that_the_kernel_lacks_is_named() =>
        Should.Throw<PackException>(() => PortCheck.Run(Port([]) with { Modules = ["ahci"] }, MakePack(), new Suppliers())).Message.ShouldContain("no module ahci");

    [Fact]
    public void Truncated_module_is_named()
    {
        var pack = MakePack();
        var path = pack.FindModule("libata").Path;
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        Should.Throw<BadModuleException>(() => PortCheck.Run(Port([]), pack, new Suppliers())).Message.ShouldStartWith("libata: ");
    }

    [KernelPackFact]
    public void Real_modules_import_what_the_manifest_expects()
    {
        var port = PortCatalog.Default.Open("linux-ata-piix");
        var check = PortCheck.Run(port, KernelPackStore.Default.Select(), new Suppliers());
        check.Imports.Count.ShouldBeGreaterThan(200);
        check.UnclaimedIds.ShouldBeEmpty();
        check.Imports.Single(import => import.Name == "scsi_done").Prototype.ShouldBe("void scsi_done(struct scsi_cmnd *cmd)");
        check.Imports.Single(import => import.Name == "kfree").Callers.ShouldNotBeEmpty();
    }

    // libata exports ata_finish and depends on scsi_mod, whose types have scsi_done; ata_piix uses both.
    private KernelPack MakePack()
    {
        var types = KernelBuilder.Types;
        var libata = new ElfBuilder("libata");
        var finish = libata.AddCaller("ata_finish", libata.AddImport("__fentry__"), libata.AddImport("kfree"), libata.AddImport("scsi_done"));
        libata.AddExport("ata_finish", finish);
        AddText(libata, ".modinfo", "license=GPL\0depends=scsi_mod\0");
        var piix = new ElfBuilder("ata_piix");
        piix.AddCaller("piix_finish", piix.AddImport("ata_finish"), piix.AddImport("scsi_done"), piix.AddImport("jiffies"));
        AddText(piix, ".modinfo", "alias=pci:v00008086d00007010sv*sd*bc*sc*i*\0depends=libata\0");
        var scsi = new ElfBuilder("scsi_mod");
        var scsiTypes = new BtfBuilder(1, 1);
        scsiTypes.Function("scsi_done", 0, ("cmd", scsiTypes.Pointer(0)));
        scsi.Append(scsi.AddSection(".BTF", ElfSectionFlags.None, 1), scsiTypes.Build());
        var tree = KernelBuilder.Tree(
            ("boot/vmlinuz-1.0", KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Elf(".BTF", types)))),
            ("lib/modules/1.0/libata.ko", libata.Build()), ("lib/modules/1.0/ata_piix.ko", piix.Build()), ("lib/modules/1.0/scsi_mod.ko", scsi.Build()));
        return _temporary.Importer.ImportPackage(_temporary.Write("x.deb", KernelBuilder.Archive("data.tar", tree)));
    }

    private static void AddText(ElfBuilder elf, string section, string text) =>
        elf.Append(elf.AddSection(section, ElfSectionFlags.None, 1), Encoding.ASCII.GetBytes(text));

    private static PortManifest Port(IReadOnlyList<string> expectedImports) => new()
    {
        Name = "test",
        Description = "",
        Os = LegacySystem.Linux,
        Class = DeviceClass.Block,
        Modules = ["libata", "ata_piix"],
        PciIds = [new() { Vendor = 0x8086, Device = 0x7010, Name = "PIIX3" }, new() { Vendor = 0x8086, Device = 0x7111, Name = "PIIX4" }],
        ExpectedImports = expectedImports,
        License = "",
    };

    private sealed class Suppliers(params (string Name, SupplierKind Kind)[] known) : IImportSuppliers
    {
        public string? Misfit { get; init; }

        public ImportSupplier? Find(string import) => known.FirstOrDefault(entry => entry.Name == import) is { Name: not null } found ? new(found.Kind, "here") : null;

        public string? Mismatch(string import, BtfPrototype prototype) => import == Misfit ? "differs" : null;
    }
}
