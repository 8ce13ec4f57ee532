using DdeBsd;
using DdeKit;
using DdeKit.Foreign;
using L4;

namespace Ports;

/// <summary>A task that runs a FreeBSD driver. The first module is the shim's own.</summary>
/// <param name="task">A task that does nothing else.</param>
/// <param name="start">What it is given.</param>
/// <param name="prepare">Called on the domain's first thread when the kernel has been made and before the first module is loaded.</param>
internal sealed class BsdDomain(L4Task task, DriverStart start, Action<BsdKernel> prepare)
    : DriverDomain(task, start, kernel => prepare((BsdKernel)kernel))
{
    private readonly List<ElfRelocatable> _modules = [];

    /// <inheritdoc />
    protected override DriverKernel MakeKernel(VirtualCpu cpu, DriverStart start)
    {
        _modules.AddRange(start.Modules.Skip(1).Select(Parse));
        return new BsdKernel(cpu, start.Function, Parse(start.Modules[0]));
    }

    /// <inheritdoc />
    protected override void InsertModules()
    {
        foreach (var module in _modules)
            ((BsdKernel)Kernel).InsertModule(module);
    }

    /// <inheritdoc />
    protected override bool IsBadFile(Exception exception) => exception is ModuleEventException || base.IsBadFile(exception);

    private ElfRelocatable Parse(DriverFile file) => ElfRelocatable.Parse(Read(file), file.Name);
}
