using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

/// <summary>Instructions with one operand in memory at RDI plus 64, and code that runs one of them with given registers.</summary>
internal static class InstructionForms
{
    /// <summary>Each of them works on any values of the registers.</summary>
    public static IReadOnlyList<(string Name, Action<Assembler> Write)> All { get; } = [.. Build()];

    /// <summary>The registers in the order of the block that <see cref="WriteHarness"/> reads and writes, the flags behind them.</summary>
    public const int RegisterCount = 15;

    private static readonly AssemblerRegister64[] s_registers = [rax, rcx, rdx, rbx, rsi, rbp, r8, r9, r10, r11, r12, r13, r14, r15];

    /// <summary>void function(block): registers and flags from the block, RDI last; the instruction; registers and flags back.</summary>
    public static void WriteHarness(Assembler c, Action<Assembler> instruction)
    {
        AssemblerRegister64[] kept = [rbx, rbp, r12, r13, r14, r15];
        foreach (var register in kept)
            c.push(register);
        c.push(rdi);
        c.push(__qword_ptr[rdi + 8 * RegisterCount]);
        c.popfq();
        for (int index = 0; index < s_registers.Length; index++)
            c.mov(s_registers[index], __qword_ptr[rdi + 8 * index]);
        c.mov(rdi, __qword_ptr[rdi + 8 * s_registers.Length]);
        instruction(c);
        c.pushfq();
        c.push(rdi);
        c.mov(rdi, __qword_ptr[rsp + 16]);
        for (int index = 0; index < s_registers.Length; index++)
            c.mov(__qword_ptr[rdi + 8 * index], s_registers[index]);
        c.pop(__qword_ptr[rdi + 8 * s_registers.Length]);
        c.pop(__qword_ptr[rdi + 8 * RegisterCount]);
        c.pop(rdi);
        foreach (var register in kept.Reverse())
            c.pop(register);
        c.cld();
        c.ret();
    }

