namespace L4;

/// <summary>
/// A task's name for a kernel object: an index into the task's own capability space. It means nothing in another task; sent in a
/// message, it arrives as an index of the receiver's space. Slot 0 is the null capability.
/// </summary>
public readonly record struct Capability(int Slot)
{
    /// <summary>The capability that names nothing.</summary>
    public static Capability Null => default;

    /// <summary>Whether this names nothing.</summary>
    public bool IsNull => Slot == 0;
}

/// <summary>What the holder of a capability may do with its object.</summary>
[Flags]
public enum CapabilityRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Map a dataspace for reading; wait on a notification.</summary>
    Read = 1,

    /// <summary>Map a dataspace for writing; signal a notification.</summary>
    Write = 2,

    /// <summary>Everything.</summary>
    All = Read | Write,
}
