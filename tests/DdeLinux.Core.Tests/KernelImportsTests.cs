namespace DdeLinux.Core.Tests;

public sealed class KernelImportsTests
{
    [KernelFact]
    public void Lists_are_what_a_kernel_has_after_its_boot() => TestKernel.Run(test =>
    {
        test.Kernel.Variables.Names.ShouldBe(KernelImports.Variables.Order(StringComparer.Ordinal));
        foreach (string name in KernelImports.Stubs)
            test.Symbol(name).ShouldNotBe(0, name);
    });

    [Fact]
    public void Name_has_one_supplier_only()
    {
        string[] all = [.. KernelFunctions.All.Select(function => function.Name), .. KernelImports.Variables, .. KernelImports.Stubs, .. Stops.All.Keys];
        all.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();
    }
}
