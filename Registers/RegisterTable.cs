namespace Registers;

/// <summary>A name of a field's value.</summary>
public readonly record struct FieldValue(ulong Value, string Name);

/// <summary>Bits of a register that belong together.</summary>
/// <param name="Name">In the description.</param>
/// <param name="Low">Number of the lowest bit.</param>
/// <param name="Width">In bits, 1 to 64.</param>
/// <param name="Values">Names of values; empty where the description gives none.</param>
public sealed record RegisterField(string Name, int Low, int Width, IReadOnlyList<FieldValue> Values);

/// <summary>A register, or an array of registers that are alike.</summary>
/// <param name="Name">In the description, below the table's block: <c>status</c>, <c>queue.head</c>.</param>
/// <param name="Offset">In bytes from the start of the block, of the first element.</param>
/// <param name="Bytes">Size of one element.</param>
/// <param name="IsReadable">Whether software can read anything of it.</param>
/// <param name="IsWritable">Whether software can write anything of it.</param>
/// <param name="Count">Elements; 0 for a register that is no array.</param>
/// <param name="Stride">In bytes from one element to the next.</param>
/// <param name="Fields">By ascending bit.</param>
public sealed record RegisterDescription(
    string Name, ulong Offset, int Bytes, bool IsReadable, bool IsWritable, uint Count, ulong Stride, IReadOnlyList<RegisterField> Fields);

/// <summary>
/// A block of registers as its description has it, as data: for showing accesses in the device's own words. Made by the register generator
/// (<see cref="RegisterTableAttribute"/>). Immutable.
/// </summary>
/// <param name="Path">The block's names from the description's top on: <c>piix.primary.busMaster</c>.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Registers">In the order of the description.</param>
public sealed record RegisterTable(string Path, ulong Size, IReadOnlyList<RegisterDescription> Registers);

/// <summary>The static partial property becomes the table of a block of a register description.</summary>
/// <param name="file">The description's file name; it is among the project's AdditionalFiles.</param>
/// <param name="block">The block's path below the description's top, such as <c>primary.busMaster</c>; empty for the top itself.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RegisterTableAttribute(string file, string block) : Attribute
{
    /// <summary>The description's file name.</summary>
    public string File { get; } = file;

    /// <summary>The block's path.</summary>
    public string Block { get; } = block;
}
