using Iced.Intel;
using L4;

namespace DdeKit.Foreign;

/// <summary>
/// What is known of a module's code, as it was loaded: where instructions begin, which of them may be reached other than from the one before,
/// and which have to stay where they are. Whatever an address in code may be wanted for counts as reaching it.
/// </summary>
internal sealed unsafe class CodeMap
{
    // Sections that tell of instructions without ever sending the processor to them. Linux: arch/x86/kernel/vmlinux.lds.S names them;
    // their uses are the unwinder, the tracer, and rewriting of code at boot, none of which is done to modules here.
    private static readonly HashSet<string> s_remarks = new(StringComparer.Ordinal)
    {
        ".orc_unwind", ".orc_unwind_ip", ".smp_locks", ".retpoline_sites", ".return_sites", ".call_sites", ".ibt_endbr_seal",
        ".altinstructions", ".parainstructions", "__mcount_loc",
    };

    // What these sections name is looked up by the address of a trap.
    private static readonly HashSet<string> s_places = new(StringComparer.Ordinal) { "__ex_table", "__bug_table" };

    private readonly byte[] _code;
    private readonly Marks[] _marks;

    /// <summary>Reads a module that nothing has been patched in yet.</summary>
    public CodeMap(LoadedModule module)
    {
        Text = module.Text;
        _code = new ReadOnlySpan<byte>((void*)Text.First, (int)Text.Count).ToArray();
        _marks = new Marks[_code.Length];
        var elf = module.Elf;
        for (int index = 0; index < elf.Symbols.Count; index++)
        {
            if (!module.Layout.TryValueOf(index, out ulong value))
                continue;
            Mark(value, Marks.Target);
            var symbol = elf.Symbols[index];
            if (symbol.NamesCode)
                Decode(value, symbol.Size);
        }
        foreach (var section in elf.Sections)
        {
            if (section.IsAllocated && !section.IsExecutable && !s_remarks.Contains(section.Name))
                MarkNamed(module, section);
        }
    }

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        Start = 1,
        Target = 2,
        Fixed = 4,
    }

    /// <summary>The module's instructions.</summary>
    public Extent Text { get; }

    /// <summary>Whether an instruction is known to begin there.</summary>
    public bool IsStart(ulong address) => Has(address, Marks.Start);

    /// <summary>Whether the processor may come there from elsewhere.</summary>
    public bool IsTarget(ulong address) => Has(address, Marks.Target);

    /// <summary>Whether what lies there may not be moved.</summary>
    public bool IsFixed(ulong address) => Has(address, Marks.Fixed);

    /// <summary>Reads an instruction as it was loaded; the address is the start of one.</summary>
    public Instruction Read(ulong address)
    {
        int offset = (int)(address - Text.First);
        var reader = new ByteArrayCodeReader(_code, offset, Math.Min(InstructionReader.LongestInstruction, _code.Length - offset));
        return Decoder.Create(64, reader, address).Decode();
    }

    /// <summary>Finds the instruction that ends at <paramref name="address"/>; false when none is known.</summary>
    public bool TryPrevious(ulong address, out ulong previous)
    {
        for (previous = address - 1; address - previous <= InstructionReader.LongestInstruction && Text.Contains(previous); previous--)
        {
            if (IsStart(previous))
                return Read(previous).NextIP == address;
        }
        return false;
    }

    private bool Has(ulong address, Marks mark) => Text.Contains(address) && (_marks[(int)(address - Text.First)] & mark) != 0;

    private void Mark(ulong address, Marks mark)
    {
        if (Text.Contains(address))
            _marks[(int)(address - Text.First)] |= mark;
    }

    private void Decode(ulong start, ulong size)
    {
        if (size == 0 || IsStart(start) || !Text.Contains(start, size))
            return;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(_code, (int)(start - Text.First), (int)size), start);
        while (decoder.IP < start + size)
        {
            decoder.Decode(out var instruction);
            if (instruction.IsInvalid)
                return;
            Mark(instruction.IP, Marks.Start);
            MarkNamed(in instruction);
        }
    }

    private void MarkNamed(in Instruction instruction)
    {
        if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall)
            Mark(instruction.NextIP, Marks.Target);
        if (instruction.IsIPRelativeMemoryOperand)
            Mark(instruction.IPRelativeMemoryAddress, Marks.Target);
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            var kind = instruction.GetOpKind(operand);
            if (kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64)
                Mark(instruction.NearBranchTarget, Marks.Target);
            else if (kind is OpKind.Immediate32 or OpKind.Immediate32to64 or OpKind.Immediate64)
                Mark(instruction.GetImmediate(operand), Marks.Target);
        }
    }

    // A relocation of data gives the address symbol + addend, whether as it is or as a distance from its own place.
    private void MarkNamed(LoadedModule module, ElfSection section)
    {
        var marks = s_places.Contains(section.Name) ? Marks.Target | Marks.Fixed : Marks.Target;
        foreach (ref readonly var relocation in module.Elf.RelocationsOf(section))
        {
            if (module.Layout.TryValueOf(relocation.Symbol, out ulong value))
                Mark(unchecked(value + (ulong)relocation.Addend), marks);
        }
    }
}
