using System.Numerics;

namespace DdeLinux;

/// <summary>Searching bit maps (include/linux/find.h).</summary>
internal sealed partial class FindBit(LinuxKernel kernel)
{
    private const int WordBits = 64;

    /// <summary>The first bit that is set, from <paramref name="start"/> on; <paramref name="bits"/> when there is none.</summary>
    [KernelFunction]
    public ulong _find_next_bit(nint map, ulong bits, ulong start)
    {
        if (start >= bits)
            return bits;
        var words = kernel.Memory.Span<ulong>(map, checked((int)((bits + (WordBits - 1)) / WordBits)));
        int word = (int)(start / WordBits);
        ulong rest = words[word] & ulong.MaxValue << (int)(start % WordBits);
        while (rest == 0 && ++word < words.Length)
            rest = words[word];
        return rest == 0 ? bits : Math.Min(bits, (ulong)word * WordBits + (ulong)BitOperations.TrailingZeroCount(rest));
    }
}

public sealed partial class LinuxKernel
{
    internal FindBit FindBit => field ??= new FindBit(this);
}
