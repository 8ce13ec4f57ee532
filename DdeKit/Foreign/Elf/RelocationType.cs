namespace DdeKit.Foreign;

/// <summary>The relocation types that kernel modules use. x86-64 psABI 1.0, table 4.9.</summary>
internal static class RelocationType
{
    /// <summary>Nothing.</summary>
    public const uint None = 0;

    /// <summary>64 bits: S + A.</summary>
    public const uint Absolute64 = 1;

    /// <summary>32 bits: S + A - P.</summary>
    public const uint Relative32 = 2;

    /// <summary>32 bits: L + A - P. Without a procedure linkage table the same as <see cref="Relative32"/>.</summary>
    public const uint Branch32 = 4;

    /// <summary>32 bits, zero-extended: S + A.</summary>
    public const uint Absolute32 = 10;

    /// <summary>32 bits, sign-extended: S + A.</summary>
    public const uint AbsoluteSigned32 = 11;

    /// <summary>64 bits: S + A - P.</summary>
    public const uint Relative64 = 24;

    /// <summary>How many bytes a relocation changes; 0 for types that are not known.</summary>
    public static ulong WidthOf(uint type) => type switch
    {
        Absolute64 or Relative64 => 8,
        Relative32 or Branch32 or Absolute32 or AbsoluteSigned32 => 4,
        _ => 0,
    };
}
