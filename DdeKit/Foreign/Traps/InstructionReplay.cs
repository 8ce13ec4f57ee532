using System.Runtime.CompilerServices;
using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>An instruction whose memory operand is the stand-in word, ready to run.</summary>
/// <param name="Code">Its machine code; 0 when there is none.</param>
/// <param name="Reads">Whether it reads its operand.</param>
/// <param name="Writes">Whether it writes it.</param>
internal readonly record struct ReplayedInstruction(nint Code, bool Reads, bool Writes);

/// <summary>
/// Runs single instructions on a word that stands for a device register: whatever the processor does with operands and flags is then right
/// without being written down a second time. Used by the holder of the baton.
/// </summary>
internal sealed unsafe class InstructionReplay
{
    /// <summary>Bytes that one prepared instruction takes, with the return behind it.</summary>
    public const int CodeSize = 16;

    private const byte Return = 0xc3;
    private const int TransientOffset = 1024;

    // The registers in the order of RegisterFrame, by their number in encodings.
    private static ReadOnlySpan<byte> Numbers => [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0];

    private readonly ulong* _word;
    private readonly nint _transient;
    private readonly delegate* unmanaged<RegisterFrame*, nint, void> _run;
    private readonly InstructionInfoFactory _information = new();
    private readonly PointerWriter _writer = new();
    private readonly Encoder _encoder;

    /// <param name="memory">Where the code and the word go.</param>
    public InstructionReplay(LowMemory memory)
    {
        _word = (ulong*)memory.Allocate(LowMemory.PageSize, LowAccess.Data).Address;
        var code = memory.Allocate(LowMemory.PageSize, LowAccess.Code);
        _transient = code.Address + TransientOffset;
        _run = (delegate* unmanaged<RegisterFrame*, nint, void>)EmitRun(new CodeBuffer(code));
        _encoder = Encoder.Create(64, _writer);
    }

    /// <summary>What the instruction finds in its operand, and leaves there.</summary>
    public ref ulong Word => ref *_word;

    /// <summary>Prepares an instruction for one run soon.</summary>
    /// <inheritdoc cref="TryPrepare(in Instruction, nint, out ReplayedInstruction)"/>
    public bool TryPrepare(in Instruction instruction, out ReplayedInstruction prepared) => TryPrepare(in instruction, _transient, out prepared);

    /// <summary>Prepares an instruction; false when it is of a kind that is not replayed.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="destination">Room for <see cref="CodeSize"/> bytes in low memory.</param>
    /// <param name="prepared">What can be run.</param>
    public bool TryPrepare(in Instruction instruction, nint destination, out ReplayedInstruction prepared)
    {
        prepared = default;
        if (!IsReplayable(in instruction))
            return false;
        var (reads, writes) = OperandAccess(in instruction);
        var copy = instruction;
        copy.SegmentPrefix = Register.None;
        copy.MemoryBase = Register.None;
        copy.MemoryIndex = Register.None;
        copy.MemoryDisplSize = sizeof(ulong);
        copy.MemoryDisplacement64 = (ulong)_word;
        _writer.Position = (byte*)destination;
        if (!_encoder.TryEncode(in copy, (ulong)destination, out uint length, out _) || length >= CodeSize)
            return false;
        *_writer.Position = Return;
        prepared = new ReplayedInstruction(destination, reads, writes);
        return true;
    }

    /// <summary>Runs a prepared instruction with the frame's registers and flags.</summary>
    public void Run(ref RegisterFrame frame, in ReplayedInstruction prepared) => _run((RegisterFrame*)Unsafe.AsPointer(ref frame), prepared.Code);

    // What cannot trap on a word that is there, does not go elsewhere, and has one operand in memory.
    private static bool IsReplayable(in Instruction instruction)
    {
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && (!RegisterFile.Has(instruction.GetOpRegister(operand))
                || instruction.GetOpRegister(operand).GetFullRegister() == Register.RSP))
            {
                return false;
            }
        }
        return instruction.Mnemonic switch
        {
            Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor => true,
            Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not => true,
            Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc or Mnemonic.Bsf or Mnemonic.Bsr => true,
            Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Movbe or Mnemonic.Movnti => true,
            Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr => true,
            Mnemonic.Shld or Mnemonic.Shrd or Mnemonic.Mul or Mnemonic.Imul => true,
            _ => instruction.ConditionCode != ConditionCode.None && instruction.FlowControl == FlowControl.Next,
        };
    }

    private (bool Reads, bool Writes) OperandAccess(in Instruction instruction)
    {
        var access = OpAccess.None;
        foreach (var memory in _information.GetInfo(in instruction).GetUsedMemory())
            access = memory.Access;
        return (access is OpAccess.Read or OpAccess.CondRead or OpAccess.ReadWrite or OpAccess.ReadCondWrite,
            access is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite);
    }

    // void Run(RegisterFrame *frame, code): all registers of the frame but rip and rsp, the code, and back.
    private static nint EmitRun(CodeBuffer code)
    {
        nint start = code.Position;
        code.Bytes(0x55, 0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57)              // push rbp, rbx, r12, r13, r14, r15
            .Bytes(0x57, 0x56)                                                              // push rdi, rsi
            .With32(136, 0xff, 0xb7).Bytes(0x9d);                                           // push [rdi+Rflags]; popfq
        for (int index = 0; index < Numbers.Length; index++)
        {
            if (Numbers[index] != 7)
                Move(code, 0x8b, index, 7);                                                 // mov REG, [rdi+8*index]
        }
        code.Bytes(0x48, 0x8b, 0x7f, 0x40)                                                  // mov rdi, [rdi+Rdi]
            .Bytes(0xff, 0x14, 0x24)                                                        // call [rsp]
            .Bytes(0x9c, 0x50, 0x48, 0x8b, 0x44, 0x24, 0x18);                               // pushfq; push rax; mov rax, [rsp+24]
        for (int index = 0; index < Numbers.Length - 1; index++)
            Move(code, 0x89, index, 0);                                                     // mov [rax+8*index], REG
        code.Bytes(0x59, 0x48, 0x89, 0x48, 0x70)                                            // pop rcx; mov [rax+Rax], rcx
            .Bytes(0x59).With32(136, 0x48, 0x89, 0x88)                                      // pop rcx; mov [rax+Rflags], rcx
            .Bytes(0xfc, 0x5e, 0x5f, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, 0x5d, 0xc3);
        return start;
    }

    private static void Move(CodeBuffer code, byte operation, int index, int pointer)
    {
        int number = Numbers[index];
        code.Bytes((byte)(0x48 | number >> 3 << 2), operation, (byte)(0x40 | (number & 7) << 3 | pointer), (byte)(8 * index));
    }

    private sealed class PointerWriter : CodeWriter
    {
        public byte* Position { get; set; }

        public override void WriteByte(byte value) => *Position++ = value;
    }
}
