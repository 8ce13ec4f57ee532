using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Emulator;

/// <summary>
/// A raw disk image: byte n of the file is byte n of the disk. Opened for reading only unless told otherwise, so that nothing above
/// can write by mistake; a writer holds the file alone, for two of them destroy a file system.
/// </summary>
public sealed class RawImage : IDiskMedium
{
    private const int SectorSize = 512;
    private readonly SafeFileHandle _file;

    private RawImage(string path, SafeFileHandle file, long length, bool writable)
    {
        Path = path;
        _file = file;
        Length = length;
        IsReadOnly = !writable;
    }

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <inheritdoc />
    public long Length { get; }

    /// <inheritdoc />
    public bool IsReadOnly { get; }

    /// <summary>A serial number that is the same whenever the same path is opened: "DDE" and 12 hexadecimal digits.</summary>
    public string Serial => "DDE" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Path)).AsSpan(0, 6));

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="writable">Whether the disk can be written; otherwise the file is opened for reading only.</param>
    /// <exception cref="MediumException">The file is missing, unreadable, in use, empty, or no whole number of sectors.</exception>
    public static RawImage Open(string path, bool writable)
    {
        SafeFileHandle file = OpenFile(path, writable);
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length == 0)
                throw new MediumException(MediumError.Empty, path, 0, $"disk image {path}: 0 bytes; a disk needs at least {SectorSize}");
            if (length % SectorSize != 0)
            {
                throw new MediumException(MediumError.PartialSector, path, length, string.Create(CultureInfo.InvariantCulture,
                    $"disk image {path}: {length} bytes is not a multiple of {SectorSize} ({length % SectorSize} over)"));
            }

            return new RawImage(System.IO.Path.GetFullPath(path), file, length, writable);
        }
        catch (NotSupportedException unseekable)
        {
            file.Dispose();
            throw new MediumException(MediumError.Unreadable, path, 0, $"disk image {path}: not a regular file", unseekable);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenFile(string path, bool writable)
    {
        try
        {
            // A pipe would make the open wait for a writer. It has no length, nor has a device or an empty file.
            if (new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) is { Exists: true, Length: 0 })
                throw new MediumException(MediumError.Empty, path, 0, $"disk image {path}: 0 bytes, or no regular file; a disk needs at least {SectorSize} bytes");
            return writable
                ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)
                : File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MediumException(MediumError.Missing, path, 0, $"disk image {path}: no such file", cause);
        }
        catch (UnauthorizedAccessException cause)
        {
            string reason = Directory.Exists(path) ? "is a directory" : writable ? "no permission to read and write" : "no permission to read";
            throw new MediumException(MediumError.Unreadable, path, 0, $"disk image {path}: {reason}", cause);
        }
        catch (IOException cause) when (cause is not MediumException)
        {
            // Without FileShare the runtime asks for a lock; it answers EWOULDBLOCK (11) when somebody else holds it.
            const int wouldBlock = 11;
            throw (cause.HResult & 0xffff) == wouldBlock
                ? new MediumException(MediumError.Busy, path, 0, $"disk image {path}: in use by another program or disk", cause)
                : new MediumException(MediumError.Unreadable, path, 0, $"disk image {path}: {cause.Message}", cause);
        }
        catch (ArgumentException cause)
        {
            throw new MediumException(MediumError.Missing, path, 0, $"disk image '{path}': not a file name", cause);
        }
    }

    /// <inheritdoc />
    public MediumFault? Read(long offset, Span<byte> destination)
    {
        try
        {
            while (destination.Length > 0)
            {
                int count = RandomAccess.Read(_file, destination, offset);
                if (count == 0)
                    return new MediumFault(offset, "the image file became shorter");
                destination = destination[count..];
                offset += count;
            }

            return null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return new MediumFault(offset, cause.Message);
        }
    }

    /// <inheritdoc />
    public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(_file, source, offset);
            return null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return new MediumFault(offset, cause.Message);
        }
    }

    /// <inheritdoc />
    public MediumFault? Flush()
    {
        if (IsReadOnly)
            return null;
        try
        {
            RandomAccess.FlushToDisk(_file);
            return null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return new MediumFault(0, cause.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
