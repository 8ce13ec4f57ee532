namespace DdeLinux;

/// <summary>Shell-like patterns as libata's lists of odd devices use them: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>, <c>\x</c>
/// (lib/glob.c describes the rules).</summary>
internal static class Glob
{
    /// <summary>Whether all of <paramref name="text"/> fits.</summary>
    internal static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int p = 0, t = 0;
        // Where to go on when what follows the last star does not fit: one more character for the star.
        int retryPattern = -1, retryText = 0;
        while (t < text.Length || p < pattern.Length)
        {
            if (p < pattern.Length && pattern[p] == (byte)'*')
            {
                retryPattern = ++p;
                retryText = t;
                continue;
            }
            if (t < text.Length && p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
                continue;
            }
            if (retryPattern < 0 || retryText >= text.Length)
                return false;
            p = retryPattern;
            t = ++retryText;
        }
        return true;
    }

    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int p, byte character)
    {
        byte first = pattern[p++];
        if (first == (byte)'?')
            return true;
        if (first == (byte)'[' && TryClass(pattern, ref p, character, out bool isMember))
            return isMember;
        if (first == (byte)'\\' && p < pattern.Length)
            first = pattern[p++];
        return first == character;
    }

    /// <summary>Matches a character class; false when its end is missing: the bracket then stands for itself.</summary>
    private static bool TryClass(ReadOnlySpan<byte> pattern, ref int p, byte character, out bool isMember)
    {
        int at = p;
        isMember = false;
        bool inverted = at < pattern.Length && pattern[at] == (byte)'!';
        if (inverted)
            at++;
        bool found = false;
        // A closing bracket that comes first is a member.
        int begin = at;
        while (true)
        {
            if (at >= pattern.Length)
                return false;
            byte low = pattern[at++];
            if (low == (byte)']' && at - 1 > begin)
                break;
            byte high = low;
            if (at + 1 < pattern.Length && pattern[at] == (byte)'-' && pattern[at + 1] != (byte)']')
            {
                high = pattern[at + 1];
                at += 2;
            }
            found |= low <= character && character <= high;
        }
        p = at;
        isMember = found != inverted;
        return true;
    }
}
