namespace Bddf;

/// <summary>What the holder of a session may do.</summary>
[Flags]
public enum BlockRights : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read sectors.</summary>
    Read = 1,

    /// <summary>Write sectors, and flush the device's cache.</summary>
    Write = 2,

    /// <summary>Tell the device that the contents of sectors are not needed any more (TRIM, UNMAP).</summary>
    Erase = 4,

    /// <summary>Everything.</summary>
    All = Read | Write | Erase,
}

/// <summary>What a request asks for.</summary>
public enum BlockOperation : uint
{
    /// <summary>No operation; a request that was never filled in is refused.</summary>
    None = 0,

    /// <summary>From the medium into the buffer. Needs <see cref="BlockRights.Read"/>.</summary>
    Read = 1,

    /// <summary>From the buffer to the medium. Needs <see cref="BlockRights.Write"/>.</summary>
    Write = 2,

    /// <summary>Makes all completed writes durable. Needs <see cref="BlockRights.Write"/>; names no sectors and no buffer.</summary>
    Flush = 3,

    /// <summary>The sectors' contents may be forgotten; what they read as afterwards is the device's choice. Needs
    /// <see cref="BlockRights.Erase"/>; names no buffer.</summary>
    Erase = 4,
}

/// <summary>How a request ended.</summary>
public enum BlockStatus : uint
{
    /// <summary>Done, all of it.</summary>
    Ok = 0,

    /// <summary>The sectors do not all lie in the session's extent. Nothing was done.</summary>
    OutOfRange = 1,

    /// <summary>The session lacks the right. Nothing was done.</summary>
    NoRight = 2,

    /// <summary>The buffer is not attached, is too small at that offset, is not aligned to a sector, or may not be written to. Nothing was done.</summary>
    BadBuffer = 3,

    /// <summary>More sectors than the device takes in one request. Nothing was done.</summary>
    TooLong = 4,

    /// <summary>More requests than the session has slots. Nothing was done.</summary>
    TooManyInFlight = 5,

    /// <summary>No such operation, no sectors, or something set that the operation does not have. Nothing was done.</summary>
    Malformed = 6,

    /// <summary>The device or its driver does not know the operation. Nothing was done.</summary>
    Unsupported = 7,

    /// <summary>The medium failed at <see cref="BlockCompletion.FailedSector"/>; other sectors of the request may or may not have been transferred.</summary>
    MediumError = 8,

    /// <summary>The device or its driver failed; what was transferred is not known.</summary>
    DeviceFault = 9,

    /// <summary>The request was given up (the session was closed, the device was reset); what was transferred is not known.</summary>
    Aborted = 10,

    /// <summary>The disk or its driver is gone; what was transferred is not known.</summary>
    DeviceGone = 11,
}

/// <summary>One request, as clients submit it and as disk drivers receive it.</summary>
/// <param name="Tag">Chosen by the requester; comes back in the completion.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Buffer">Number of an attached buffer; 0 for flush and erase.</param>
/// <param name="BufferOffset">Where in the buffer the data starts, in bytes; a multiple of the sector size; 0 for flush and erase.</param>
/// <param name="FirstSector">First sector, counted from the start of the session's extent (for a driver: from the start of the disk); 0 for flush.</param>
/// <param name="Sectors">How many sectors; 0 for flush.</param>
public readonly record struct BlockRequest(
    ulong Tag, BlockOperation Operation, uint Buffer, ulong BufferOffset, ulong FirstSector, ulong Sectors);

/// <summary>How one request ended.</summary>
/// <param name="Tag">The request's tag.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Detail">What the device said, for messages: an ATA driver puts the status register into bits 0-7 and the error register
/// into bits 8-15; 0 when there is nothing to say.</param>
/// <param name="FailedSector">With <see cref="BlockStatus.MediumError"/> the first sector that failed, counted as in the request; otherwise 0.</param>
public readonly record struct BlockCompletion(ulong Tag, BlockStatus Status, uint Detail = 0, ulong FailedSector = 0);
