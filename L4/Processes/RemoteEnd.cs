using System.Text;
using L4.Native;

namespace L4;

/// <summary>The socket of a gate or portal that another process serves, and the watch over it: it hangs up when the serving task ends.</summary>
internal sealed class RemoteEnd : IReadinessHandler
{
    private readonly CapabilityRecord _record;
    private readonly int _socket;
    private long _watch;

    private RemoteEnd(CapabilityRecord record, int socket)
    {
        _record = record;
        _socket = socket;
        Peer = null!;
    }

    /// <summary>The serving task.</summary>
    internal Peer Peer { get; private set; }

    /// <summary>Its number in the channels to that task.</summary>
    internal int Index { get; private set; }

    /// <summary>Begins to hold a socket that was received and found to be one.</summary>
    internal static RemoteEnd Hold(Interconnect interconnect, CapabilityRecord record, int socket)
    {
        var end = new RemoteEnd(record, socket);
        var key = new PeerKey(Libc.CreatorOf(socket), record.Task);
        int index;
        do
            end.Peer = interconnect.PeerOf(key, record.Name);
        while (!end.Peer.TryAdd(end, out index));
        end.Index = index;
        end._watch = interconnect.Reactor.Watch(socket, end);
        return end;
    }

    /// <summary>Describes it for a third process, which will reach the same server with no help from this one.</summary>
    internal CapabilityRecord Export(OutgoingDescriptors descriptors)
    {
        descriptors.Lend(_socket);
        return _record;
    }

    /// <summary>Sends a request to the serving process.</summary>
    internal bool TrySend(ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors) => PacketSocket.TrySend(_socket, data, descriptors, wait: false);

    /// <summary>Holds it no more.</summary>
    internal void Drop()
    {
        Peer.Remove(this);
        Peer.Interconnect.Reactor.Retire(_watch);
    }

    /// <inheritdoc />
    public void Ready()
    {
        // The server's last words. They are left in the queue for others who hold the same socket.
        Span<byte> text = stackalloc byte[ServedTask.LastWordsLimit];
        Span<int> descriptors = stackalloc int[PacketSocket.DescriptorLimit];
        var packet = PacketSocket.Receive(_socket, text, descriptors, Libc.MessagePeek);
        if (packet.Outcome == PacketOutcome.Empty)
            return;
        PacketSocket.Close(descriptors[..packet.Descriptors]);
        Peer.Interconnect.Reactor.Retire(_watch);
        Peer.Die(packet.Length > 0 ? Encoding.UTF8.GetString(text[..packet.Length]) : Peer.Interconnect.CauseOfDeath(Peer.Key.Process) ?? "its process ended");
    }
}
