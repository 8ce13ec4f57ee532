using System.Runtime.InteropServices;
using L4;

namespace Bddf;

/// <summary>
/// The layout of a request ring in a shared dataspace. Requests go one way, completions the other:
/// <list type="bullet">
/// <item>three indices on cache lines of their own: requests published (written by the requester), requests taken (written by the responder),
/// completions reaped (written by the requester);</item>
/// <item><c>entries</c> request descriptors of 64 bytes;</item>
/// <item>twice as many completion entries of 32 bytes, so that a responder that has as many requests in flight as it admits can still
/// refuse as many again.</item>
/// </list>
/// Indices run freely through 32 bits. A completion entry is valid when its stamp is the index it stands for, plus one: so several threads of
/// the responder may complete at once, each into an entry it reserved, without a common index to publish in order (compare the phase tag
/// of NVM Express 1.4, section 4.6). Neither side believes the other: all that the peer writes is read once, into a local, and checked.
/// </summary>
/// <remarks><see cref="RingRequester"/> and <see cref="RingResponder"/> are the two ends.</remarks>
public static class RequestRing
{
    /// <summary>The most entries a ring can have.</summary>
    public const uint MaximumEntries = 1024;

    internal const int PublishedAt = 0;
    internal const int TakenAt = 64;
    internal const int ReapedAt = 128;
    internal const int RequestsAt = 192;
    internal const int RequestBytes = 64;
    internal const int CompletionBytes = 32;

    /// <summary>Bytes of a ring with <paramref name="entries"/> entries.</summary>
    /// <exception cref="ServiceException">Not a power of two up to <see cref="MaximumEntries"/>.</exception>
    public static ulong BytesFor(uint entries)
    {
        if (!uint.IsPow2(entries) || entries > MaximumEntries)
            throw new ServiceException(ServiceError.BadArgument, $"a ring of {entries} entries was asked for; a power of two up to {MaximumEntries} is possible");
        return RequestsAt + (ulong)entries * (RequestBytes + 2 * CompletionBytes);
    }

    internal static uint CompletionEntries(uint entries) => entries * 2;

    /// <summary>The address of the ring in <paramref name="mapping"/>, which is checked to hold all of it.</summary>
    internal static unsafe byte* AddressIn(Mapping mapping, uint entries)
    {
        ulong bytes = BytesFor(entries);
        return new Extent(0, mapping.Length).Contains(0, bytes)
            ? (byte*)mapping.Address
            : throw new ServiceException(ServiceError.BadArgument, $"the ring's dataspace has {mapping.Length} bytes; {bytes} are needed for {entries} entries");
    }
}

/// <summary>A request as it lies in the ring. What is reserved is zero; anything else is refused, so that it can get a meaning later.</summary>
[StructLayout(LayoutKind.Sequential, Size = RequestRing.RequestBytes)]
internal struct RequestEntry
{
    public ulong Tag;
    public uint Operation;
    public uint Buffer;
    public ulong BufferOffset;
    public ulong FirstSector;
    public ulong Sectors;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
}

/// <summary>A completion as it lies in the ring.</summary>
[StructLayout(LayoutKind.Sequential, Size = RequestRing.CompletionBytes)]
internal struct CompletionEntry
{
    public ulong Tag;
    public uint Status;
    public uint Detail;
    public ulong FailedSector;
    public uint Reserved;
    public uint Stamp;
}
