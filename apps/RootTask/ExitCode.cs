namespace RootTask;

/// <summary>What the programs tell the shell, the same for all of them.</summary>
public enum ExitCode
{
    /// <summary>Done, all of it.</summary>
    Ok = 0,

    /// <summary>A mistake in the program itself.</summary>
    Internal = 1,

    /// <summary>The command line makes no sense.</summary>
    Usage = 2,

    /// <summary>Something that must be installed or fetched first is missing.</summary>
    MissingPrerequisite = 3,

    /// <summary>An image or disk cannot be used, or failed.</summary>
    Disk = 4,

    /// <summary>A partition table is in error.</summary>
    PartitionTable = 5,

    /// <summary>A kernel module or kernel pack cannot be used.</summary>
    Module = 6,

    /// <summary>A driver died, or a disk went away.</summary>
    DriverGone = 7,

    /// <summary>Refused: a confirmation that does not match, or no right.</summary>
    Refused = 8,

    /// <summary>What was written does not read back.</summary>
    VerificationFailed = 9,

    /// <summary>Standard output, or a file beside the disks, cannot be read or written.</summary>
    InputOutput = 10,

    /// <summary>Stopped by the person; 128 + SIGINT, as shells count.</summary>
    Canceled = 130,
}