    private static IEnumerable<(string, Action<Assembler>)> Build()
    {
        yield return ("mov rax, m", c => c.mov(rax, __qword_ptr[rdi + 64]));
        yield return ("mov r9d, m", c => c.mov(r9d, __dword_ptr[rdi + 64]));
        yield return ("mov bx, m", c => c.mov(bx, __word_ptr[rdi + 64]));
        yield return ("mov bpl, m", c => c.mov(bpl, __byte_ptr[rdi + 64]));
        yield return ("mov ch, m", c => c.mov(ch, __byte_ptr[rdi + 64]));
        yield return ("mov rdi, m", c => c.mov(rdi, __qword_ptr[rdi + 64]));
        yield return ("mov m, r13", c => c.mov(__qword_ptr[rdi + 64], r13));
        yield return ("mov m, esi", c => c.mov(__dword_ptr[rdi + 64], esi));
        yield return ("mov m, r8w", c => c.mov(__word_ptr[rdi + 64], r8w));
        yield return ("mov m, sil", c => c.mov(__byte_ptr[rdi + 64], sil));
        yield return ("mov m, dh", c => c.mov(__byte_ptr[rdi + 64], dh));
        yield return ("mov m64, imm", c => c.mov(__qword_ptr[rdi + 64], -5));
        yield return ("mov m32, imm", c => c.mov(__dword_ptr[rdi + 64], 0x8000_0001));
        yield return ("mov m16, imm", c => c.mov(__word_ptr[rdi + 64], 0x8001));
        yield return ("mov m8, imm", c => c.mov(__byte_ptr[rdi + 64], 0x81));
        yield return ("movzx r10d, m8", c => c.movzx(r10d, __byte_ptr[rdi + 64]));
        yield return ("movzx ebx, m16", c => c.movzx(ebx, __word_ptr[rdi + 64]));
        yield return ("movzx ax, m8", c => c.movzx(ax, __byte_ptr[rdi + 64]));
        yield return ("movsx rcx, m8", c => c.movsx(rcx, __byte_ptr[rdi + 64]));
        yield return ("movsx edx, m16", c => c.movsx(edx, __word_ptr[rdi + 64]));
        yield return ("movsx r12w, m8", c => c.movsx(r12w, __byte_ptr[rdi + 64]));
        yield return ("movsxd r14, m32", c => c.movsxd(r14, __dword_ptr[rdi + 64]));
        yield return ("movbe eax, m", c => c.movbe(eax, __dword_ptr[rdi + 64]));
        yield return ("movnti m, rax", c => c.movnti(__qword_ptr[rdi + 64], rax));
        yield return ("add m, r", c => c.add(__dword_ptr[rdi + 64], eax));
        yield return ("add r, m", c => c.add(r15, __qword_ptr[rdi + 64]));
        yield return ("adc m, r", c => c.adc(__byte_ptr[rdi + 64], cl));
        yield return ("sub m, imm", c => c.sub(__word_ptr[rdi + 64], 0x1234));
        yield return ("sbb r, m", c => c.sbb(rdx, __qword_ptr[rdi + 64]));
        yield return ("and m, imm", c => c.and(__dword_ptr[rdi + 64], 0x00ff_ff00));
        yield return ("lock or m, imm", c => c.@lock.or(__dword_ptr[rdi + 64], 0x10));
        yield return ("xor m, r", c => c.xor(__qword_ptr[rdi + 64], r8));
        yield return ("xor ah, m", c => c.xor(ah, __byte_ptr[rdi + 64]));
        yield return ("cmp m, imm", c => c.cmp(__dword_ptr[rdi + 64], 7));
        yield return ("cmp r, m", c => c.cmp(rbx, __qword_ptr[rdi + 64]));
        yield return ("test m, imm", c => c.test(__byte_ptr[rdi + 64], 0x80));
        yield return ("test m, r", c => c.test(__dword_ptr[rdi + 64], r11d));
        yield return ("inc m", c => c.inc(__word_ptr[rdi + 64]));
        yield return ("dec m", c => c.dec(__qword_ptr[rdi + 64]));
        yield return ("neg m", c => c.neg(__dword_ptr[rdi + 64]));
        yield return ("not m", c => c.not(__byte_ptr[rdi + 64]));
        yield return ("bt m, imm", c => c.bt(__dword_ptr[rdi + 64], 9));
        yield return ("bts m, imm", c => c.bts(__word_ptr[rdi + 64], 3));
        yield return ("btr m, imm", c => c.btr(__qword_ptr[rdi + 64], 63));
        yield return ("btc m, imm", c => c.btc(__dword_ptr[rdi + 64], 31));
        // Bits by a number in a register lie around the operand, before it too.
        yield return ("bt m, r", c => Bits(c, a => a.bt(__dword_ptr[rdi + 64], eax)));
        yield return ("bts m, r", c => Bits(c, a => a.bts(__word_ptr[rdi + 64], ax)));
        yield return ("lock btr m, r", c => Bits(c, a => a.@lock.btr(__dword_ptr[rdi + 64], eax)));
        yield return ("btc m, r", c => Bits(c, a => a.btc(__qword_ptr[rdi + 64], rax)));
        yield return ("bsf r, m", c => c.bsf(eax, __dword_ptr[rdi + 64]));
        yield return ("bsr r, m", c => c.bsr(rcx, __qword_ptr[rdi + 64]));
        yield return ("xchg m, r", c => c.xchg(__dword_ptr[rdi + 64], edx));
        yield return ("xchg m, r8b", c => c.xchg(__byte_ptr[rdi + 64], r8b));
        yield return ("lock xadd m, r", c => c.@lock.xadd(__qword_ptr[rdi + 64], rax));
        yield return ("lock cmpxchg m, r", c => c.@lock.cmpxchg(__dword_ptr[rdi + 64], ecx));
        yield return ("shl m, 3", c => c.shl(__dword_ptr[rdi + 64], 3));
        yield return ("shr m, cl", c => c.shr(__qword_ptr[rdi + 64], cl));
        yield return ("sar m, 1", c => c.sar(__byte_ptr[rdi + 64], 1));
        yield return ("rol m, cl", c => c.rol(__word_ptr[rdi + 64], cl));
        yield return ("rcr m, 1", c => c.rcr(__dword_ptr[rdi + 64], 1));
        yield return ("shld m, r, 5", c => c.shld(__dword_ptr[rdi + 64], eax, 5));
        yield return ("mul m", c => c.mul(__dword_ptr[rdi + 64]));
        yield return ("imul r, m", c => c.imul(rsi, __qword_ptr[rdi + 64]));
        yield return ("imul r, m, imm", c => c.imul(esi, __dword_ptr[rdi + 64], 1000));
        yield return ("cmovc r, m", c => c.cmovc(r9, __qword_ptr[rdi + 64]));
        yield return ("setz m", c => c.setz(__byte_ptr[rdi + 64]));
        yield return ("movsq to", c => Movs(c, rdi, a => a.movsq()));
    }

    private static void Bits(Assembler c, Action<Assembler> operation)
    {
        c.movsx(rax, al);
        operation(c);
    }

    // From the operand to the operand's neighbour, so that both ends are the device's.
    private static void Movs(Assembler c, AssemblerRegister64 at, Action<Assembler> move)
    {
        c.lea(rsi, __[at + 64]);
        c.lea(rdi, __[at + 80]);
        c.cld();
        move(c);
    }
}
