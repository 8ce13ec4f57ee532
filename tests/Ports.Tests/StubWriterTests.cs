using DdeKit.Btf.Tests;
using DdeKit.Foreign.Btf;

namespace Ports.Tests;

public sealed class StubWriterTests
{
    [Fact]
    public void Widths_and_signs_become_the_types_of_csharp()
    {
        var builder = new BtfBuilder();
        var types = new[]
        {
            builder.Integer("long unsigned int", 8), builder.Integer("long int", 8, signed: true), builder.Integer("long long unsigned int", 8),
            builder.Integer("unsigned char", 1), builder.Integer("short int", 2, signed: true), builder.Integer("_Bool", 1, isBool: true),
            builder.Pointer(builder.Const(builder.Integer("char", 1))), builder.Pointer(0),
        };
        builder.Function("f", builder.Integer("int", 4, signed: true), [.. types.Select((type, index) => ($"p{index}", type))]);
        Stub(builder, "f").ShouldEndWith("""
            [KernelFunction]
            public int f(nuint p0, nint p1, ulong p2, byte p3, short p4, bool p5, KernelString p6, nint p7) => throw new NotImplementedException("f");

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Variadic_function_gets_its_arguments_and_keywords_are_escaped()
    {
        var builder = new BtfBuilder();
        builder.Function("_raw_spin_lock", 0, ("lock", builder.Pointer(0)), ("", 0));
        Stub(builder, "_raw_spin_lock").ShouldBe("""
            /// <summary><c>void _raw_spin_lock(void *lock, ...)</c></summary>
            [KernelFunction(Variadic = true)]
            public void _raw_spin_lock(nint @lock, VariadicArguments arguments) => throw new NotImplementedException("_raw_spin_lock");

            """.ReplaceLineEndings("\n"));
    }

    private static string Stub(BtfBuilder builder, string function)
    {
        var types = new BtfTypeSet(BtfTypes.Parse(builder.Build(), "test"));
        return StubWriter.Write(types.FindFunction(function)!, types.FormatPrototype(function)!);
    }
}
