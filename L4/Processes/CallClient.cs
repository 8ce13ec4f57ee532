using System.Text;
using L4.Native;

namespace L4;

/// <summary>The calling end of a channel for calls: one call at a time, by whoever took the channel out of its peer's pool.</summary>
internal sealed class CallClient : IDisposable
{
    private readonly Peer _peer;
    private readonly SharedMemory _memory;
    private readonly CapabilityPacket _packet;
    private readonly Attachments _attachments;
    private readonly int _socket;
    private readonly Capability[] _received = new Capability[Message.CapabilityLimit];
    private int _number;

    internal CallClient(Peer peer)
    {
        _peer = peer;
        (_memory, int descriptor) = SharedMemory.Create(peer.Interconnect.Clock, CallLayout.Size);
        _packet = new CapabilityPacket(peer.Interconnect);
        (_socket, int theirs) = Libc.CreateSocketPair();
        _attachments = new Attachments(_memory, ChannelKind.Calls, descriptor, theirs);
    }

    /// <summary>Calls the gate that <paramref name="end"/> leads to with the thread's message, which the answer replaces.</summary>
    /// <exception cref="ServiceException">The server refused or failed, is gone, or does not keep to the rules.</exception>
    internal void Call(RemoteEnd end, ThreadControlBlock thread, uint operation)
    {
        _attachments.Ensure(end);
        var (message, space) = (thread.Message, thread.Task.Capabilities);
        int before = _number;
        int number = unchecked(before + 1);
        var sent = message.Capabilities;
        if (sent.Length > 0)
            _packet.Send(_socket, number, sent, space);
        _number = number;
        var bytes = message.Bytes;
        bytes.CopyTo(_memory.Bytes(CallLayout.RequestBody, bytes.Length));
        _memory.Value<CallLayout.CallHead>(CallLayout.RequestHead) =
            new CallLayout.CallHead { Index = end.Index, Operation = operation, Length = bytes.Length, Capabilities = sent.Length };
        _memory.Publish(CallLayout.Request, number, ChannelLayout.ServerAsleep);
        if (!_memory.AwaitChange(CallLayout.Reply, before, ChannelLayout.ClientAsleep))
            throw _peer.Gone();
        TakeAnswer(message, space);
    }

    /// <summary>The serving task is gone: the caller goes on.</summary>
    internal void End() => _memory.End(ChannelLayout.ClientAsleep);

    /// <inheritdoc />
    public void Dispose()
    {
        _attachments.Dispose();
        _ = Libc.close(_socket);
        _memory.Dispose();
    }

    internal void Forget(int index) => _attachments.Forget(index);

    private void TakeAnswer(Message message, CapabilitySpace space)
    {
        var answer = _memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead);
        if (Volatile.Read(ref _memory.Word(CallLayout.Reply)) != _number || answer.Length is < 0 or > Message.Size || answer.Capabilities is < 0 or > Message.CapabilityLimit)
            throw _peer.CutOff($"answered call {_number} with {answer.Length} bytes and {answer.Capabilities} capabilities");
        var bytes = _memory.Bytes(CallLayout.ReplyBody, answer.Length);
        if (answer.Error != 0)
            throw new ServiceException(Enum.IsDefined((ServiceError)answer.Error) ? (ServiceError)answer.Error : ServiceError.ServerFault, Encoding.UTF8.GetString(bytes));
        var received = _received.AsSpan(0, answer.Capabilities);
        if (received.Length > 0)
            _packet.Receive(_socket, _number, received, space);
        message.Receive(bytes, received, space);
    }
}

/// <summary>What a channel carries.</summary>
internal enum ChannelKind
{
    /// <summary>Calls of gates.</summary>
    Calls = 1,

    /// <summary>Words for portals.</summary>
    Words = 2,
}

/// <summary>What a holder of a gate or portal sends through its socket: that the channel of this memory is to lead there too.</summary>
internal struct AttachRequest
{
    public ChannelKind Kind;
    public int Index;
}

/// <summary>Which gates or portals a channel leads to. The serving side knows the channel by its memory file, so nobody can attach to
/// another's.</summary>
internal sealed class Attachments : IDisposable
{
    /// <summary>Gates or portals of one task that one process holds at a time.</summary>
    internal const int Limit = 4096;

    private readonly SharedMemory _memory;
    private readonly ChannelKind _kind;
    private readonly int _descriptor;
    private readonly int _theirs;
    private bool[] _isAttached = new bool[16];

    internal Attachments(SharedMemory memory, ChannelKind kind, int descriptor, int theirs)
    {
        _memory = memory;
        _kind = kind;
        _descriptor = descriptor;
        _theirs = theirs;
    }

    /// <summary>Attaches the channel, unless it is.</summary>
    /// <exception cref="ServiceException">The server is gone or refuses.</exception>
    internal void Ensure(RemoteEnd end)
    {
        if (end.Index < _isAttached.Length && _isAttached[end.Index])
            return;
        int before = Volatile.Read(ref _memory.Word(ChannelLayout.Attached));
        var request = new AttachRequest { Kind = _kind, Index = end.Index };
        if (!end.TrySend(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<AttachRequest>(in request)), [_descriptor, _theirs])
            || !_memory.AwaitChange(ChannelLayout.Attached, before, ChannelLayout.ClientAsleep))
            throw end.Peer.Gone();
        if (Volatile.Read(ref _memory.Word(ChannelLayout.AttachedWell)) == 0)
            throw new ServiceException(ServiceError.Exhausted, $"task '{end.Peer.Name}' takes no more channels of this process");
        if (end.Index >= _isAttached.Length)
            Array.Resize(ref _isAttached, Math.Max(end.Index + 1, _isAttached.Length * 2));
        _isAttached[end.Index] = true;
    }

    /// <summary>The gate or portal was given up.</summary>
    internal void Forget(int index)
    {
        if (index < _isAttached.Length)
            _isAttached[index] = false;
    }

    /// <inheritdoc />
    public void Dispose() => PacketSocket.Close([_descriptor, _theirs]);
}
