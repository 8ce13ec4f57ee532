using System.Runtime.InteropServices;
using System.Text;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

public sealed unsafe class OopsTests
{
    [Fact]
    public void A_wild_pointer_ends_the_domain_with_registers_and_backtrace()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        int write = elf.AddFunction("write_wild", ElfBuilder.Assemble(c =>
        {
            c.mov(r9, 0x1234);
            c.mov(__dword_ptr[rdi], eax);
            c.ret();
        }));
        int middle = elf.AddCaller("middle", write);
        elf.AddCaller("outer", middle);
        domain.Load(elf).TryGetSymbol("outer", out nint outer).ShouldBeTrue();

        var report = TrapTests.Oops(domain, outer, unchecked((nint)0x7000_dead_0000));
        report.Kind.ShouldBe("page fault (write)");
        report.Place.ShouldBe("write_wild+0xa [driver]");
        report.Frame.FaultAddress.ShouldBe(0x7000_dead_0000u);
        report.Frame.R9.ShouldBe(0x1234u);
        report.Code.ShouldContain("<89> 07 c3");
        report.Backtrace.ShouldBe(["middle+0x5 [driver]", "outer+0x5 [driver]"]);
        report.ToLines()[0].ShouldBe("oops: page fault (write), address 0x7000dead0000, signal 11, exception 14, error code 0x6");
    }

    [Fact]
    public void A_pointer_that_no_address_can_have_is_a_protection_fault()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.ret();
        });
        TrapTests.Oops(domain, function, unchecked((nint)0xdead_0000_0000_0100)).Kind.ShouldBe("general protection fault");
    }

    [Fact]
    public void A_division_by_zero_is_an_oops()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.xor(edx, edx);
            c.div(edi);
            c.ret();
        });
        TrapTests.Oops(domain, function).Kind.ShouldBe("divide error");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x1000)]
    public void A_call_through_a_bad_function_pointer_names_the_caller(nint target)
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.call(rdi);
            c.ret();
        });
        var report = TrapTests.Oops(domain, function, target);
        report.Kind.ShouldBe("jump to where no code is");
        report.Frame.Rip.ShouldBe((ulong)target);
        report.Backtrace.ShouldBe(["function+0x2 [module0]"]);
    }

    [Fact]
    public void Running_into_padding_is_an_oops()
    {
        using var domain = new TestDomain();
        TrapTests.Oops(domain, domain.LoadFunction(c => c.int3())).Kind.ShouldStartWith("breakpoint");
    }

    [Fact]
    public void A_lost_stack_pointer_still_gives_up_the_entry()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rsp, 0x1000);
            c.push(rax);
            c.ret();
        });
        Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(function)).Message.ShouldContain("lost its stack");
    }

    [Fact]
    public void Endless_recursion_is_given_up()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        int self = elf.AddFunction("recurse", 0xe8, 0, 0, 0, 0, 0xc3);
        elf.AddRelocation(elf.Text, 1, ElfBuilder.Branch32, self, -4);
        domain.Load(elf).TryGetSymbol("recurse", out nint recurse).ShouldBeTrue();
        Exception? end = null;
        var thread = new Thread(
            () =>
            {
                domain.Cpu.Attach();
                end = Record.Exception(() => domain.Cpu.Call(recurse));
                ForeignCpu.Detach();
            },
            256 * 1024);
        thread.Start();
        thread.Join();
        end.ShouldBeOfType<ForeignAbortException>();
    }

    [Fact]
    public void A_bad_call_from_the_host_is_given_up()
    {
        using var domain = new TestDomain();
        TrapTests.Oops(domain, 0x1000).Kind.ShouldBe("jump to where no code is");
    }

    [Fact]
    public void An_address_that_no_pointer_can_have_cannot_be_called()
    {
        using var domain = new TestDomain();
        Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(unchecked((nint)0xdead_0000_0000_0100)));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public void Code_goes_on_after_a_warning(bool once, int expected)
    {
        using var domain = new TestDomain();
        nint function = LoadBug(domain, (ushort)(once ? 3 : 1));
        domain.Cpu.Call(function).ShouldBe(7);
        domain.Cpu.Call(function).ShouldBe(7);
        domain.Events.Count("foreign", "warning").ShouldBe(expected);
        domain.Events.Recent[0].Text.ShouldBe("WARNING at drivers/test.c:1234, buggy+0x0 [driver]");
    }

    [Fact]
    public void Code_does_not_go_on_after_a_bug()
    {
        using var domain = new TestDomain();
        TrapTests.Oops(domain, LoadBug(domain, 0)).Kind.ShouldBe("BUG at drivers/test.c:1234");
    }

    [Fact]
    public void An_undefined_instruction_without_an_entry_is_an_oops()
    {
        using var domain = new TestDomain();
        TrapTests.Oops(domain, domain.LoadFunction(c => c.ud2())).Kind.ShouldBe("invalid opcode");
    }

    private static nint LoadBug(TestDomain domain, ushort flags)
    {
        var elf = new ElfBuilder("driver");
        int function = elf.AddFunction("buggy", ElfBuilder.Assemble(c =>
        {
            c.ud2();
            c.mov(eax, 7);
            c.ret();
        }));
        ulong text = elf.Append(elf.Data, [.. Encoding.UTF8.GetBytes("drivers/test.c"), 0]);
        int file = elf.AddSymbol("file", elf.Data, text, binding: ElfBinding.Local);
        int table = elf.AddSection("__bug_table", ElfSectionFlags.Allocate | ElfSectionFlags.Write, 8);
        elf.Append(table, 0, 0, 0, 0, 0, 0, 0, 0, 0xd2, 4, (byte)flags, 0);
        elf.AddRelocation(table, 0, ElfBuilder.Relative32, function, 0);
        elf.AddRelocation(table, 4, ElfBuilder.Relative32, file, 0);
        domain.Load(elf).TryGetSymbol("buggy", out nint address).ShouldBeTrue();
        return address;
    }

    [Fact]
    public void Memory_is_probed_without_harm()
    {
        using var domain = new TestDomain();
        using var region = domain.Memory.Allocate(3 * LowMemory.PageSize, LowAccess.Data);
        region.Bytes.Fill(0x5a);
        region.Protect(LowMemory.PageSize, LowMemory.PageSize, LowAccess.None);
        nint start = region.Address;
        ForeignMemory.IsAccessible(start, 4096, write: true).ShouldBeTrue();
        ForeignMemory.IsAccessible(start + 4095, 1, write: true).ShouldBeTrue();
        ForeignMemory.IsAccessible(start + 4095, 2, write: true).ShouldBeFalse();
        ForeignMemory.IsAccessible(start, 3 * 4096, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(start + 8191, 2, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(start + 8192, 4096, write: false).ShouldBeTrue();
        ForeignMemory.IsAccessible(0, 1, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(unchecked((nint)0xdead_0000_0000_0100), 1, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(-8, 16, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(0, 0, write: false).ShouldBeTrue();
        ForeignMemory.IsAccessible(start, -1, write: false).ShouldBeFalse();
        ForeignMemory.IsAccessible(EntryAddress(), 1, write: false).ShouldBeTrue();
        region.Bytes[..4096].IndexOfAnyExcept((byte)0x5a).ShouldBe(-1);
    }

    [Fact]
    public void Null_references_stay_what_they_were_on_every_thread()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(edx, 0x60);
            c.@in(al, dx);
            c.ret();
        });
        int caught = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < 50; round++)
            {
                try
                {
                    _ = Missing()!.Length;
                }
                catch (NullReferenceException)
                {
                    Interlocked.Increment(ref caught);
                }
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        for (int round = 0; round < 200; round++)
        {
            domain.Device.Answers.Enqueue(1);
            domain.Cpu.Call(function);
        }
        foreach (var thread in threads)
            thread.Join();
        caught.ShouldBe(200);
        Should.Throw<NullReferenceException>(() => Missing()!.Length);
        Should.Throw<DivideByZeroException>(() => 1 / Missing()?.Length ?? 1 / Zero());
    }

    private static string? Missing() => null;

    private static int Zero() => 0;

    private static nint EntryAddress() => (nint)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");
}
