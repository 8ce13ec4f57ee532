namespace DdeLinux.Packs.Tests;

/// <summary>A test that needs the kernel pack of this user's cache.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelPackFactAttribute : FactAttribute
{
    public KernelPackFactAttribute()
    {
        if (KernelPackStore.Default.Enumerate().Count == 0)
            Skip = "no kernel pack: run ./dde kernel fetch";
    }
}
