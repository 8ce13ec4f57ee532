using System.Runtime.InteropServices;
using L4.Native;

namespace L4;

/// <summary>The C library's and the kernel's calls about processes. Numbers and layouts: Linux x86-64 and glibc 2.34 or later.</summary>
internal static unsafe partial class NativeProcess
{
    internal const int InterruptedCall = 4;
    internal const int SignalKill = 9;

    internal const int WaitForProcess = 1;
    internal const int WaitExited = 4;
    internal const int ChildExited = 1;

    internal const int SetParentDeathSignal = 1;
    internal const int SetNoNewPrivileges = 38;

    internal const int NoSuchProcess = 3;
    internal const int LimitProcessorTime = 0;
    internal const int LimitFileSize = 1;
    internal const int LimitData = 2;
    internal const int LimitCore = 4;
    internal const int LimitOpenFiles = 7;

    internal const short SpawnSetSignalDefaults = 0x04;
    internal const short SpawnSetSignalMask = 0x08;
    internal const short SpawnSetSession = 0x80;

    internal const uint CapabilityVersion = 0x20080522;

    // Larger than glibc's posix_spawn_file_actions_t (80), posix_spawnattr_t (336) and sigset_t (128) are.
    internal const int OpaqueBytes = 512;

    internal const int OpenReadWrite = 2;
    internal const int OpenNonBlocking = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenPathOnly = 0x200000;

    /// <summary>A system call that the C library has no function for, or not in every version.</summary>
    /// <returns>Its result, or the negative number of the error.</returns>
    internal static long Call(SystemCall call, long first = 0, void* second = null, long third = 0, long fourth = 0, void* fifth = null)
    {
        long result = syscall((long)call, first, second, third, fourth, fifth);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    /// <summary>An error number of the kernel as an exception.</summary>
    internal static ServiceException Error(string operation, long error) =>
        new(ServiceError.Exhausted, $"{operation} failed: {Marshal.GetPInvokeErrorMessage((int)error)} (error {error})");

    /// <summary>Throws when a call that answers an error number answered one.</summary>
    internal static void Check(string operation, int error)
    {
        if (error != 0)
            throw Error(operation, error);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, void* second, long third, long fourth, void* fifth);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int operation, ulong second, ulong third, ulong fourth, ulong fifth);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prlimit(int process, int resource, ulong* newLimit, ulong* oldLimit);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int clock_gettime(int clock, long* time);

    [LibraryImport("libc")]
    internal static partial int getppid();

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc")]
    internal static partial int posix_spawn(int* process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int target);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int first);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addclose(byte* actions, int descriptor);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    internal static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    internal static partial int sigfillset(byte* signals);

    /// <summary>Closes a descriptor that is one.</summary>
    internal static void Close(int descriptor)
    {
        if (descriptor >= 0)
            _ = Libc.close(descriptor);
    }
}
