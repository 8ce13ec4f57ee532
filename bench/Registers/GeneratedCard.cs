using Registers;

namespace Bench;

/// <summary>The card as the register generator makes it.</summary>
[RegisterFile("card.rdl", "")]
internal sealed partial class GeneratedCard
{
    /// <summary>How many effects were called.</summary>
    public int Effects { get; private set; }

    private partial void OnControlWritten(uint old, uint written, uint accessed) => Count();

    private partial void OnReceiveTailWritten(uint old, uint written, uint accessed) => Count();

    private partial void OnUndecodedRead(int offset, int width) => Count();

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Count();

    private partial void OnReservedWrite(int offset, uint bits) => Count();

    private void Count() => Effects = unchecked(Effects + 1);
}
