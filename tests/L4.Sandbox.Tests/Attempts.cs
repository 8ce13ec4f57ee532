using System.Runtime.InteropServices;

namespace L4.Sandbox.Tests;

/// <summary>What a hostile task would try, by system calls, and how the kernel answered: a line "name error" each.</summary>
internal static unsafe partial class Attempts
{
    private const long CurrentFolder = -100;
    private const long Invalid = -1;

    internal static int Run(bool confine)
    {
        int parent = (int)Call(SystemCall.GetPPid, 0);
        Console.Error.Write('\n');
        if (confine)
            Confinement.Enter(typeof(Program).Assembly);
        fixed (byte* file = "/etc/passwd\0"u8, made = "/tmp/l4-sandbox-attempt\0"u8, shell = "/bin/true\0"u8)
        {
            var list = stackalloc byte*[2] { shell, null };
            // sockaddr_in: 127.0.0.1:1; sockaddr_un: an abstract name.
            var inet = stackalloc byte[16] { 2, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
            var limit = stackalloc ulong[2] { 1000, 1000 };
            var pair = stackalloc int[2];
            Say("open", Call(SystemCall.OpenAt, CurrentFolder, file, 0));
            Say("open-old", Call(SystemCall.Open, (nint)file));
            Say("create", Call(SystemCall.OpenAt, CurrentFolder, made, 0x41, 0x1b6));
            Say("socket-inet", Call(SystemCall.Socket, 2, (void*)1));
            Say("socket-unix", Call(SystemCall.Socket, 1, (void*)1));
            Say("socket-netlink", Call(SystemCall.Socket, 16, (void*)3));
            Say("connect", Call(SystemCall.Connect, Invalid, inet, 16));
            Say("socketpair-inet", Call(SystemCall.SocketPair, 2, (void*)1, 0, (nint)pair));
            Say("socketpair-datagram", Call(SystemCall.SocketPair, 1, (void*)2, 0, (nint)pair));
            Say("sendto-address", Call(SystemCall.SendTo, Invalid, inet, 1, 0, inet, 16));
            if (confine)
            {
                // Tried only where they are refused.
                Say("fork", Call(SystemCall.Fork, 0));
                Say("vfork", Call(SystemCall.VFork, 0));
                Say("clone-process", Call(SystemCall.Clone, 17));
                Say("clone-user-namespace", Call(SystemCall.Clone, 0x10000100 | 0x10000));
                Say("execve", Call(SystemCall.ExecVe, (nint)shell, list, (nint)list));
                Say("kill-self", Call(SystemCall.Kill, Environment.ProcessId, (void*)15));
                Say("kill-all", Call(SystemCall.Kill, -1, (void*)0));
                Say("reboot", Call((SystemCall)169, 0));
            }
            Say("clone3", Call(SystemCall.Clone3, 0));
            Say("ptrace", Call(SystemCall.PTrace, 16, (void*)parent));
            Say("kill-parent", Call(SystemCall.Kill, parent, (void*)0));
            Say("tgkill-parent", Call(SystemCall.TgKill, parent, (void*)parent, 0));
            Say("pidfd-open", Call(SystemCall.PidFdOpen, parent));
            Say("pidfd-getfd", Call(SystemCall.PidFdGetFd, Invalid));
            Say("read-process", Call((SystemCall)310, parent));
            Say("write-process", Call((SystemCall)311, parent));
            Say("mount", Call(SystemCall.Mount, (nint)file, file, (nint)file));
            Say("chroot", Call((SystemCall)161, (nint)file));
            Say("unshare", Call((SystemCall)272, 0x10000000));
            Say("setns", Call((SystemCall)308, Invalid));
            Say("bpf", Call(SystemCall.Bpf, 0));
            Say("io-uring", Call(SystemCall.IoUringSetup, 1));
            Say("perf", Call((SystemCall)298, 0));
            Say("userfaultfd", Call((SystemCall)323, 0));
            Say("keyctl", Call((SystemCall)250, 0));
            Say("module", Call((SystemCall)175, 0));
            Say("ports", Call((SystemCall)172, 3));
            Say("setuid", Call(SystemCall.SetUid, 0));
            Say("memory-file-unsealable", Call(SystemCall.MemFdCreate, (nint)file, (void*)1));
            Say("memory-file-huge", Call(SystemCall.MemFdCreate, (nint)file, (void*)7));
            Say("raise-limit", Call(SystemCall.PRLimit64, 0, (void*)7, (nint)limit));
            Say("limit-of-parent", Call(SystemCall.PRLimit64, parent, (void*)7));
            Say("stat", Call((SystemCall)4, (nint)file));
            Say("unlink", Call((SystemCall)87, (nint)made));
            Say("rename", Call((SystemCall)82, (nint)made, made));
            Say("link", Call((SystemCall)86, (nint)file, made));
            Say("chmod", Call((SystemCall)90, (nint)made));
            Say("chdir", Call((SystemCall)80, (nint)made));
            Say("shared-memory", Call((SystemCall)29, 1));
            Say("message-queue", Call((SystemCall)68, 1));
            Say("inotify", Call((SystemCall)294, 0));
            Say("handle", Call((SystemCall)304, 0));
            Say("death-signal", Call(SystemCall.PrCtl, 1, (void*)0));
            Say("dumpable", Call(SystemCall.PrCtl, 4, (void*)1));
            Say("second-filter", Call(SystemCall.Seccomp, 1));
            Say("thread-pointer", Call(SystemCall.ArchPrCtl, 0x1002));
            Say("owner-of-signals", Call(SystemCall.FCntl, 0, (void*)8, parent));
            Say("ioctl", Call((SystemCall)16, 2, (void*)0x5401));
            Say("wide-number", Call((SystemCall)0x4000_0101, CurrentFolder, file));
            Say("no-such-number", Call((SystemCall)4000, 0));
        }
        if (confine)
        {
            Say("memory-file", Call(SystemCall.MemFdCreate, (nint)Marshal.StringToCoTaskMemUTF8("memory"), (void*)3));
        }
        return 0;
    }

    /// <summary>A call as a 32-bit program makes it, where 20 is getpid and 5 is open.</summary>
    internal static int CallAsOtherArchitecture()
    {
        // mov eax, 20; int 0x80; ret
        ReadOnlySpan<byte> code = [0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3];
        nint page = mmap(0, 4096, 7, 0x22, -1, 0);
        code.CopyTo(new Span<byte>((void*)page, code.Length));
        Confinement.Enter(typeof(Program).Assembly);
        return ((delegate* unmanaged<int>)page)();
    }

    private static void Say(string name, long result) => Console.Error.Write($"{name} {(result < 0 ? -result : 0)}\n");

    private static long Call(SystemCall call, long first, void* second = null, long third = 0, long fourth = 0, void* fifth = null, long sixth = 0)
    {
        long result = syscall((long)call, first, second, third, fourth, fifth, sixth);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, void* second, long third, long fourth, void* fifth, long sixth);

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);
}
