using Nddf.Links;

namespace RootTask;

/// <summary>Links of the host as people name them.</summary>
public static class LinkName
{
    /// <summary>What <see cref="Open"/> reads.</summary>
    public const string Forms = "tap:NAME or dgram:LOCAL,REMOTE";

    private const uint WireMtu = 1500;

    /// <summary>Whether the words name a link, which says nothing about whether it can be made.</summary>
    public static bool IsName(string text) => Opener(text) is not null;

    /// <summary>Makes the link.</summary>
    /// <exception cref="LinkException">It cannot be made.</exception>
    public static DescriptorLink Open(string text) => (Opener(text) ?? throw new ArgumentException($"'{text}' is no link.", nameof(text)))();

    /// <summary>Makes the link and switches it on.</summary>
    /// <exception cref="LinkException">It cannot be made.</exception>
    public static DescriptorLink OpenForWire(string text)
    {
        var link = Open(text);
        if (link is TapLink tap)
            tap.BringUp(WireMtu);
        return link;
    }

    private static Func<DescriptorLink>? Opener(string text) => text.Split(':', 2) switch
    {
        ["tap", var name] => () => TapLink.Open(name),
        ["dgram", var paths] when paths.Split(',') is [var local, var remote] => () => DatagramLink.Open(local, remote),
        _ => null,
    };
}
