namespace DdeKit;

/// <summary>What a disk can be asked to do.</summary>
public enum DiskOperation
{
    /// <summary>From the disk into memory.</summary>
    Read,

    /// <summary>From memory onto the disk.</summary>
    Write,

    /// <summary>Makes durable what was written and completed before.</summary>
    Flush,
}

/// <summary>How a request of a disk ended.</summary>
public enum DiskOutcome
{
    /// <summary>All of it was done.</summary>
    Ok,

    /// <summary>The medium is bad there (sense key 3). Any part of the data may have been transferred.</summary>
    MediumError,

    /// <summary>Another error that the disk reports; the sense data says which.</summary>
    DeviceError,

    /// <summary>It took too long, or failed without a word from the disk, and recovery did not help.</summary>
    Aborted,

    /// <summary>The disk is not there any more.</summary>
    Gone,
}

/// <summary>What a logical unit says about a command that failed (SPC-4, 4.5.6).</summary>
/// <param name="Key">Sense key, 4 bits.</param>
/// <param name="Code">Additional sense code.</param>
/// <param name="Qualifier">Additional sense code qualifier.</param>
public readonly record struct SenseTriple(byte Key, byte Code, byte Qualifier)
{
    /// <summary>For example <c>3/11/04</c>, all hexadecimal.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Key:x}/{Code:x2}/{Qualifier:x2}");
}

/// <summary>How a request ended.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Sense">What the disk said; zeros when it said nothing.</param>
/// <param name="FailedSector">The sector that the disk blames; where it blames none, the first that is not known to have been transferred.
/// 0 when the request did not fail, or never reached the disk.</param>
public readonly record struct DiskStatus(DiskOutcome Outcome, SenseTriple Sense, ulong FailedSector = 0)
{
    /// <summary>All of it was done.</summary>
    public static DiskStatus Ok => default;

    /// <inheritdoc />
    public override string ToString() => Sense == default ? Outcome.ToString() : $"{Outcome} (sense {Sense})";
}

/// <summary>Who uses a domain's disks. All calls come with the baton, on the event loop or a kernel thread, and must not block.</summary>
public interface IDiskOwner
{
    /// <summary>A disk was found and can be used.</summary>
    void DiskAdded(DriverDisk disk);

    /// <summary>A disk is gone: its requests have all been completed, and new ones complete with <see cref="DiskOutcome.Gone"/>.</summary>
    void DiskRemoved(DriverDisk disk);

    /// <summary>A request ended. May come before <see cref="DriverDisk.Submit"/> of it has returned, and may submit again.</summary>
    void Completed(DriverDisk disk, ulong tag, DiskStatus status);
}
