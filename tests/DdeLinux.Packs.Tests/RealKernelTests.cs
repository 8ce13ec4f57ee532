using DdeKit.Foreign.Btf;

namespace DdeLinux.Packs.Tests;

/// <summary>The readers against a real kernel of this machine's distribution.</summary>
public sealed class RealKernelTests
{
    [KernelPackFact]
    public void Every_type_of_the_image_has_a_size_and_a_declaration()
    {
        var types = KernelPackStore.Default.Select().Types;
        for (var id = 1; id < types.EndId; id++)
        {
            _ = types[id].Size;
            BtfDeclaration.Format(types[id], "x").ShouldNotBeEmpty();
        }
    }

    [KernelPackFact]
    public void Prototypes_are_those_of_the_kernel_source()
    {
        var pack = KernelPackStore.Default.Select();
        var types = pack.TypesWith(pack.FindModule("libata"), pack.FindModule("scsi_mod"));
        types.FormatPrototype("scsi_add_host_with_dma").ShouldBe("int scsi_add_host_with_dma(struct Scsi_Host *shost, struct device *dev, struct device *dma_dev)");
        types.FormatPrototype("_printk").ShouldBe("int _printk(const char *fmt, ...)");
        types.FormatPrototype("pcim_iomap_table").ShouldBe("void *const *pcim_iomap_table(struct pci_dev *pdev)");
    }

    [KernelPackFact]
    public void Fields_of_modular_subsystems_are_found()
    {
        var pack = KernelPackStore.Default.Select();
        var types = pack.TypesWith(pack.FindModule("libata"));
        types.FindField("scsi_cmnd", "sdb.table.sgl").ShouldNotBeNull().Kind.ShouldBe(BtfKind.Pointer);
        types.FindField("Scsi_Host", "hostt").ShouldNotBeNull().Size.ShouldBe(8ul);
        types.FindField("pci_dev", "dev.kobj.kref.refcount.refs.counter").ShouldNotBeNull().Size.ShouldBe(4ul);
        types.FindEnumerator("DMA_FROM_DEVICE").ShouldBe(2);
    }

    [KernelPackFact]
    public void Every_module_has_types_on_top_of_the_image()
    {
        var pack = KernelPackStore.Default.Select();
        foreach (var name in new[] { "libata", "ata-piix", "scsi_mod", "e1000" })
            pack.FindModule(name).ReadTypes(pack.Types).ShouldNotBeNull().FirstId.ShouldBe(pack.Types.EndId);
    }
}
