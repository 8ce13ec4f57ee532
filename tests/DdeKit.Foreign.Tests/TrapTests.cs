using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

public sealed unsafe class TrapTests
{
    private const long Magic = 0x1122_3344_5566_7788;

    public static TheoryData<string, Action<Assembler>, ulong, string, long> PortReads => new()
    {
        { "in al, imm8", c => c.@in(al, 0x60), 0xa5, "in1 60", 0x1122_3344_5566_77a5 },
        { "in al, dx", c => c.@in(al, dx), 0xa5, "in1 1f7", 0x1122_3344_5566_77a5 },
        { "in ax, dx", c => c.@in(ax, dx), 0xa55a, "in2 1f7", 0x1122_3344_5566_a55a },
        { "in eax, dx", c => c.@in(eax, dx), 0xa5a5_5a5a, "in4 1f7", 0xa5a5_5a5a },
    };

    public static TheoryData<string, Action<Assembler>, string> PortWrites => new()
    {
        { "out imm8, al", c => c.@out(0x80, al), "out1 80 88" },
        { "out dx, al", c => c.@out(dx, al), "out1 1f7 88" },
        { "out dx, ax", c => c.@out(dx, ax), "out2 1f7 7788" },
        { "out dx, eax", c => c.@out(dx, eax), "out4 1f7 55667788" },
    };

    public static TheoryData<string, Action<Assembler>, ulong, string, long> WindowReads => new()
    {
        { "mov al", c => c.mov(al, __[rdi + 3]), 0x80, "read1 febf0013", 0x1122_3344_5566_7780 },
        { "mov ah", c => c.mov(ah, __[rdi + 3]), 0x80, "read1 febf0013", 0x1122_3344_5566_8088 },
        { "mov ax", c => c.mov(ax, __[rdi + 4]), 0x8001, "read2 febf0014", 0x1122_3344_5566_8001 },
        { "mov eax", c => c.mov(eax, __[rdi + 4]), 0x8000_0001, "read4 febf0014", 0x8000_0001 },
        { "mov rax", c => c.mov(rax, __[rdi + 8]), 0x8000_0000_0000_0001, "read8 febf0018", unchecked((long)0x8000_0000_0000_0001) },
        { "movzx eax, byte", c => c.movzx(eax, __byte_ptr[rdi + 3]), 0x80, "read1 febf0013", 0x80 },
        { "movzx eax, word", c => c.movzx(eax, __word_ptr[rdi + rdx * 2]), 0x8001, "read2 febf03fe", 0x8001 },
        { "movsx eax, byte", c => c.movsx(eax, __byte_ptr[rdi + 3]), 0x80, "read1 febf0013", 0xffff_ff80 },
        { "movsx rax, word", c => c.movsx(rax, __word_ptr[rdi + 4]), 0x8001, "read2 febf0014", -0x7fff },
        { "movsxd rax, dword", c => c.movsxd(rax, __dword_ptr[rdi + 4]), 0x8000_0000, "read4 febf0014", -0x8000_0000L },
    };

    public static TheoryData<string, Action<Assembler>, string> WindowWrites => new()
    {
        { "mov byte, al", c => c.mov(__[rdi + 3], al), "write1 febf0013 88" },
        { "mov byte, ah", c => c.mov(__[rdi + 3], ah), "write1 febf0013 77" },
        { "mov word, ax", c => c.mov(__[rdi + 4], ax), "write2 febf0014 7788" },
        { "mov dword, eax", c => c.mov(__[rdi + 4], eax), "write4 febf0014 55667788" },
        { "mov qword, rax", c => c.mov(__[rdi + 8], rax), "write8 febf0018 1122334455667788" },
        { "mov byte, imm", c => c.mov(__byte_ptr[rdi + 3], 0xfe), "write1 febf0013 fe" },
        { "mov dword, imm", c => c.mov(__dword_ptr[rdi + 4], -2), "write4 febf0014 fffffffe" },
        { "mov qword, imm", c => c.mov(__qword_ptr[rdi + 8], -2), "write8 febf0018 fffffffffffffffe" },
    };

