using DdeLinux.Packs;

namespace DdeLinux.Net.Tests;

/// <summary>A test that runs a domain with the types of the kernel pack in this user's cache.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute() => Skip = KernelPackStore.Default.Enumerate().Count == 0 ? "no kernel pack: run ./dde kernel fetch" : null;
}
