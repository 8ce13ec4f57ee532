namespace L4;

/// <summary>
/// A run of things with consecutive numbers: ports, sectors, bytes, pages. This is the one place where ranges are checked;
/// every test is written as a subtraction, so no sum can wrap.
/// </summary>
/// <param name="First">Number of the first element.</param>
/// <param name="Count">How many elements; 0 is an empty extent.</param>
public readonly record struct Extent(ulong First, ulong Count)
{
    /// <summary>Whether <paramref name="value"/> lies in this extent.</summary>
    public bool Contains(ulong value) => value >= First && value - First < Count;

    /// <summary>Whether <paramref name="count"/> elements from <paramref name="first"/> on all lie in this extent. An empty run does
    /// when its start is inside or just past the end.</summary>
    public bool Contains(ulong first, ulong count) => first >= First && first - First <= Count && count <= Count - (first - First);

    /// <summary>Whether all of <paramref name="other"/> lies in this extent.</summary>
    public bool Contains(Extent other) => Contains(other.First, other.Count);

    /// <summary>Whether the two share at least one element.</summary>
    public bool Overlaps(Extent other) =>
        Count != 0 && other.Count != 0 && (First >= other.First ? First - other.First < other.Count : other.First - First < Count);

    /// <summary>The number of the last element.</summary>
    /// <exception cref="InvalidOperationException">The extent is empty.</exception>
    /// <exception cref="OverflowException">The last number does not fit 64 bits.</exception>
    public ulong Last => Count == 0 ? throw new InvalidOperationException("An empty extent has no last element.") : checked(First + (Count - 1));

    /// <summary>"first+count" in decimal.</summary>
    public override string ToString() => $"{First}+{Count}";
}
