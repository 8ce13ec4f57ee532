using System.Runtime.InteropServices;

namespace DdeKit.Foreign;

/// <summary>The few calls of the host that hosting foreign code needs and .NET does not offer. Numbers: Linux, x86-64.</summary>
internal static unsafe partial class LibC
{
    public const int ProtectNone = 0;
    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;
    public const int ProtectExecute = 4;

    public const int MapPrivate = 0x02;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MapFixedNoReplace = 0x100000;

    public const int ErrorExists = 17;

    private const long SystemCallMembarrier = 324;
    private const long MembarrierSynchronizeCores = 1 << 5;
    private const long MembarrierRegisterSynchronizeCores = 1 << 6;

    public const long SystemCallArchPrctl = 158;
    public const long SystemCallGetThread = 186;
    public const long SystemCallSignalThread = 234;
    public const int ArchSetGs = 0x1001;

    public const int SignalWithInformation = 4;
    public const int SignalOnStack = 0x0800_0000;
    public const int SignalRestart = 0x1000_0000;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long SystemCall(long number, long argument0, long argument1);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long SystemCall(long number, long argument0, long argument1, long argument2);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SignalAction(int signal, SignalHandler* action, SignalHandler* previous);

    /// <summary>Has every thread of the process see code that was changed before it runs on. A host kernel without it (before 4.16) has
    /// nothing better to offer: there, a thread sees the change when it next enters the kernel.</summary>
    public static void SynchronizeCores()
    {
        _ = SystemCall(SystemCallMembarrier, MembarrierRegisterSynchronizeCores, 0);
        _ = SystemCall(SystemCallMembarrier, MembarrierSynchronizeCores, 0);
    }

    /// <summary>The C library's <c>struct sigaction</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalHandler
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }
}
