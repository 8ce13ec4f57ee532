using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DdeLinux.Packs;

/// <summary>Held while packs are made, so that two processes do not fetch the same kernel twice. The kernel drops it when a process dies.</summary>
internal sealed partial class StoreLock : IDisposable
{
    // O_RDWR | O_CREAT | O_CLOEXEC, asm-generic/fcntl.h.
    private const int OpenForLock = 0x2 | 0x40 | 0x80000;
    private const int OwnerReadsAndWrites = 0x180;
    // sys/file.h.
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int WouldBlock = 11;
    private const int Interrupted = 4;

    private readonly SafeFileHandle _file;

    /// <summary>Waits for the lock and clears away what a process that died left behind.</summary>
    internal StoreLock(KernelPackStore store, IProgress<PackProgress>? progress)
    {
        Directory.CreateDirectory(store.Folder);
        // Not by .NET's open: it takes a flock of its own, and refuses instead of waiting.
        var path = Path.Combine(store.Folder, ".lock");
        var descriptor = open(path, OpenForLock, OwnerReadsAndWrites);
        if (descriptor < 0)
            throw new IOException($"{path} cannot be opened: error {Marshal.GetLastPInvokeError()}");
        _file = new(descriptor, ownsHandle: true);
        try
        {
            if (!TryLock(NonBlocking))
            {
                progress?.Report(new("waiting for another process that makes a kernel pack", 0, 0));
                while (!TryLock(0))
                {
                }
            }
            foreach (var leftover in Directory.EnumerateDirectories(store.Folder, ".*"))
                Directory.Delete(leftover, recursive: true);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private bool TryLock(int flags)
    {
        if (flock((int)_file.DangerousGetHandle(), Exclusive | flags) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error is WouldBlock or Interrupted ? false : throw new IOException($"flock failed with error {error}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int file, int operation);
}
