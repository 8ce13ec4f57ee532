using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DdeLinux.Packs;

/// <summary>Held while packs are made, so that two processes do not fetch the same kernel twice. The kernel drops it when a process dies.</summary>
internal sealed partial class StoreLock : IDisposable
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int WouldBlock = 11;
    private const int Interrupted = 4;

    private readonly SafeFileHandle _file;

    /// <summary>Waits for the lock and clears away what a process that died left behind.</summary>
    internal StoreLock(KernelPackStore store, IProgress<PackProgress>? progress)
    {
        Directory.CreateDirectory(store.Folder);
        _file = File.OpenHandle(Path.Combine(store.Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
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

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int file, int operation);
}
