using System.Globalization;

namespace Dde;

/// <summary>Lengths of time as people type them: <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class Duration
{
    /// <summary>What <see cref="TryParse"/> takes, for messages.</summary>
    internal const string Forms = "500ms, 5s, 2m or 1h";

    // The longest unit whose letters end the text comes first: ms is not m.
    private static readonly (string Suffix, long Milliseconds)[] s_units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>Reads a length of time of at most 1000 hours.</summary>
    internal static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var unit = Array.Find(s_units, u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        if (unit.Suffix is null || !uint.TryParse(text.AsSpan(0, text.Length - unit.Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return false;
        long milliseconds = number * unit.Milliseconds;
        if (milliseconds > 1000 * 3_600_000L)
            return false;
        duration = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }
}
