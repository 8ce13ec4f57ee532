namespace DdeKit.Foreign.Btf;

/// <summary>
/// A hash table from names to item numbers that makes no string: a kernel has 100,000 names of which a driver needs a few hundred.
/// Items with one name are found in ascending order.
/// </summary>
internal sealed class BtfNameIndex
{
    private readonly BtfTypes _owner;
    private readonly uint[] _names;
    private readonly int[] _first;
    private readonly int[] _next;

    /// <param name="owner">Whose strings the names are.</param>
    /// <param name="names">Name offset of each item; 0 (no name) is left out.</param>
    internal BtfNameIndex(BtfTypes owner, uint[] names)
    {
        _owner = owner;
        _names = names;
        _first = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, names.Length))];
        _next = new int[names.Length];
        for (var item = names.Length - 1; item >= 0; item--)
        {
            if (names[item] == 0)
                continue;
            ref var first = ref _first[Hash(owner.Utf8At(names[item])) & (uint)(_first.Length - 1)];
            _next[item] = first;
            first = item + 1;
        }
    }

    /// <summary>The first item called <paramref name="name"/> after item <paramref name="after"/> (-1: from the start), or -1.</summary>
    internal int Find(ReadOnlySpan<byte> name, int after)
    {
        var link = after < 0 ? _first[Hash(name) & (uint)(_first.Length - 1)] : _next[after];
        for (; link != 0; link = _next[link - 1])
        {
            if (_owner.Utf8At(_names[link - 1]).SequenceEqual(name))
                return link - 1;
        }
        return -1;
    }

    // FNV-1a, 32 bits.
    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = 2166136261u;
        foreach (var character in text)
            hash = unchecked((hash ^ character) * 16777619u);
        return hash;
    }
}
