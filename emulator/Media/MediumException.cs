namespace Emulator;

/// <summary>Why an image cannot be a disk.</summary>
public enum MediumError
{
    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>The file is there but cannot be opened: permissions, a directory, an I/O error.</summary>
    Unreadable,

    /// <summary>Somebody else has the file open in a way that conflicts (a writer wants it alone).</summary>
    Busy,

    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The size is not a multiple of the sector size.</summary>
    PartialSector,
}

/// <summary>An image could not be opened as a disk. The message is one line that names the file and the number.</summary>
public sealed class MediumException : IOException
{
    internal MediumException(MediumError error, string path, long length, string message, Exception? cause = null)
        : base(message, cause)
    {
        Error = error;
        Path = path;
        Length = length;
    }

    /// <summary>What is wrong.</summary>
    public MediumError Error { get; }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>Its size in bytes, or 0 when that is not known.</summary>
    public long Length { get; }
}
