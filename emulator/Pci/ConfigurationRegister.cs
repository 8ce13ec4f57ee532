namespace Emulator;

/// <summary>
/// What a data sheet says of one configuration register. Bits that are in none of the masks are read-only. Bytes that no register of
/// a function names are reserved as a whole: they read as zero.
/// </summary>
/// <param name="Name">The data sheet's name for it.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Width">Bytes, 1 to 4.</param>
/// <param name="Reset">Value after power-on.</param>
/// <param name="Writable">Bits that keep what is written.</param>
/// <param name="ClearByOne">Bits that a written one clears.</param>
/// <param name="Reserved">Bits that have no meaning: an attempt to change one is reported.</param>
/// <param name="Unmodelled">Writable bits that have no effect here: a change is kept, and reported.</param>
internal readonly record struct ConfigurationRegister(
    string Name,
    int Offset,
    int Width,
    uint Reset,
    uint Writable = 0,
    uint ClearByOne = 0,
    uint Reserved = 0,
    uint Unmodelled = 0);
