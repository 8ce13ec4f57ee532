using System.Runtime.InteropServices;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

public sealed unsafe class ThunkTests
{
    [UnmanagedCallersOnly]
    private static nint Weigh(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h, nint i)
    {
        return a + 10 * b + 100 * c + 1000 * d + 10_000 * e + 100_000 * f + 1_000_000 * g + 10_000_000 * h + 100_000_000 * i;
    }

    [UnmanagedCallersOnly]
    private static nint SumVariadic(nint* registers, nint* stack)
    {
        var arguments = new VariadicArguments(registers, stack, named: 1);
        nint count = registers[0];
        nint sum = 0;
        for (nint index = 0; index < count; index++)
            sum = sum * 10 + arguments.Next();
        return sum;
    }

    [UnmanagedCallersOnly]
    private static nint SumList(nint count, nint list)
    {
        var arguments = new VariadicArguments(list);
        nint sum = 0;
        for (nint index = 0; index < count; index++)
            sum = sum * 10 + arguments.Next();
        return sum;
    }

    [UnmanagedCallersOnly]
    private static nint Six(nint a, nint b, nint c, nint d, nint e, nint f) => a + 10 * b + 100 * c + 1000 * d + 10_000 * e + 100_000 * f;

    [UnmanagedCallersOnly]
    private static nint None() => 5;

    [UnmanagedCallersOnly]
    private static nint Three(nint a, nint b, nint c) => a + 10 * b + 100 * c;

    [UnmanagedCallersOnly]
    private static nint Seven(nint a, nint b, nint c, nint d, nint e, nint f, nint g) =>
        a + 10 * b + 100 * c + 1000 * d + 10_000 * e + 100_000 * f + 1_000_000 * g;

    [UnmanagedCallersOnly]
    private static nint Eight(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h) =>
        a + 10 * b + 100 * c + 1000 * d + 10_000 * e + 100_000 * f + 1_000_000 * g + 10_000_000 * h;

