using DdeKit;
using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeLinux;
using L4;

namespace Ports;

/// <summary>A task that runs a Linux driver.</summary>
/// <param name="task">A task that does nothing else.</param>
/// <param name="start">What it is given.</param>
/// <param name="prepare">Called on the domain's first thread when the kernel has been made and before the first module is loaded.</param>
internal sealed class LinuxDomain(L4Task task, DriverStart start, Action<LinuxKernel> prepare)
    : DriverDomain(task, start, kernel => prepare((LinuxKernel)kernel))
{
    private readonly List<ElfRelocatable> _modules = [];

    /// <inheritdoc cref="DriverDomain.Kernel" />
    internal new LinuxKernel Kernel => (LinuxKernel)base.Kernel;

    /// <inheritdoc />
    protected override DriverKernel MakeKernel(VirtualCpu cpu, DriverStart start)
    {
        var image = BtfTypes.Parse(Read(start.Types!), $"vmlinux {start.KernelRelease}");
        var types = new List<BtfTypes>();
        foreach (var file in start.Modules)
        {
            var elf = ElfRelocatable.Parse(Read(file), file.Name);
            _modules.Add(elf);
            if (elf.FindSection(".BTF") is { } section)
                types.Add(BtfTypes.ParseSplit(image, section.Contents, file.Name));
        }
        KernelTypes.Current = new KernelTypes(start.KernelRelease, new BtfTypeSet(image, [.. types]));
        return new LinuxKernel(cpu, start.Function, patchSites: start.PatchesSites);
    }

    /// <inheritdoc />
    protected override void InsertModules()
    {
        foreach (var module in _modules)
            Kernel.InsertModule(module);
        Kernel.WaitForProbes();
    }

    /// <inheritdoc />
    protected override bool IsBadFile(Exception exception) => exception is BadBtfException or KernelLayoutException || base.IsBadFile(exception);
}
