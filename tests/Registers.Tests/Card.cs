namespace Registers.Tests;

/// <summary>A card that has what descriptions can have: its table is what the generator made of card.rdl.</summary>
internal static partial class Card
{
    [RegisterTable("card.rdl", "")]
    internal static partial RegisterTable Table { get; }

    [RegisterTable("card.rdl", "buffer")]
    internal static partial RegisterTable Buffer { get; }
}
