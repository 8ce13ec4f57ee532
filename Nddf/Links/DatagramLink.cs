using System.Runtime.InteropServices;
using System.Text;

namespace Nddf.Links;

/// <summary>
/// A pair of unix datagram sockets, one frame a datagram, as QEMU speaks it:
/// <c>-netdev dgram,id=n,local.type=unix,local.path=REMOTE,remote.type=unix,remote.path=LOCAL</c>. The peer may come later and may come and go:
/// frames for a peer that is not there are lost, as on a cable.
/// </summary>
public sealed unsafe class DatagramLink : DescriptorLink
{
    private readonly string _local;
    private UnixAddress _remoteAddress;

    private DatagramLink(string local, string remote, LinkDescriptor descriptor)
        : base($"dgram:{local},{remote}", descriptor)
    {
        _local = local;
        _remoteAddress = AddressOf(remote);
    }

    /// <summary>Makes the local socket.</summary>
    /// <param name="local">Its path. Nothing may be there yet; it goes with the link.</param>
    /// <param name="remote">The peer's path.</param>
    /// <exception cref="LinkException">A path is too long, or something is there.</exception>
    public static DatagramLink Open(string local, string remote)
    {
        string link = $"dgram:{local},{remote}";
        foreach (string path in new[] { local, remote })
        {
            if (Encoding.UTF8.GetByteCount(path) is 0 or >= UnixAddress.PathBytes)
                throw new LinkException(link, $"a socket's path has 1 to {UnixAddress.PathBytes - 1} bytes, '{path}' has {Encoding.UTF8.GetByteCount(path)}");
        }
        int number = LinkCalls.socket(LinkCalls.FamilyUnix, LinkCalls.SocketDatagram | LinkCalls.SocketNonBlocking | LinkCalls.SocketCloseOnExec, 0);
        if (number < 0)
            throw new LinkException(link, $"opening a socket: {LinkCalls.ErrorText(Marshal.GetLastPInvokeError())}");
        var descriptor = new LinkDescriptor(number);
        var address = AddressOf(local);
        if (LinkCalls.bind(number, &address, (uint)sizeof(UnixAddress)) == 0)
            return new DatagramLink(local, remote, descriptor);
        int error = Marshal.GetLastPInvokeError();
        descriptor.Dispose();
        throw new LinkException(link, $"binding to {local}: {LinkCalls.ErrorText(error)}", error is LinkCalls.NotPermitted or LinkCalls.AccessDenied);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        File.Delete(_local);
    }

    private protected override nint Read(byte* bytes, nuint length) => LinkCalls.recv(Descriptor.Number, bytes, length, LinkCalls.MessageTruncate);

    private protected override nint Write(byte* bytes, nuint length)
    {
        fixed (UnixAddress* address = &_remoteAddress)
            return LinkCalls.sendto(Descriptor.Number, bytes, length, LinkCalls.SendNoSignal, address, (uint)sizeof(UnixAddress));
    }

    /// <summary>That the peer is gone is told to who receives, too; it may come back.</summary>
    private protected override bool IsPassing(int error) => base.IsPassing(error) || error == LinkCalls.ConnectionRefused;

    private static UnixAddress AddressOf(string path)
    {
        var address = new UnixAddress { Family = LinkCalls.FamilyUnix };
        Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, UnixAddress.PathBytes - 1));
        return address;
    }
}
