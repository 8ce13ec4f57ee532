using System.Runtime.InteropServices;

namespace L4.Native;

/// <summary>The system calls that join processes: sockets that carry descriptors, readiness, and what a descriptor is.</summary>
internal static unsafe partial class Libc
{
    internal const int SocketUnix = 1;
    internal const int SocketSequencedPacket = 5;
    internal const int SocketCloseOnExec = 0x80000;
    internal const int MessageDontWait = 0x40;
    internal const int MessagePeek = 0x02;
    internal const int MessageNoSignal = 0x4000;
    internal const int MessageTruncated = 0x20;
    internal const int MessageControlTruncated = 0x08;
    internal const int MessageCloseOnExec = 0x40000000;
    internal const int SocketLevel = 1;
    internal const int SocketOptionType = 3;
    internal const int SocketOptionPeerCredentials = 17;
    internal const int SocketOptionDomain = 39;
    internal const int ControlRights = 1;
    internal const uint PollIn = 0x01;
    internal const uint PollHangUp = 0x10;
    internal const uint PollError = 0x08;
    internal const int PollAdd = 1;
    internal const int PollDelete = 2;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenDontWait = 0x800;
    internal const int OpenAccessMode = 3;
    internal const int ErrorAgain = 11;
    internal const int ErrorInterrupted = 4;

    private const int FcntlGetFlags = 3;
    private const int FcntlDuplicate = 1030;
    private const int FcntlGetSeals = 1034;
    private const int FileTypeMask = 0xf000;
    private const int FileTypeRegular = 0x8000;

    /// <summary>What <c>epoll</c> reports; packed on x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct PollEvent
    {
        public uint Events;
        public long Data;
    }

    /// <summary>A piece of memory for a message: <c>struct iovec</c>.</summary>
    internal struct IoVector
    {
        public void* Address;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct cmsghdr</c>; the data follow.</summary>
    internal struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>Which file a descriptor means: equal for all descriptors of one memory file.</summary>
    internal readonly record struct FileIdentity(ulong Device, ulong Node);

    /// <summary>A pair of connected sockets that keep packets whole, in order, and carry descriptors.</summary>
    internal static (int Ours, int Theirs) CreateSocketPair()
    {
        var pair = stackalloc int[2];
        return socketpair(SocketUnix, SocketSequencedPacket | SocketCloseOnExec, 0, pair) == 0 ? (pair[0], pair[1]) : throw LastError("making a pair of sockets");
    }

    /// <summary>Whether a descriptor that came from elsewhere is a socket as <see cref="CreateSocketPair"/> makes them.</summary>
    internal static bool IsPacketSocket(int descriptor) =>
        GetSocketOption(descriptor, SocketOptionDomain) == SocketUnix && GetSocketOption(descriptor, SocketOptionType) == SocketSequencedPacket;

    /// <summary>The process that made the pair of sockets, as the kernel says; 0 when it cannot be named here.</summary>
    internal static int CreatorOf(int socket)
    {
        var credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        return getsockopt(socket, SocketLevel, SocketOptionPeerCredentials, credentials, &length) == 0 ? credentials[0] : 0;
    }

    /// <summary>Looks at a descriptor that came from elsewhere: a memory file whose size nobody can change, or not.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="isWritable">Whether it may be mapped for writing.</param>
    /// <param name="identity">Which file it is.</param>
    internal static bool IsSealedMemory(int descriptor, out ulong size, out bool isWritable, out FileIdentity identity)
    {
        size = 0;
        isWritable = false;
        identity = default;
        int seals = fcntl(descriptor, FcntlGetSeals, 0);
        int flags = fcntl(descriptor, FcntlGetFlags, 0);
        if (seals < 0 || flags < 0 || (seals & (SealShrink | SealGrow)) != (SealShrink | SealGrow))
            return false;
        // The call itself: the C library's function looks up an empty name, which a confined task may not. struct stat of x86-64: device, node, links (8 bytes each), mode (4) at 24, size at 48.
        var status = stackalloc byte[144];
        if (NativeProcess.Call(SystemCall.FStat, descriptor, status) != 0 || (*(int*)(status + 24) & FileTypeMask) != FileTypeRegular)
            return false;
        identity = new FileIdentity(*(ulong*)status, *(ulong*)(status + 8));
        long length = *(long*)(status + 48);
        size = length > 0 ? (ulong)length : 0;
        isWritable = (flags & OpenAccessMode) == 2;
        return length > 0;
    }

    /// <summary>A second descriptor of the same open file.</summary>
    internal static int Duplicate(int descriptor)
    {
        int result = fcntl(descriptor, FcntlDuplicate, 0);
        return result >= 0 ? result : throw LastError($"duplicating descriptor {descriptor}");
    }

    /// <summary>A second descriptor of the same memory file that can be mapped for reading only.</summary>
    internal static int ReopenForReading(int descriptor)
    {
        int result = open($"/proc/self/fd/{descriptor}", OpenCloseOnExec);
        return result >= 0 ? result : throw LastError("opening a dataspace for reading only");
    }

    private static int GetSocketOption(int socket, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        return getsockopt(socket, SocketLevel, option, &value, &length) == 0 ? value : -1;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_ctl(int poll, int operation, int descriptor, PollEvent* entry);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(int poll, PollEvent* events, int limit, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc")]
    private static partial int getsockopt(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
