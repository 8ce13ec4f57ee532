using System.ComponentModel;
using System.Runtime.InteropServices;

namespace L4.Native;

/// <summary>The system calls that the substrate stands on. Numbers and flags: Linux x86-64, section 2 of the manual.</summary>
internal static unsafe partial class Libc
{
    internal const int ProtectNone = 0;
    internal const int ProtectRead = 1;
    internal const int ProtectWrite = 2;
    internal const int MapShared = 0x01;
    internal const int MapPrivate = 0x02;
    internal const int MapFixed = 0x10;
    internal const int MapAnonymous = 0x20;
    internal const int MapNoReserve = 0x4000;
    internal const nint MapFailed = -1;

    private const uint MemfdCloseOnExec = 1;
    private const uint MemfdAllowSealing = 2;
    private const int FcntlAddSeals = 1033;
    private const int SealSeal = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const long FutexSystemCall = 202;
    private const long FutexWait = 0;
    private const long FutexWake = 1;

    /// <summary>A new memory file of fixed size: sealed, so that no holder can truncate it under another.</summary>
    internal static int CreateMemoryFile(string name, ulong size)
    {
        int descriptor = memfd_create(name, MemfdCloseOnExec | MemfdAllowSealing);
        if (descriptor < 0)
            throw LastError($"memfd_create for dataspace '{name}'");
        if (ftruncate(descriptor, checked((long)size)) != 0 || fcntl(descriptor, FcntlAddSeals, SealSeal | SealShrink | SealGrow) != 0)
        {
            var error = LastError($"sizing dataspace '{name}' to {size} bytes");
            _ = close(descriptor);
            throw error;
        }
        return descriptor;
    }

    /// <summary>The number of the file behind a descriptor (st_ino, the second word of struct stat on x86-64).</summary>
    internal static ulong InodeOf(int descriptor)
    {
        const int words = 18;
        var status = stackalloc ulong[words];
        return fstat(descriptor, status) == 0 ? status[1] : throw LastError("fstat of a dataspace");
    }

    /// <summary>Sleeps while <paramref name="word"/> has the value <paramref name="expected"/>, until a wake or the timeout.</summary>
    internal static void Wait(int* word, int expected, long timeoutNanoseconds)
    {
        if (timeoutNanoseconds < 0)
        {
            syscall(FutexSystemCall, word, FutexWait, expected, null);
            return;
        }
        var timeout = stackalloc long[2] { timeoutNanoseconds / 1_000_000_000, timeoutNanoseconds % 1_000_000_000 };
        syscall(FutexSystemCall, word, FutexWait, expected, timeout);
    }

    /// <summary>Wakes one sleeper.</summary>
    internal static void Wake(int* word) => syscall(FutexSystemCall, word, FutexWake, 1, null);

    /// <summary>The error of the last call as an exception with the operation's name.</summary>
    internal static ServiceException LastError(string operation) =>
        new(ServiceError.Exhausted, $"{operation} failed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int munmap(nint address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstat(int descriptor, ulong* status);

    [LibraryImport("libc")]
    internal static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial long syscall(long number, int* word, long operation, long value, long* timeout);
}
