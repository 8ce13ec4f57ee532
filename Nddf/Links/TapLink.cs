using System.Runtime.InteropServices;
using System.Text;

namespace Nddf.Links;

/// <summary>An Ethernet interface of the host's whose cable ends in this process: what the host's network stack sends comes out here.</summary>
public sealed unsafe class TapLink : DescriptorLink, ISegmentedLink
{
    private readonly string _interface;
    private bool _takesSegments = true;

    private TapLink(string interfaceName, LinkDescriptor descriptor)
        : base($"tap:{interfaceName}", descriptor) => _interface = interfaceName;

    bool ISegmentedLink.TakesSegments => _takesSegments;

    /// <summary>Makes an interface, or takes over one that was made before for this user (<c>ip tuntap add NAME mode tap user USER</c>).</summary>
    /// <param name="interfaceName">Up to 15 bytes without blanks and slashes.</param>
    /// <exception cref="LinkException">The name cannot be, the host forbids it, or another process has the interface.</exception>
    public static TapLink Open(string interfaceName)
    {
        string link = $"tap:{interfaceName}";
        int length = Encoding.UTF8.GetByteCount(interfaceName);
        if (length is 0 or >= InterfaceRequest.NameBytes || interfaceName is "." or ".." || !interfaceName.All(IsNameCharacter))
            throw new LinkException(link, $"an interface's name has 1 to {InterfaceRequest.NameBytes - 1} bytes and neither blanks, slashes, colons nor per cent signs");
        int number = LinkCalls.open("/dev/net/tun", LinkCalls.OpenReadWrite | LinkCalls.OpenNonBlocking | LinkCalls.OpenCloseOnExec);
        if (number < 0)
            throw Failed(link, "opening /dev/net/tun");
        var descriptor = new LinkDescriptor(number);
        var request = RequestFor(interfaceName);
        request.Flags = LinkCalls.TapInterface | LinkCalls.NoPacketInformation | LinkCalls.PacketHeader;
        int headerBytes = PacketHeader.Bytes;
        // Whoever had the interface before may have left it otherwise: what comes out of it is to be cut and to have its checksums.
        if (LinkCalls.ioctl(number, LinkCalls.TunSetInterface, &request) == 0
            && LinkCalls.ioctl(number, LinkCalls.TunSetPacketHeaderSize, (nint)(&headerBytes)) == 0
            && LinkCalls.ioctl(number, LinkCalls.TunSetOffload, 0) == 0)
            return new TapLink(interfaceName, descriptor);
        var exception = Marshal.GetLastPInvokeError() == LinkCalls.InvalidArgument
            ? new LinkException(link, "the host has an interface of that name, and it is no TAP interface")
            : Failed(link, "attaching to the interface");
        descriptor.Dispose();
        throw exception;
    }

    /// <summary>Gives the host's interface an address. An interface that has it already is left alone.</summary>
    /// <exception cref="LinkException">The host forbids it.</exception>
    public void SetAddress(HardwareAddress address)
    {
        var request = RequestFor(_interface);
        Control(LinkCalls.GetInterfaceAddress, ref request, "reading the interface's address");
        var octets = new Span<byte>(request.HardwareOctets, HardwareAddress.Octets);
        if (HardwareAddress.Read(octets) == address)
            return;
        request.HardwareType = LinkCalls.HardwareEthernet;
        address.Write(octets);
        Control(LinkCalls.SetInterfaceAddress, ref request, $"setting the interface's address to {address}");
    }

    /// <summary>Sets the interface's MTU and switches it on.</summary>
    /// <exception cref="LinkException">The host forbids it.</exception>
    public void BringUp(uint mtu)
    {
        var request = RequestFor(_interface);
        request.Number = (int)mtu;
        Control(LinkCalls.SetInterfaceMtu, ref request, $"setting the interface's MTU to {mtu}");
        request = RequestFor(_interface);
        Control(LinkCalls.GetInterfaceFlags, ref request, "reading the interface's flags");
        request.Flags |= LinkCalls.InterfaceUp;
        Control(LinkCalls.SetInterfaceFlags, ref request, "switching the interface on");
    }

