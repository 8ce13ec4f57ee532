using L4;

namespace DdeKit.Foreign;

/// <summary>What becomes of an instruction.</summary>
public enum CodeFaultKind : byte
{
    /// <summary>One bit of it is another.</summary>
    FlippedBit,

    /// <summary>It is not carried out.</summary>
    SkippedInstruction,

    /// <summary>The processor stays at it for ever.</summary>
    EndlessLoop,
}

/// <summary>
/// A fault in a domain's code that strikes where the processor comes by: many places are armed with an instruction that traps, and the one
/// that is come to is spoiled, the others are as before. So a fault does not lie in code that nobody runs, and that it struck is known.
/// </summary>
/// <remarks>Belongs to the holder of the baton. A domain whose code is patched has instructions elsewhere too: its code is not for faults.</remarks>
public sealed unsafe class CodeFault
{
    // HLT: a single byte, and privileged, so that it traps. Intel SDM volume 2.
    private const byte Halt = 0xf4;
    private const byte NoOperation = 0x90;

    // JMP to itself.
    private static ReadOnlySpan<byte> Stay => [0xeb, 0xfe];

    private readonly InstructionReader _reader = new();
    private readonly Dictionary<ulong, byte> _armed = [];
    private readonly CodeFaultKind _kind;
    private readonly Random _random;
    private readonly Action<ulong, string> _struck;
    private int _passes;

    /// <summary>Chooses places and arms them.</summary>
    /// <param name="modules">The code.</param>
    /// <param name="kind">What becomes of the instruction.</param>
    /// <param name="random">Chooses; the same numbers choose the same places.</param>
    /// <param name="candidates">How many places are armed.</param>
    /// <param name="passes">How many of them are come to, and left as they are, before the fault strikes.</param>
    /// <param name="struck">Told of the place and what was done, before the processor goes on there.</param>
    public CodeFault(IReadOnlyList<LoadedModule> modules, CodeFaultKind kind, Random random, int candidates, int passes, Action<ulong, string> struck)
    {
        (_kind, _random, _passes, _struck) = (kind, random, passes, struck);
        Extent[] functions = [.. modules.SelectMany(FunctionsOf)];
        if (functions.Length == 0)
            return;
        long bytes = functions.Sum(function => (long)function.Count);
        var places = new HashSet<ulong>();
        for (int candidate = 0; candidate < candidates; candidate++)
            places.Add(InstructionAt(functions, (ulong)random.NextInt64(bytes)));
        // Not before all are chosen: what is armed does not read as what it was.
        foreach (ulong place in places)
        {
            _armed.Add(place, *(byte*)place);
            *(byte*)place = Halt;
        }
    }

    /// <summary>The processor trapped: whether it came to an armed place, and goes on there.</summary>
    internal bool Visit(ulong place)
    {
        if (!_armed.Remove(place, out byte original))
            return false;
        *(byte*)place = original;
        if (_passes-- > 0)
            return true;
        Disarm();
        if (_reader.TryRead(place, out var instruction))
            _struck(place, Spoil(place, instruction.Length));
        return true;
    }

    /// <summary>The code is as it was, but for what was struck.</summary>
    internal void Disarm()
    {
        foreach (var (place, original) in _armed)
            *(byte*)place = original;
        _armed.Clear();
    }

    private string Spoil(ulong place, int length)
    {
        var bytes = new Span<byte>((void*)place, Math.Max(length, Stay.Length));
        switch (_kind)
        {
            case CodeFaultKind.FlippedBit:
                int bit = _random.Next(length * 8);
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                return $"bit {bit} of an instruction of {length} bytes is flipped";
            case CodeFaultKind.SkippedInstruction:
                bytes[..length].Fill(NoOperation);
                return $"an instruction of {length} bytes does nothing";
            default:
                Stay.CopyTo(bytes);
                return "an instruction jumps to itself";
        }
    }

    private ulong InstructionAt(Extent[] functions, ulong offset)
    {
        int index = 0;
        while (offset >= functions[index].Count)
            offset -= functions[index++].Count;
        ulong place = functions[index].First;
        ulong wanted = place + offset;
        while (_reader.TryRead(place, out var instruction) && instruction.NextIP <= wanted)
            place = instruction.NextIP;
        return place;
    }

    private static IEnumerable<Extent> FunctionsOf(LoadedModule module)
    {
        var known = new HashSet<ulong>();
        for (int index = 0; index < module.Elf.Symbols.Count; index++)
        {
            var symbol = module.Elf.Symbols[index];
            // What runs once, before any fault and after all, is left out.
            if (symbol.NamesCode && symbol.Size > 0 && module.Elf.Sections[symbol.Section].Name.StartsWith(".text", StringComparison.Ordinal)
                && module.Layout.TryValueOf(index, out ulong address) && module.Text.Contains(address, symbol.Size) && known.Add(address))
            {
                yield return new Extent(address, symbol.Size);
            }
        }
    }
}
