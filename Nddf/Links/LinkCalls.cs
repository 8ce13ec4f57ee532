using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Nddf.Links;

/// <summary>The system calls that links stand on. Numbers, flags and layouts: Linux x86-64, sections 2 and 7 of the manual (netdevice(7), unix(7)), and
/// Documentation/networking/tuntap.rst.</summary>
internal static unsafe partial class LinkCalls
{
    internal const int OpenReadWrite = 2;
    internal const int OpenNonBlocking = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int FamilyUnix = 1;
    internal const int FamilyInternet = 2;
    internal const int SocketDatagram = 2;
    internal const int SocketNonBlocking = OpenNonBlocking;
    internal const int SocketCloseOnExec = OpenCloseOnExec;
    internal const int SendNoSignal = 0x4000;
    internal const int MessageTruncate = 0x20;
    internal const short PollIn = 1;

    internal const nuint TunSetInterface = 0x400454ca;
    internal const nuint TunSetOffload = 0x400454d0;
    internal const nuint TunSetPacketHeaderSize = 0x400454d8;
    internal const nuint GetInterfaceFlags = 0x8913;
    internal const nuint SetInterfaceFlags = 0x8914;
    internal const nuint SetInterfaceMtu = 0x8922;
    internal const nuint SetInterfaceAddress = 0x8924;
    internal const nuint GetInterfaceAddress = 0x8927;

    internal const short TapInterface = 2;
    internal const short NoPacketInformation = 0x1000;
    internal const short PacketHeader = 0x4000;
    internal const short InterfaceUp = 1;
    internal const ushort HardwareEthernet = 1;

    internal const int TryAgain = 11;
    internal const int Interrupted = 4;
    internal const int NotPermitted = 1;
    internal const int AccessDenied = 13;
    internal const int Busy = 16;
    internal const int InvalidArgument = 22;
    internal const int ConnectionRefused = 111;
    internal const int NoSuchFile = 2;

    /// <summary>The error of the last call in words.</summary>
    internal static string ErrorText(int error) => new Win32Exception(error).Message;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc")]
    internal static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(int descriptor, nuint request, InterfaceRequest* argument);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint readv(int descriptor, IoVector* pieces, int count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint writev(int descriptor, IoVector* pieces, int count);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(int descriptor, UnixAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendto(int descriptor, byte* buffer, nuint length, int flags, UnixAddress* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recv(int descriptor, byte* buffer, nuint length, int flags);
}

/// <summary>struct ifreq (netdevice(7)): a name of 16 bytes and 24 bytes whose meaning the request says.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct InterfaceRequest
{
    internal const int NameBytes = 16;

    [FieldOffset(0)]
    public fixed byte Name[NameBytes];

    [FieldOffset(16)]
    public short Flags;

    [FieldOffset(16)]
    public int Number;

    /// <summary>struct sockaddr: family, here a hardware type, then the address.</summary>
    [FieldOffset(16)]
    public ushort HardwareType;

    [FieldOffset(18)]
    public fixed byte HardwareOctets[14];
}

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct IoVector(byte* address, nuint length)
{
    public readonly byte* Address = address;
    public readonly nuint Length = length;
}

/// <summary>struct virtio_net_hdr (Virtual I/O Device 1.2, section 5.1.6), which a TAP interface has before each packet: the link's processor's byte order.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct PacketHeader
{
    internal const int Bytes = 10;
    internal const byte SegmentsTcpOverIpv4 = 1;

    public byte Flags;
    public byte Segmentation;
    public ushort HeaderBytes;
    public ushort SegmentBytes;
    public ushort ChecksumStart;
    public ushort ChecksumOffset;
}

/// <summary>struct pollfd (poll(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Wanted;
    public short Happened;
}

/// <summary>struct sockaddr_un (unix(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnixAddress
{
    internal const int PathBytes = 108;

    public ushort Family;
    public fixed byte Path[PathBytes];
}
