namespace DdeLinux.Packs;

/// <summary>Orders kernel releases as people do: runs of digits count as numbers, so 6.10 comes after 6.9.</summary>
internal sealed class ReleaseOrder : IComparer<string>
{
    internal static readonly ReleaseOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var leftRun = Run(left);
            var rightRun = Run(right);
            var order = char.IsAsciiDigit(leftRun[0]) && char.IsAsciiDigit(rightRun[0])
                ? CompareNumbers(leftRun, rightRun)
                : leftRun.SequenceCompareTo(rightRun);
            if (order != 0)
                return order;
            left = left[leftRun.Length..];
            right = right[rightRun.Length..];
        }
        return left.Length.CompareTo(right.Length);
    }

    private static ReadOnlySpan<char> Run(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == char.IsAsciiDigit(text[0]))
            length++;
        return text[..length];
    }

    // As text, because a run may have any length.
    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        var order = left.Length.CompareTo(right.Length);
        return order != 0 ? order : left.SequenceCompareTo(right);
    }
}
