namespace Emulator;

/// <summary>
/// What an emulated disk keeps its data on. Addresses are bytes from the start; the length never changes while it is open.
/// </summary>
/// <remarks>
/// One thread uses a medium at a time: the one that accesses the disk's registers. A failure is returned, never thrown, because it
/// is an ordinary answer of a disk; the caller checks ranges and never writes where <see cref="IsReadOnly"/> is true. Whoever owns
/// the machine that the disk is in owns the medium, and disposes it with the machine.
/// </remarks>
public interface IDiskMedium : IDisposable
{
    /// <summary>Bytes; a multiple of 512, and not 0.</summary>
    long Length { get; }

    /// <summary>Whether writes are refused.</summary>
    bool IsReadOnly { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on; null when all of it was read.</summary>
    MediumFault? Read(long offset, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/> from <paramref name="offset"/> on; null when all of it was written.</summary>
    MediumFault? Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Makes everything written so far durable; null when it is.</summary>
    MediumFault? Flush();
}

/// <summary>Why a medium could not read or write.</summary>
/// <param name="Offset">First byte that was not transferred; everything before it was.</param>
/// <param name="Reason">A few words for the event log.</param>
public sealed record MediumFault(long Offset, string Reason);