    private static nint WeighPointer => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint, nint, nint>)&Weigh;

    private static nint VariadicPointer => (nint)(delegate* unmanaged<nint*, nint*, nint>)&SumVariadic;

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Nine_arguments_arrive_whatever_the_stack_alignment(int misalignment)
    {
        using var domain = new TestDomain();
        nint thunk = domain.Thunks.Function("weigh", WeighPointer, 9);
        nint caller = domain.Assemble(c =>
        {
            c.push(rbp);
            c.mov(rbp, rsp);
            c.sub(rsp, 24 + misalignment);
            c.mov(__qword_ptr[rsp], 7);
            c.mov(__qword_ptr[rsp + 8], 8);
            c.mov(__qword_ptr[rsp + 16], 9);
            c.call((ulong)thunk);
            c.leave();
            c.ret();
        });
        domain.Cpu.Call(caller, 1, 2, 3, 4, 5, 6).ShouldBe(987654321);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 321)]
    [InlineData(6, 654321)]
    [InlineData(7, 7654321)]
    [InlineData(8, 87654321)]
    public void Any_number_of_arguments_arrives_in_order(int count, int expected)
    {
        using var domain = new TestDomain();
        nint target = count switch
        {
            0 => (nint)(delegate* unmanaged<nint>)&None,
            3 => (nint)(delegate* unmanaged<nint, nint, nint, nint>)&Three,
            6 => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint>)&Six,
            7 => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint>)&Seven,
            _ => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint, nint>)&Eight,
        };
        nint thunk = domain.Thunks.Function("weigh", target, count);
        nint caller = domain.Assemble(c =>
        {
            c.push(8);
            c.push(7);
            c.call((ulong)thunk);
            c.add(rsp, 16);
            c.ret();
        });
        domain.Cpu.Call(caller, 1, 2, 3, 4, 5, 6).ShouldBe(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public void Variadic_arguments_are_read_from_registers_and_stack(int count)
    {
        using var domain = new TestDomain();
        nint thunk = domain.Thunks.Variadic("sum", VariadicPointer);
        nint caller = domain.Assemble(c =>
        {
            c.push(8);
            c.push(7);
            c.push(6);
            c.call((ulong)thunk);
            c.add(rsp, 24);
            c.ret();
        });
        domain.Cpu.Call(caller, count, 1, 2, 3, 4, 5).ShouldBe((nint)(12345678 / (long)Math.Pow(10, 8 - count)));
    }

    [Fact]
    public void A_variable_argument_list_is_read_from_where_it_stands()
    {
        using var domain = new TestDomain();
        nint thunk = domain.Thunks.Function("vsum", (nint)(delegate* unmanaged<nint, nint, nint>)&SumList, 2);
        nint* saved = stackalloc nint[] { 0, 0, 0, 0, 1, 2 };
        nint* overflow = stackalloc nint[] { 3, 4 };
        nint* list = stackalloc nint[] { 32 | (nint)48 << 32, (nint)overflow, (nint)saved };
        domain.Cpu.Call(thunk, 4, (nint)list).ShouldBe(1234);
    }

    [Fact]
    public void A_thunk_aligns_the_stack_for_its_target()
    {
        using var domain = new TestDomain();
        // The target is foreign code as well, so that the stack pointer that it sees can be observed.
        nint target = domain.Assemble(c =>
        {
            c.mov(rax, rsp);
            c.ret();
        });
        nint thunk = domain.Thunks.Function("observe", target, 7);
        foreach (int misalignment in new[] { 0, 8 })
        {
            nint caller = domain.Assemble(c =>
            {
                c.sub(rsp, 8 + misalignment);
                c.call((ulong)thunk);
                c.add(rsp, 8 + misalignment);
                c.ret();
            });
            // At the first instruction of a function the stack pointer is 8 short of alignment: x86-64 psABI 1.0, section 3.2.2.
            (domain.Cpu.Call(caller) & 15).ShouldBe(8);
        }
    }

    [Fact]
    public void A_preserving_thunk_changes_no_register_but_the_result()
    {
        using var domain = new TestDomain();
        nint six = (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint>)&Six;
        nint thunk = domain.Thunks.Preserving("irq_save", six);
        nint caller = domain.Assemble(c =>
        {
            c.mov(r10, 10);
            c.mov(r11, 11);
            c.call((ulong)thunk);
            c.add(rax, rdi);
            c.add(rax, rsi);
            c.add(rax, rdx);
            c.add(rax, rcx);
            c.add(rax, r8);
            c.add(rax, r9);
            c.add(rax, r10);
            c.add(rax, r11);
            c.ret();
        });
        domain.Cpu.Call(caller, 1, 2, 3, 4, 5, 6).ShouldBe(654321 + 1 + 2 + 3 + 4 + 5 + 6 + 10 + 11);
    }

    [Fact]
    public void Machine_stubs_return_and_jump_by_name()
    {
        using var domain = new TestDomain();
        domain.Thunks.TryMachineStub("__x86_return_thunk", out nint returns).ShouldBeTrue();
        domain.Thunks.TryMachineStub("__x86_indirect_thunk_r11", out nint jumps).ShouldBeTrue();
        domain.Thunks.TryMachineStub("kmalloc", out _).ShouldBeFalse();
        nint seven = domain.Assemble(c =>
        {
            c.mov(eax, 7);
            c.jmp((ulong)returns);
        });
        nint caller = domain.Assemble(c =>
        {
            c.mov(r11, seven);
            c.call((ulong)jumps);
            c.inc(eax);
            c.ret();
        });
        domain.Cpu.Call(caller).ShouldBe(8);
    }

    [Fact]
    public void Every_thunk_of_many_is_found_by_its_address()
    {
        using var domain = new TestDomain();
        var thunks = Enumerable.Range(0, 1500).Select(number => domain.Thunks.Function($"function{number}", WeighPointer, 9)).ToArray();
        for (int number = 0; number < thunks.Length; number++)
        {
            domain.Thunks.TryDescribe(thunks[number] + 3, out string text).ShouldBeTrue();
            text.ShouldBe($"function{number}+0x3");
        }
        domain.Thunks.Extents.Count.ShouldBeGreaterThan(1);
        domain.Thunks.TryDescribe(0x1000, out _).ShouldBeFalse();
    }
}
