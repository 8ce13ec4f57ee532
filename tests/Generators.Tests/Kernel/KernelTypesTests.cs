using DdeKit.Btf.Tests;
using DdeKit.Foreign.Btf;
using DdeLinux;

namespace Generators.Tests.Kernel;

public sealed class KernelTypesTests : IDisposable
{
    private readonly TestDomain _domain = new();

    public void Dispose() => _domain.Dispose();

    [Fact]
    public void Second_release_in_one_process_is_refused()
    {
        var other = new KernelTypes("10.0", new BtfTypeSet(BtfTypes.Parse(new BtfBuilder().Build(), "vmlinux")));
        Should.Throw<InvalidOperationException>(() => KernelTypes.Current = other).Message
            .ShouldBe("This process uses the types of kernel 9.9-test; those of 10.0 need a process of their own.");
        KernelTypes.Current.Release.ShouldBe(TestDomain.Release);
    }

    [Fact]
    public void Same_release_with_another_module_adds_the_modules_structures()
    {
        var builder = new BtfBuilder();
        builder.Struct("port", 24);
        KernelTypes.Current = new KernelTypes(TestDomain.Release, new BtfTypeSet(BtfTypes.Parse(builder.Build(), "another")));
        KernelTypes.Current.SizeOf("port").ShouldBe(24);
        KernelTypes.Current.SizeOf("command").ShouldBe(80);
        var merged = KernelTypes.Current;
        KernelTypes.Current = TestDomain.Types;
        KernelTypes.Current.ShouldBeSameAs(merged);
    }

    [Fact]
    public void Enumerator_is_found_by_its_name()
    {
        TestDomain.Types.EnumValue("STATE_RUNNING").ShouldBe(7);
        Should.Throw<KernelLayoutException>(() => TestDomain.Types.EnumValue("STATE_LOST")).Message.ShouldBe("Kernel 9.9-test has no enumerator STATE_LOST.");
    }

    [Fact]
    public void Function_that_the_types_do_not_know_is_null() => TestDomain.Types.FindFunction("nothing").ShouldBeNull();
}