    [Theory]
    [MemberData(nameof(PortReads))]
    public void A_port_read_goes_to_the_device(string form, Action<Assembler> access, ulong answer, string log, long result) =>
        RunAccess(form, access, answer, log, result);

    [Theory]
    [MemberData(nameof(PortWrites))]
    public void A_port_write_goes_to_the_device(string form, Action<Assembler> access, string log) => RunAccess(form, access, 0, log, Magic);

    [Theory]
    [MemberData(nameof(WindowReads))]
    public void A_load_from_a_window_goes_to_the_device(string form, Action<Assembler> access, ulong answer, string log, long result) =>
        RunAccess(form, access, answer, log, result);

    [Theory]
    [MemberData(nameof(WindowWrites))]
    public void A_store_to_a_window_goes_to_the_device(string form, Action<Assembler> access, string log) =>
        RunAccess(form, access, 0, log, Magic);

    // The first call traps; with patching, the second one runs the stub.
    private static void RunAccess(string form, Action<Assembler> access, ulong answer, string log, long result)
    {
        RunAccess(form, access, answer, log, result, patched: false);
        RunAccess(form, access, answer, log, result, patched: true);
    }

    private static void RunAccess(string form, Action<Assembler> access, ulong answer, string log, long result, bool patched)
    {
        using var domain = new TestDomain(patched: patched);
        nint window = domain.Windows.Map(0xfebf_0010, 0x1000);
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rdx, 0x1f7);
            c.mov(rax, Magic);
            access(c);
            c.ret();
        });
        for (int call = 0; call < 2; call++)
        {
            domain.Device.Answers.Enqueue(answer);
            ((long)domain.Cpu.Call(function, window)).ShouldBe(result, form);
            domain.Device.Answers.Clear();
        }
        domain.Device.Log.ShouldBe([log, log], form);
        domain.Handler.DeviceTraps.ShouldBe(patched ? 1 : 2, form);
    }

    [Fact]
    public void A_trap_keeps_every_register_and_the_flags()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.push(rbx);
            c.mov(rbx, 3);
            c.mov(r10, 5);
            c.mov(r11, 7);
            c.mov(rdx, 0x60);
            c.mov(__qword_ptr[rsp - 8], 11);
            c.cmp(rbx, 4);
            c.@out(dx, al);
            c.setb(al);
            c.movzx(eax, al);
            c.add(rax, rbx);
            c.add(rax, r10);
            c.add(rax, r11);
            c.add(rax, rdi);
            c.add(rax, rsi);
            c.add(rax, r9);
            c.add(rax, __qword_ptr[rsp - 8]);
            c.pop(rbx);
            c.ret();
        });
        domain.Cpu.Call(function, 100, 200, 0, 0, 0, 600).ShouldBe(1 + 3 + 5 + 7 + 900 + 11);
    }

    [Fact]
    public void A_device_may_run_foreign_code_that_traps_itself()
    {
        using var domain = new TestDomain();
        nint outer = domain.LoadFunction(c =>
        {
            c.push(rbx);
            c.mov(ebx, 500);
            c.xor(eax, eax);
            c.@in(al, 0x60);
            c.add(eax, ebx);
            c.pop(rbx);
            c.ret();
        });
        nint inner = domain.LoadFunction(c =>
        {
            c.xor(eax, eax);
            c.xor(ebx, ebx);
            c.@out(0x80, al);
            c.ret();
        });
        domain.Device.OnReadPort = () => domain.Cpu.Call(inner);
        domain.Device.Answers.Enqueue(7);
        domain.Cpu.Call(outer).ShouldBe(507);
        domain.Device.Log.ShouldBe(["in1 60", "out1 80 0"]);
    }

    [Fact]
    public void An_oops_in_code_that_a_device_runs_gives_up_every_entry()
    {
        using var domain = new TestDomain();
        nint outer = domain.LoadFunction(c =>
        {
            c.@in(al, 0x60);
            c.ret();
        });
        nint inner = domain.LoadFunction(c => c.ud2());
        Exception? seen = null;
        domain.Device.OnReadPort = () =>
        {
            seen = Record.Exception(() => domain.Cpu.Call(inner));
            throw seen;
        };
        var report = Oops(domain, outer);
        report.Kind.ShouldBe("invalid opcode");
        report.Backtrace.ShouldBeEmpty();
        seen.ShouldBeOfType<ForeignAbortException>();
    }

    [Fact]
    public void Repeated_string_input_fills_memory_in_one_block()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rcx, rsi);
            c.mov(edx, 0x1f0);
            c.rep.insw();
            c.lea(rax, __[rdi + rcx]);
            c.ret();
        });
        byte* buffer = stackalloc byte[16];
        domain.Cpu.Call(function, (nint)buffer, 4).ShouldBe((nint)buffer + 8);
        domain.Device.Log.ShouldBe(["ins2 1f0 8"]);
        new ReadOnlySpan<byte>(buffer, 16).ToArray().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
        domain.Cpu.Call(function, (nint)buffer, 0).ShouldBe((nint)buffer);
        domain.Device.Log.Count.ShouldBe(1);
    }

    [Fact]
    public void String_input_with_the_direction_flag_goes_downwards()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rcx, rsi);
            c.mov(edx, 0x1f0);
            c.std();
            c.rep.insb();
            c.cld();
            c.mov(rax, rdi);
            c.ret();
        });
        byte* buffer = stackalloc byte[4];
        domain.Cpu.Call(function, (nint)(buffer + 2), 3).ShouldBe((nint)(buffer - 1));
        // The device counts its calls in hundreds.
        new ReadOnlySpan<byte>(buffer, 4).ToArray().ShouldBe([201, 101, 1, 0]);
    }

    [Fact]
    public void String_output_sends_memory_in_one_block_or_one_element()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rcx, rdi);
            c.mov(edx, 0x1f0);
            c.rep.outsd();
            c.outsw();
            c.outsb();
            c.mov(rax, rsi);
            c.ret();
        });
        byte* buffer = stackalloc byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
        domain.Cpu.Call(function, 2, (nint)buffer).ShouldBe((nint)buffer + 11);
        domain.Device.Log.ShouldBe(["outs4 1f0 0102030405060708", "outs2 1f0 090a", "outs1 1f0 0b"]);
    }

    [Fact]
    public void String_input_to_memory_that_is_not_there_is_an_oops()
    {
        using var domain = new TestDomain();
        nint function = domain.LoadFunction(c =>
        {
            c.mov(rcx, rsi);
            c.mov(edx, 0x1f0);
            c.rep.insw();
            c.ret();
        });
        var report = Oops(domain, function, 0x1000, 256);
        report.Kind.ShouldBe("string instruction on memory that is not there: rep insw, rcx 0x100");
        domain.Device.Log.ShouldBeEmpty();
    }

    [Fact]
    public void An_access_of_a_form_that_is_not_emulated_is_named()
    {
        using var domain = new TestDomain();
        nint window = domain.Windows.Map(0xfebf_0000, 0x1000);
        nint function = domain.LoadFunction(c =>
        {
            c.movdqu(xmm0, __xmmword_ptr[rdi + 8]);
            c.ret();
        });
        Oops(domain, function, window).Kind.ShouldBe("device access by an instruction that is not emulated: movdqu xmm0,[rdi+8]");
        domain.Events.Count("foreign", "unsupported-instruction").ShouldBe(1);
    }

    [Fact]
    public void A_load_past_the_end_of_a_window_is_an_oops()
    {
        using var domain = new TestDomain();
        nint window = domain.Windows.Map(0xfebf_0000, 6);
        nint function = domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.ret();
        });
        Oops(domain, function, window + 4).Kind.ShouldBe("page fault (read)");
        domain.Device.Log.ShouldBeEmpty();
    }

    [Fact]
    public void A_window_taken_back_is_a_window_no_more()
    {
        using var domain = new TestDomain();
        nint window = domain.Windows.Map(0xfebf_0000, 0x1000);
        domain.Windows.Unmap(window);
        domain.Windows.TryTranslate((ulong)window, 4, out _).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => domain.Windows.Unmap(window));
    }

    internal static OopsReport Oops(TestDomain domain, nint function, nint a0 = 0, nint a1 = 0, nint a2 = 0) =>
        Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(function, a0, a1, a2)).InnerException.ShouldBeOfType<OopsException>().Report;
}
