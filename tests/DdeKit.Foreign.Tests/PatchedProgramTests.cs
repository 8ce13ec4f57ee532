using FsCheck;
using FsCheck.Fluent;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

/// <summary>Random small programs with accesses and branches close together: what they compute does not depend on where their accesses go
/// nor on what was patched in them before.</summary>
public sealed class PatchedProgramTests
{
    private const int Items = 12;

    [Fact]
    public void A_program_computes_the_same_on_a_device_as_on_memory_however_it_was_patched()
    {
        int patched = 0, unpatchable = 0;
        var programs = Gen.Choose(0, byte.MaxValue).Select(static value => (byte)value).ArrayOf().Where(static program => program.Length < 60);
        Prop.ForAll(programs.Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(), input =>
        {
            var (program, seed) = input;
            var device = new MemoryDevice();
            using var domain = new TestDomain(device, patched: true);
            nint window = domain.Windows.Map(MemoryDevice.Physical, 4096);
            var memory = domain.Memory.Allocate(4096, LowAccess.Data);
            nint function = domain.LoadFunction(c => Write(c, program));
            for (int round = 0; round < 4; round++)
            {
                nint argument = unchecked((int)((uint)seed >> (8 * round)) & 0xff);
                for (int index = 0; index < 32; index++)
                    device.Memory[index] = memory.Bytes[index] = unchecked((byte)(seed >> (index % 24) & round));
                nint expected = domain.Cpu.Call(function, memory.Address, argument);
                domain.Cpu.Call(function, window, argument).ShouldBe(expected);
                device.Memory.AsSpan(0, 64).SequenceEqual(memory.Bytes[..64]).ShouldBeTrue();
            }
            patched += domain.Patcher.PatchedSites;
            unpatchable += domain.Patcher.Unpatchable.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(60).WithReplay(7, 11));
        patched.ShouldBeGreaterThan(1000);
        unpatchable.ShouldBeGreaterThan(0);
    }

    // int program(memory, argument): each byte is an item, by its remainder, with an operand, by its quotient.
    private static void Write(Assembler c, byte[] program)
    {
        var labels = new Label[program.Length + 1];
        for (int index = 0; index < labels.Length; index++)
            labels[index] = c.CreateLabel();
        c.xor(eax, eax);
        c.mov(ecx, esi);
        c.mov(edx, 7);
        for (int index = 0; index < program.Length; index++)
        {
            c.Label(ref labels[index]);
            int operand = program[index] / Items;
            var word = __dword_ptr[rdi + 8 * (operand % 4)];
            var after = labels[Math.Min(index + 1 + operand % 4, program.Length)];
            switch (program[index] % Items)
            {
                case 0:
                    c.add(eax, ecx);
                    break;
                case 1:
                    c.inc(edx);
                    break;
                case 2:
                    c.xor(ecx, edx);
                    break;
                case 3:
                    c.mov(eax, word);
                    break;
                case 4:
                    c.mov(word, ecx);
                    break;
                case 5:
                    c.or(word, operand);
                    break;
                case 6:
                    c.movzx(edx, __byte_ptr[rdi + operand]);
                    break;
                case 7:
                    c.test(al, 1);
                    break;
                case 8:
                    c.jne(after);
                    break;
                case 9:
                    c.cmp(ecx, edx);
                    break;
                case 10:
                    c.jb(after);
                    break;
                default:
                    c.add(ecx, word);
                    break;
            }
        }
        c.Label(ref labels[^1]);
        c.add(eax, ecx);
        c.xor(eax, edx);
        c.ret();
    }
}
