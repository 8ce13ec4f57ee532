using DdeLinux.Packs;

namespace DdeLinux.Drivers.Tests;

/// <summary>A test that runs modules of the kernel pack in this user's cache.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    private static readonly string? s_missing = KernelPackStore.Default.Enumerate().Count == 0 ? "no kernel pack: run ./dde kernel fetch" : null;

    public KernelFactAttribute() => Skip = s_missing;
}
