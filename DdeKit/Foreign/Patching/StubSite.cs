using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>A device access in a stub that is carried out on a frame, as trapped ones are.</summary>
internal sealed class StubSite
{
    public StubSite(in Instruction instruction, in ReplayedInstruction prepared)
    {
        Instruction = instruction;
        Prepared = prepared;
    }

    /// <summary>The instruction, where it was loaded. In place, because it is passed by reference.</summary>
    public readonly Instruction Instruction;

    /// <summary>How it is run, when it is no move.</summary>
    public readonly ReplayedInstruction Prepared;

    /// <summary>Where the stub goes on when the access was made.</summary>
    public nint Done { get; set; }

    /// <summary>Where the stub runs the instruction itself.</summary>
    public nint Native { get; set; }
}

/// <summary>The code that instructions of a window were moved to.</summary>
/// <param name="Entry">Where the window's jump goes.</param>
/// <param name="Places">Where each moved instruction is now, by where it was.</param>
/// <param name="Originals">Where instructions of the stub that may trap come from.</param>
/// <param name="Exit">Where the 32-bit distance of the jump back to the window's end lies; 0 when the stub does not go back.</param>
internal sealed record Stub(nint Entry, IReadOnlyDictionary<ulong, ulong> Places, IReadOnlyDictionary<ulong, ulong> Originals, nint Exit);
