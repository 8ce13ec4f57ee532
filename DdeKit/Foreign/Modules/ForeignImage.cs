namespace DdeKit.Foreign;

/// <summary>All foreign code of a domain, for giving addresses their names.</summary>
public sealed class ForeignImage
{
    private readonly ModuleLoader _loader;
    private readonly ImportThunks _thunks;

    /// <param name="loader">The domain's modules.</param>
    /// <param name="thunks">The domain's thunks.</param>
    public ForeignImage(ModuleLoader loader, ImportThunks thunks)
    {
        _loader = loader;
        _thunks = thunks;
    }

    /// <summary>Knows what was moved; null when nothing is.</summary>
    internal SitePatcher? Patcher { get; set; }

    /// <summary>Names an address: <c>ata_eh_reset+0x3eb [libata]</c>, <c>ioread8+0x1b [shim]</c>, or the number when nothing is known there.</summary>
    public string Describe(nint address) => Patcher is { } patcher && patcher.TryOriginal(unchecked((ulong)address), out ulong original)
        ? Describe((nint)original)
        : _loader.TryDescribe(address, out string text) ? text
        : _thunks.TryDescribe(address, out text) ? $"{text} [shim]" : $"0x{address:x}";

    /// <summary>The module that has the address in its instructions, or null.</summary>
    public LoadedModule? FindCode(ulong address)
    {
        foreach (var module in _loader.Modules)
        {
            if (module.Text.Contains(address))
                return module;
        }
        return null;
    }
}
