using System.Runtime.InteropServices;

namespace L4;

/// <summary>A place in a filter program, known when it is marked.</summary>
internal sealed class BpfLabel
{
    internal int Position { get; set; } = -1;
}

/// <summary>One instruction of the classic Berkeley Packet Filter, in the kernel's layout (struct sock_filter).</summary>
/// <param name="Code">Operation.</param>
/// <param name="JumpTrue">Instructions to skip when a comparison holds.</param>
/// <param name="JumpFalse">Instructions to skip when it does not.</param>
/// <param name="Operand">The constant.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);

/// <summary>Assembles filter programs: one accumulator of 32 bits, jumps forward only, by 255 instructions at most.</summary>
internal sealed class BpfAssembler
{
    internal const ushort LoadWord = 0x20;
    internal const ushort And = 0x54;
    internal const ushort JumpEqual = 0x15;
    internal const ushort Return = 0x06;

    private readonly List<(BpfInstruction Instruction, BpfLabel? True, BpfLabel? False)> _lines = [];

    /// <summary>Loads the word at an offset of the data that are judged.</summary>
    internal void Load(int offset) => Add(LoadWord, (uint)offset);

    /// <summary>Clears the bits that a mask lacks.</summary>
    internal void Mask(uint mask) => Add(And, mask);

    /// <summary>Goes on at one of two places; null is the next instruction.</summary>
    internal void Compare(uint value, BpfLabel? whenEqual, BpfLabel? otherwise) =>
        _lines.Add((new BpfInstruction(JumpEqual, 0, 0, value), whenEqual, otherwise));

    /// <summary>Ends the program with a verdict.</summary>
    internal void Decide(uint verdict) => Add(Return, verdict);

    /// <summary>The next instruction's place.</summary>
    internal void MarkHere(BpfLabel label) => label.Position = _lines.Count;

    /// <summary>The program.</summary>
    /// <exception cref="InvalidOperationException">A jump is too long, goes back, or its label was never marked.</exception>
    internal BpfInstruction[] Assemble()
    {
        var program = new BpfInstruction[_lines.Count];
        for (int index = 0; index < program.Length; index++)
        {
            var (instruction, whenTrue, whenFalse) = _lines[index];
            program[index] = instruction with { JumpTrue = Distance(index, whenTrue), JumpFalse = Distance(index, whenFalse) };
        }
        return program;
    }

    private void Add(ushort code, uint operand) => _lines.Add((new BpfInstruction(code, 0, 0, operand), null, null));

    private static byte Distance(int from, BpfLabel? label)
    {
        int distance = label is null ? 0 : label.Position - from - 1;
        return distance is >= 0 and <= byte.MaxValue ? (byte)distance
            : throw new InvalidOperationException($"a jump of {distance} instructions from instruction {from} does not fit: 0 to 255 are possible");
    }
}
