using System.Collections.ObjectModel;
using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>A driver's module did not start: its init function returned an error.</summary>
public sealed class ModuleInitException : Exception
{
    public ModuleInitException(string module, int error)
        : base($"module {module}: init returned error {error}")
    {
    }
}

public sealed partial class LinuxKernel
{
    /// <summary>Loads a module and runs its init function, on the calling kernel thread.</summary>
    /// <param name="elf">The module.</param>
    /// <param name="parameters">Values of its parameters by name, as on a kernel's command line behind <c>MODULE.</c>.</param>
    /// <exception cref="BadModuleException">The module is damaged, or not for this machine, or refuses a parameter.</exception>
    /// <exception cref="UnresolvedImportsException">Nobody supplies some of its imports.</exception>
    /// <exception cref="ModuleInitException">Its init function failed.</exception>
    public LoadedModule InsertModule(ElfRelocatable elf, IReadOnlyDictionary<string, string>? parameters = null)
    {
        var module = LoadModule(elf, Symbols);
        foreach (var (name, value) in parameters ?? ReadOnlyDictionary<string, string>.Empty)
            Parameters.Set(module, name, value);
        if (module.Init != 0)
        {
            int error = unchecked((int)Call(module.Init));
            if (error != 0)
                throw new ModuleInitException(elf.Name, error);
        }
        return module;
    }

    /// <summary>Waits until everything that modules started beside their init functions (the search for disks) has ended. For a kernel thread.</summary>
    public void WaitForProbes() => Async.SynchronizeAll();

    /// <summary>Runs a module's exit function and takes it out of memory.</summary>
    public void RemoveModule(LoadedModule module)
    {
        if (module.Exit != 0)
            Call(module.Exit);
        UnloadModule(module);
    }
}
