using DdeKit.Foreign.Btf;

namespace DdeKit.Btf.Tests;

public sealed class BtfDeclarationTests
{
    [Fact]
    public void Function_without_parameters_takes_void()
    {
        var builder = new BtfBuilder();
        builder.Function("cond_resched", builder.Integer("int", 4, signed: true));
        BtfLookupTests.SetOf(builder).FormatPrototype("cond_resched").ShouldBe("int cond_resched(void)");
    }

    [Fact]
    public void Variadic_function_ends_in_dots()
    {
        var builder = new BtfBuilder();
        var text = builder.Pointer(builder.Const(builder.Integer("char", 1)));
        builder.Function("_printk", builder.Integer("int", 4), ("fmt", text), ("", 0));
        BtfLookupTests.SetOf(builder).FormatPrototype("_printk").ShouldBe("int _printk(const char *fmt, ...)");
    }

    [Fact]
    public void Callback_parameter_keeps_its_parentheses()
    {
        var builder = new BtfBuilder();
        var data = builder.Pointer(0);
        var callback = builder.Pointer(builder.Prototype(0, ("data", data)));
        builder.Function("devm_add_action", 0, ("action", callback), ("data", data));
        BtfLookupTests.SetOf(builder).FormatPrototype("devm_add_action").ShouldBe("void devm_add_action(void (*action)(void *data), void *data)");
    }

    [Fact]
    public void Pointer_to_array_const_pointer_and_tag_are_written_as_c_wants_them()
    {
        var builder = new BtfBuilder();
        var character = builder.Integer("char", 1);
        var types = new int[]
        {
            builder.Pointer(builder.Array(character, 8)),
            builder.Const(builder.Pointer(character)),
            builder.Pointer(builder.TypeTag("user", builder.Const(builder.Forward("file")))),
            builder.Array(builder.Pointer(character), 0),
            builder.Struct("", 0),
        };
        var parsed = BtfTypes.Parse(builder.Build(), "test");
        types.Select(type => BtfDeclaration.Format(parsed[type], "x"))
            .ShouldBe(["char (*x)[8]", "char *const x", "const struct file *x", "char *x[]", "struct {...} x"]);
    }

    [Fact]
    public void Variable_is_declared_too_and_an_unknown_name_is_null()
    {
        var builder = new BtfBuilder();
        builder.Variable("this_cpu_off", builder.Integer("long unsigned int", 8));
        var types = BtfLookupTests.SetOf(builder);
        types.FormatPrototype("this_cpu_off").ShouldBe("long unsigned int this_cpu_off");
        types.FindVariable("this_cpu_off").ShouldNotBeNull().Size.ShouldBe(8ul);
        types.FormatPrototype("unknown").ShouldBeNull();
    }
}
