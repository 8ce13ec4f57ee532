namespace Registers;

/// <summary>
/// How a driver's accessors (<see cref="RegisterAccessAttribute"/>) reach the registers of a block: ports, mapped memory, or a device model
/// in a test. A struct costs the accessors no indirect call.
/// </summary>
public interface IRegisterBus
{
    /// <summary>Reads a register.</summary>
    /// <param name="offset">From the start of the block, in bytes.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    uint Read(int offset, int width);

    /// <summary>Writes a register.</summary>
    /// <param name="offset">From the start of the block, in bytes.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    /// <param name="value">Bits above the width are zero.</param>
    void Write(int offset, int width, uint value);
}

/// <summary>
/// The static partial class becomes the driver's side of a block of a register description: a value type for each register, with the fields
/// and enumerations of the description, and <c>Access&lt;TBus&gt;</c>, which reads and writes them over an <see cref="IRegisterBus"/>.
/// </summary>
/// <param name="file">The description's file name; it is among the project's AdditionalFiles.</param>
/// <param name="block">The block's path below the description's top, such as <c>primary.busMaster</c>; empty for the top itself.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RegisterAccessAttribute(string file, string block) : Attribute
{
    /// <summary>The description's file name.</summary>
    public string File { get; } = file;

    /// <summary>The block's path.</summary>
    public string Block { get; } = block;
}
