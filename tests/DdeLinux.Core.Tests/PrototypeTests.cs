using DdeKit.Foreign.Btf;
using DdeLinux.Packs;

namespace DdeLinux.Core.Tests;

public sealed class PrototypeTests
{
    /// <summary>Functions that exist in machine code or as compiler built-ins only, so that the kernel has no type for them.</summary>
    private static readonly string[] s_untyped = ["memcpy", "memset", "memmove"];

    private static BtfTypeSet Types()
    {
        var pack = KernelPackStore.Default.Select();
        return pack.TypesWith(new[] { "scsi_common", "scsi_mod", "libata" }.Select(pack.FindModule));
    }

    [KernelFact]
    public void Every_shim_function_has_the_arity_and_the_widths_of_the_kernels_prototype()
    {
        var types = Types();
        KernelFunctions.All.Length.ShouldBeGreaterThan(100);
        var mistakes = KernelFunctions.All
            .Select(function => types.FindFunction(function.Name) is { } prototype
                ? function.Mismatch(prototype)
                : s_untyped.Contains(function.Name) ? null : $"{function.Name}: the kernel has no such function")
            .Where(mistake => mistake is not null);
        mistakes.ShouldBeEmpty();
    }

    [KernelFact]
    public void Every_stop_is_a_function_that_the_kernel_has()
    {
        var types = Types();
        Stops.All.Keys.Where(name => types.FindFunction(name) is null).ShouldBeEmpty();
        Stops.All.Keys.Intersect(KernelFunctions.All.Select(f => f.Name)).ShouldBeEmpty();
    }
}
