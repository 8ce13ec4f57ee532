using System.Runtime.InteropServices;
using L4.Native;

namespace L4.Processes.Tests;

/// <summary>Somebody in another process who was given a gate or portal and does with its socket and channel whatever comes to mind.</summary>
internal sealed class RawHolder : IDisposable
{
    private readonly int _gate;
    private readonly int _memoryFile;
    private readonly int _ours;
    private int _theirs;

    /// <param name="owner">Whose capability it is.</param>
    /// <param name="capability">A gate or portal that a task of this process serves.</param>
    /// <param name="size">Bytes of the channel's memory.</param>
    internal RawHolder(L4Task owner, Capability capability, ulong size)
    {
        var descriptors = new OutgoingDescriptors();
        owner.Capabilities.Export(capability, descriptors);
        _gate = Libc.Duplicate(descriptors.All[0]);
        descriptors.Clear();
        (Memory, _memoryFile) = SharedMemory.Create(owner.System.Clock, size);
        (_ours, _theirs) = Libc.CreateSocketPair();
    }

    internal SharedMemory Memory { get; }

    /// <summary>The channel's socket for capabilities.</summary>
    internal int Socket => _ours;

    /// <summary>Attaches as the rules say, and waits until it is done.</summary>
    internal void Attach(ChannelKind kind, int index)
    {
        Send(new AttachRequest { Kind = kind, Index = index }, _memoryFile, _theirs).ShouldBeTrue();
        Memory.AwaitChange(ChannelLayout.Attached, 0, ChannelLayout.ClientAsleep).ShouldBeTrue();
    }

    internal bool Send(AttachRequest request, params ReadOnlySpan<int> descriptors) => Send(MemoryMarshal.AsBytes(new ReadOnlySpan<AttachRequest>(in request)), descriptors);

    internal bool Send(ReadOnlySpan<byte> packet, ReadOnlySpan<int> descriptors) => PacketSocket.TrySend(_gate, packet, descriptors, wait: true);

    /// <summary>Makes a call with any head.</summary>
    internal void Call(int number, CallLayout.CallHead head)
    {
        Memory.Value<CallLayout.CallHead>(CallLayout.RequestHead) = head;
        Memory.Publish(CallLayout.Request, number, ChannelLayout.ServerAsleep);
    }

    /// <summary>Waits until a call was answered or the channel was closed; false for the latter.</summary>
    internal bool WasAnswered(int before)
    {
        Span<byte> nothing = stackalloc byte[4096];
        Span<int> descriptors = stackalloc int[PacketSocket.DescriptorLimit];
        while (Volatile.Read(ref Memory.Word(CallLayout.Reply)) == before)
        {
            // The server's end is closed when it deals with us no more; ours is kept open by nobody else.
            PacketSocket.Close([_theirs]);
            _theirs = -1;
            if (PacketSocket.Receive(_ours, nothing, descriptors).Outcome == PacketOutcome.Closed)
                return false;
        }
        return true;
    }

    public void Dispose()
    {
        Memory.Dispose();
        PacketSocket.Close([_gate, _memoryFile, _ours, _theirs]);
    }
}
