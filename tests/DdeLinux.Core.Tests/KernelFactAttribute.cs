using DdeLinux.Packs;

namespace DdeLinux.Core.Tests;

/// <summary>A test that runs the shim with the types of the kernel pack in this user's cache.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute() => Skip = KernelNeed.Missing;
}

/// <inheritdoc cref="KernelFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute() => Skip = KernelNeed.Missing;
}

internal static class KernelNeed
{
    internal static string? Missing { get; } = KernelPackStore.Default.Enumerate().Count == 0 ? "no kernel pack: run ./dde kernel fetch" : null;
}
