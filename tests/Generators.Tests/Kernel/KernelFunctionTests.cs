using DdeKit.Foreign;
using DdeLinux;

namespace Generators.Tests.Kernel;

public sealed unsafe class KernelFunctionTests : IDisposable
{
    private readonly TestDomain _domain = new();

    public void Dispose() => _domain.Dispose();

    private static KernelFunctionEntry Entry(string name) => KernelFunctions.All.Single(f => f.Name == name);

    private static nint Call(string name, nint argument) => ((delegate* unmanaged<nint, nint>)Entry(name).Pointer)(argument);

    [Fact]
    public void Arguments_are_cut_to_their_width_and_signed_as_declared()
    {
        // The upper halves are what a C caller may leave there.
        nint result = ((delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint>)Entry("widths").Pointer)(
            unchecked((nint)0xAAAA_AAAA_0000_01FF),
            unchecked((nint)0xAAAA_AAAA_0000_FFFE),
            unchecked((nint)0xAAAA_AAAA_8000_0000),
            unchecked((nint)0xAAAA_AAAA_0000_0100),
            unchecked((nint)0xAAAA_AAAA_0000_000C),
            nint.MinValue,
            0x1_2345);
        result.ShouldBe(-1);
        _domain.Kernel.Room.Seen.ShouldBe("255 -2 2147483648 False Red -9223372036854775808 9029");
    }

    [Fact]
    public void Alias_reaches_the_same_method()
    {
        Call("negate", 5).ShouldBe(-5);
        Call("negate_alias", unchecked((int)0xFFFF_FFFF)).ShouldBe(1);
    }

    [Fact]
    public void Views_pointers_and_strings_pass_as_addresses()
    {
        Call("is_null", 0).ShouldBe(1);
        Call("is_null", _domain.Arena).ShouldBe(0);
        Call("same", _domain.Arena + 8).ShouldBe(_domain.Arena + 8);
        Call("skip", 41).ShouldBe(42);
        Call("see", _domain.Text(100, "ata1: up"));
        _domain.Kernel.Room.Seen.ShouldBe("ata1: up");
        Call("see", 0);
        _domain.Kernel.Room.Seen.ShouldBe("(null)");
        _domain.Kernel.Cause.ShouldBeNull();
    }

    [Fact]
    public void View_that_ends_past_the_domains_memory_faults_before_the_method_runs()
    {
        nint wild = _domain.Arena + TestDomain.ArenaSize - Command.Size + 1;
        Call("command_result", wild).ShouldBe(0);
        _domain.Kernel.Cause.ShouldBeOfType<KernelFaultException>().Message
            .ShouldBe($"The driver's pointer 0x{wild:x}, for 80 bytes, does not lie in the domain's memory.");
    }

    [Fact]
    public void Noncanonical_pointer_faults()
    {
        Call("command_result", unchecked((nint)0xDEAD_0000_0000_0100));
        _domain.Kernel.Cause.ShouldBeOfType<KernelFaultException>();
    }

    [Fact]
    public void Exception_of_a_method_ends_the_domain_and_returns_zero()
    {
        Call("fail", 3).ShouldBe(0);
        _domain.Kernel.Cause!.Message.ShouldBe("no 3");
    }

    [Fact]
    public void Variable_arguments_follow_the_fixed_ones_from_registers_to_the_stack()
    {
        nint[] registers = [_domain.Text(0, "%d"), 1, 2, 3, 4, 5];
        nint[] stack = [6, 7];
        fixed (nint* r = registers, s = stack)
            ((delegate* unmanaged<nint, nint, nint>)Entry("_printk").Pointer)((nint)r, (nint)s).ShouldBe(7);
        _domain.Kernel.Room.Seen.ShouldBe("%d: 1 2 3 4 5 6 7");
        _domain.Kernel.Calls.Recent(1).ShouldBe([$"_printk(0x{_domain.Arena:x}, 0x1, 0x2, 0x3, ...)"]);
    }

    [Fact]
    public void Argument_list_is_read_where_it_lies()
    {
        var list = _domain.Kernel.Memory.Span<nint>(_domain.Arena + 256, 3);
        // gp_offset 40: one register argument is left.
        list[0] = 40;
        list[1] = _domain.Arena + 512;
        list[2] = _domain.Arena + 1024;
        _domain.Kernel.Memory.At<nint>(_domain.Arena + 1024 + 40) = 7;
        _domain.Kernel.Memory.At<nint>(_domain.Arena + 512) = 8;
        var entry = (delegate* unmanaged<nint, nint, nint>)Entry("vprintk").Pointer;
        entry(0, _domain.Arena + 256).ShouldBe(708);
        _domain.Kernel.Cause.ShouldBeNull();

        list[2] = 16;
        entry(0, _domain.Arena + 256).ShouldBe(0);
        _domain.Kernel.Cause.ShouldBeOfType<KernelFaultException>();
    }

    [Fact]
    public void Table_is_sorted_and_tells_every_width()
    {
        KernelFunctions.All.Select(f => f.Name).ShouldBe(KernelFunctions.All.Select(f => f.Name).Order(StringComparer.Ordinal));
        var widths = Entry("widths");
        (widths.Room, widths.Method, widths.IsVariadic).ShouldBe(("TestRoom", "widths", false));
        widths.Parameters.Select(p => p.Width).ShouldBe([1, 2, 4, 1, 4, 8, 2]);
        widths.Return.ShouldBe(new KernelParameter("", 8, false, null));
        Entry("negate_alias").Method.ShouldBe("negate");
        Entry("is_null").Parameters.ShouldBe([new KernelParameter("command", 8, true, "command")]);
        Entry("see").Return.Width.ShouldBe(0);
        Entry("_printk").Parameters.ShouldBe([new KernelParameter("format", 8, true, null)]);
        Entry("vprintk").Parameters[1].ShouldBe(new KernelParameter("list", 8, true, null));
    }

    [Theory]
    [InlineData("negate", null)]
    [InlineData("command_result", null)]
    [InlineData("_printk", null)]
    [InlineData("is_null", "is_null (TestRoom.is_null), parameter 1 'command': the kernel's 'struct entry *' does not point to a command")]
    [InlineData("see", "see (TestRoom.see), parameter 1 'text': the kernel's 'long int' is no pointer")]
    [InlineData("same", "same (TestRoom.same): the kernel's has 0 parameters, this one 1")]
    [InlineData("fail", "fail (TestRoom.fail), result: the kernel's 'unsigned int' takes 4 bytes, this one 8")]
    public void Prototype_that_differs_is_told(string name, string? expected) =>
        Entry(name).Mismatch(TestDomain.Types.FindFunction(name)!).ShouldBe(expected);
}
