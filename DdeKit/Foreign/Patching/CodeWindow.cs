using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>
/// Adjacent instructions that may be moved elsewhere together, leaving room for a jump there: nothing comes to any but the first of them from
/// outside.
/// </summary>
/// <param name="Instructions">The instructions, in order.</param>
internal sealed record CodeWindow(IReadOnlyList<Instruction> Instructions)
{
    /// <summary>Bytes of the jump. Intel SDM volume 2, JMP rel32.</summary>
    public const int JumpSize = 5;

    private const int InstructionLimit = 12;

    /// <summary>Address of the first instruction.</summary>
    public ulong Start => Instructions[0].IP;

    /// <summary>The address behind the last.</summary>
    public ulong End => Instructions[^1].NextIP;

    /// <summary>The windows around an instruction, those that move the fewest instructions first.</summary>
    public static IEnumerable<CodeWindow> Around(CodeMap map, ulong site)
    {
        var found = new List<CodeWindow>();
        ulong start = site;
        for (int before = 0; before <= JumpSize; before++)
        {
            if (TryTake(map, start, site, site + 1) is { } window)
                found.Add(window);
            if (!map.TryPrevious(start, out start))
                break;
        }
        return found.OrderBy(static window => window.Instructions.Count);
    }

    /// <summary>The window over all of a range that ends where an instruction does; null when that cannot be moved.</summary>
    public static CodeWindow? Over(CodeMap map, ulong start, ulong end) => TryTake(map, start, start, end);

    private static CodeWindow? TryTake(CodeMap map, ulong start, ulong site, ulong least)
    {
        var instructions = new List<Instruction>();
        ulong end = Math.Max(least, start + JumpSize);
        bool hasEnded = false;
        for (ulong at = start; at < end;)
        {
            if (instructions.Count == InstructionLimit || !map.IsStart(at) || map.IsFixed(at) || at != start && map.IsTarget(at))
                return null;
            var instruction = map.Read(at);
            // Behind the end of a path only padding is free to be taken, and the site itself has to be on the path.
            if (hasEnded ? !IsPadding(in instruction) || at <= site : !IsMovable(in instruction, isLast: instruction.NextIP >= end))
                return null;
            hasEnded |= EndsPath(in instruction);
            instructions.Add(instruction);
            at = instruction.NextIP;
        }
        return new CodeWindow(instructions);
    }

    /// <summary>Whether the processor never goes on behind the instruction.</summary>
    public static bool EndsPath(in Instruction instruction) =>
        instruction.FlowControl is FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.Return;

    private static bool IsPadding(in Instruction instruction) => instruction.Mnemonic is Mnemonic.Int3 or Mnemonic.Nop;

    private static bool IsMovable(in Instruction instruction, bool isLast) => instruction.FlowControl switch
    {
        FlowControl.Next or FlowControl.IndirectBranch or FlowControl.Return => true,
        FlowControl.UnconditionalBranch => instruction.IsJmpShortOrNear,
        FlowControl.ConditionalBranch => instruction.IsJccShortOrNear,
        // Whatever is called returns behind the window, as if nothing had been moved.
        FlowControl.Call => isLast && instruction.IsCallNear,
        _ => false,
    };
}
