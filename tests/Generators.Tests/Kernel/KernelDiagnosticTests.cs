using KernelGenerator;

namespace Generators.Tests.Kernel;

public class KernelDiagnosticTests
{
    private static GeneratorRun Run(string source) => GeneratorRun.Of(new KernelSourceGenerator(), BindingStub.Source, source);

    [Theory]
    [InlineData("[KernelFunction] public int f(object o) => 0;", "DDE0102(4): Slab.f: 'o' of type 'object' is no integer, enum, bool, pointer, structure view or KernelString")]
    [InlineData("[KernelFunction] public int f(double d) => 0;", "DDE0102(4): Slab.f: 'd' of type 'double' is no integer, enum, bool, pointer, structure view or KernelString")]
    [InlineData("[KernelFunction] public string f() => \"\";", "DDE0102(4): Slab.f: 'the result' of type 'string' is no integer, enum, bool, pointer, structure view or KernelString")]
    [InlineData("[KernelFunction] public int f(System.Guid g) => 0;", "DDE0102(4): Slab.f: 'g' of type 'System.Guid' is no integer, enum, bool, pointer, structure view or KernelString")]
    [InlineData("[KernelFunction] public int f(ref int i) => 0;", "DDE0105(4): Slab.f: 'i' is passed by reference; take a pointer")]
    [InlineData("[KernelFunction] public ref int f(nint p) => throw null!;", "DDE0105(4): Slab.f: the result is a reference; return a pointer")]
    [InlineData("[KernelFunction] private int f() => 0;", "DDE0105(4): Slab.f: the method must be internal or public")]
    [InlineData("[KernelFunction] public static int f() => 0;", "DDE0105(4): Slab.f: a kernel function is an instance method of a room and neither is generic")]
    [InlineData("[KernelFunction] public void f<T>() { }", "DDE0105(4): Slab.f: a kernel function is an instance method of a room and neither is generic")]
    [InlineData("[KernelFunction(Variadic = true)] public int f(nint a) => 0;", "DDE0104(4): Slab.f: the last parameter of a variadic function is VariadicArguments")]
    [InlineData("[KernelFunction(Variadic = true)] public int f() => 0;", "DDE0104(4): Slab.f: the last parameter of a variadic function is VariadicArguments")]
    [InlineData("[KernelFunction(Variadic = true)] public int f(VariadicArguments l, VariadicArguments v) => 0;", "DDE0104(4): Slab.f: a variadic function takes variable arguments once")]
    [InlineData("[KernelFunction(Variadic = true)] public int f(int a, int b, int c, int d, int e, int g, int h, VariadicArguments v) => 0;", "DDE0104(4): Slab.f: 7 fixed parameters; those past the sixth do not arrive in registers")]
    [InlineData("[KernelFunction] public void f() { } [KernelFunction(\"f\")] public void g() { }", "DDE0103(4): Slab.g: 'f' is already supplied by Slab.f")]
    public void Function_that_cannot_be_bound_is_refused_where_it_stands(string method, string expected) => Run($$"""
        using DdeKit.Foreign;
        namespace DdeLinux;
        internal sealed class Slab {
            {{method}}
        }
        public sealed partial class LinuxKernel { internal Slab Slab { get; } = new(); }
        """).Findings.ShouldHaveSingleItem().ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("private Slab Slab { get; } = new();")]
    [InlineData("internal static Slab Slab { get; } = new();")]
    public void Room_that_the_kernel_does_not_have_is_refused(string property) => Run($$"""
        namespace DdeLinux;
        internal sealed class Slab { [KernelFunction] public void kfree(nint p) { } }
        public sealed partial class LinuxKernel { {{property}} }
        """).Findings.ShouldHaveSingleItem().ShouldBe("DDE0101(2): Slab.kfree: LinuxKernel has no accessible property of type 'Slab' through which the function could be reached");

    [Theory]
    [InlineData("readonly struct View;", "DDE0106(2): View: a view is a readonly partial struct")]
    [InlineData("partial struct View;", "DDE0106(2): View: a view is a readonly partial struct")]
    [InlineData("readonly ref partial struct View;", "DDE0106(2): View: a view is a readonly partial struct")]
    [InlineData("readonly partial struct View<T>;", "DDE0106(2): View: a view is neither nested nor generic nor a record")]
    [InlineData("readonly partial struct View { private readonly int _more; }", "DDE0106(2): View: a view has no state but its address, and this one has '_more'")]
    public void View_of_another_shape_is_refused(string declaration, string expected) =>
        Run($"namespace DdeLinux;\n[KernelStruct(\"view\")] internal {declaration}").Findings.ShouldHaveSingleItem().ShouldBe(expected);

    [Theory]
    [InlineData("[Field] public uint result => 0;", "DDE0107(3): View.result: the property must be partial, so that its accessors can be written")]
    [InlineData("[Field] public static partial uint result { get; }", "DDE0107(3): View.result: the property must be partial, so that its accessors can be written")]
    [InlineData("[Field] public partial uint result { set; }", "DDE0107(3): View.result: the property needs a getter")]
    [InlineData("[Field] public partial uint result { get; init; }", "DDE0107(3): View.result: a field of foreign memory is set, not initialized")]
    [InlineData("[Field] public partial object result { get; }", "DDE0107(3): View.result: 'object' is no integer, enum, bool, pointer, structure view or KernelString")]
    [InlineData("[Embedded] public partial nint inner { get; }", "DDE0107(3): View.inner: an embedded structure is seen through a structure view")]
    [InlineData("[Embedded] public partial View inner { get; set; }", "DDE0107(3): View.inner: only what is read and written as a value has a setter")]
    [InlineData("[FieldAddress] public partial uint inner { get; }", "DDE0107(3): View.inner: an address is an nint")]
    [InlineData("[FieldAddress] public partial nint inner { get; set; }", "DDE0107(3): View.inner: only what is read and written as a value has a setter")]
    [InlineData("[BitField] public partial int bits { get; }", "DDE0107(3): View.bits: a bit field is a bool or an unsigned integer")]
    public void Property_that_stands_for_no_field_is_refused(string property, string expected) => Run($$"""
        namespace DdeLinux;
        [KernelStruct("view")] internal readonly partial struct View {
            {{property}}
        }
        """).Findings.ShouldHaveSingleItem().ShouldBe(expected);

    [Fact]
    public void Property_for_two_fields_is_refused() => Run("""
        namespace DdeLinux;
        [KernelStruct("view")] internal readonly partial struct View {
            [Field, BitField] public partial uint bits { get; }
        }
        """).Findings.ShouldAllBe(finding => finding == "DDE0107(3): View.bits: one property stands for one field");

    [Fact]
    public void Edit_elsewhere_writes_nothing_again()
    {
        const string Source = """
            namespace DdeLinux;
            internal sealed class Slab { [KernelFunction] public void kfree(nint p) { } }
            public sealed partial class LinuxKernel { internal Slab Slab { get; } = new(); }
            [KernelStruct("view")] internal readonly partial struct View { [Field] public partial uint result { get; } }
            """;
        GeneratorRun.ReasonsAfterEdit(new KernelSourceGenerator(), [BindingStub.Source, Source], Source + "\ninternal class Unrelated;")
            .ShouldAllBe(reason => reason == Microsoft.CodeAnalysis.IncrementalStepRunReason.Cached);
    }
}