    /// <inheritdoc />
    void ISegmentedLink.SendSegments(Span<IoVector> pieces, int segmentBytes)
    {
        var header = new PacketHeader
        {
            Segmentation = PacketHeader.SegmentsTcpOverIpv4,
            HeaderBytes = (ushort)pieces[1].Length,
            SegmentBytes = (ushort)segmentBytes,
        };
        pieces[0] = new IoVector((byte*)&header, PacketHeader.Bytes);
        fixed (IoVector* first = pieces)
        {
            if (LinkCalls.writev(Descriptor.Number, first, pieces.Length) >= 0)
                return;
        }
        // Each payload was a frame. TCP sends again what a host that knows no such packets did not take.
        Lost += (ulong)pieces.Length - 2;
        _takesSegments = Marshal.GetLastPInvokeError() != LinkCalls.InvalidArgument;
    }

    private protected override nint Read(byte* bytes, nuint length)
    {
        PacketHeader header;
        var pieces = stackalloc IoVector[] { new((byte*)&header, PacketHeader.Bytes), new(bytes, length) };
        return FrameBytes(LinkCalls.readv(Descriptor.Number, pieces, 2));
    }

    /// <summary>An interface that is switched off takes nothing, which passes; the thread that receives sees an end.</summary>
    private protected override nint Write(byte* bytes, nuint length)
    {
        var header = default(PacketHeader);
        var pieces = stackalloc IoVector[] { new((byte*)&header, PacketHeader.Bytes), new(bytes, length) };
        return FrameBytes(LinkCalls.writev(Descriptor.Number, pieces, 2));
    }

    private static nint FrameBytes(nint transferred) => transferred < 0 ? transferred : Math.Max(0, transferred - PacketHeader.Bytes);

    /// <summary>What the kernel takes, but for the per cent sign, which would ask it for a number.</summary>
    private static bool IsNameCharacter(char character) => character is not ('/' or ':' or '%' or '\0') && !char.IsWhiteSpace(character);

    private static InterfaceRequest RequestFor(string name)
    {
        var request = new InterfaceRequest();
        Encoding.UTF8.GetBytes(name, new Span<byte>(request.Name, InterfaceRequest.NameBytes - 1));
        return request;
    }

    private static LinkException Failed(string link, string operation)
    {
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            LinkCalls.NotPermitted or LinkCalls.AccessDenied => new LinkException(link,
                $"{operation}: {LinkCalls.ErrorText(error)}; run as root, or make the interface for this user first: ip tuntap add {link[4..]} mode tap user $USER", isDenied: true),
            LinkCalls.NoSuchFile => new LinkException(link, $"{operation}: {LinkCalls.ErrorText(error)}; this host has no TAP interfaces (modprobe tun)", isDenied: true),
            LinkCalls.Busy => new LinkException(link, $"{operation}: another process has it, or it is no TAP interface"),
            _ => new LinkException(link, $"{operation}: {LinkCalls.ErrorText(error)}"),
        };
    }

    private void Control(nuint call, ref InterfaceRequest request, string operation)
    {
        // Any socket will do: it only says in which network namespace the interface is.
        int socket = LinkCalls.socket(LinkCalls.FamilyInternet, LinkCalls.SocketDatagram | LinkCalls.SocketCloseOnExec, 0);
        if (socket < 0)
            throw Failed(Name, "opening a socket");
        int result;
        int error;
        fixed (InterfaceRequest* argument = &request)
        {
            result = LinkCalls.ioctl(socket, call, argument);
            error = Marshal.GetLastPInvokeError();
        }
        _ = LinkCalls.close(socket);
        Marshal.SetLastPInvokeError(error);
        if (result != 0)
            throw Failed(Name, operation);
    }
}
