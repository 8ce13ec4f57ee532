using System.Text;
using L4.Native;

namespace L4;

/// <summary>The serving end of a channel for calls: a thread of the serving task that does for one caller of another process what the server loop
/// does for those of this one. Handlers run on one of these threads at a time.</summary>
internal sealed class CallServer : ChannelServer
{
    private readonly L4Task _task;
    private readonly ServerLoop _loop;
    private readonly CapabilityPacket _packet;
    private readonly Capability[] _received = new Capability[Message.CapabilityLimit];
    private int _number;

    internal CallServer(ServedTask served, L4Task task, ServerLoop loop, Libc.FileIdentity identity, SharedMemory memory, int socket, CapabilityPacket packet)
        : base(served, task, identity, memory, socket)
    {
        _task = task;
        _loop = loop;
        _packet = packet;
    }

    private protected override void Serve()
    {
        var own = ThreadControlBlock.Current!.Message;
        while (Memory.AwaitChange(CallLayout.Request, _number, ChannelLayout.ServerAsleep))
        {
            int number = Volatile.Read(ref Memory.Word(CallLayout.Request));
            // Read once: the caller can change it while it is looked at.
            var call = Memory.Value<CallLayout.CallHead>(CallLayout.RequestHead);
            if (number != unchecked(_number + 1) || call.Length is < 0 or > Message.Size || call.Capabilities is < 0 or > Message.CapabilityLimit)
            {
                ReportCutOff($"sent call {number} after {_number}, with {call.Length} bytes and {call.Capabilities} capabilities");
                return;
            }
            _number = number;
            try
            {
                Handle(call, own);
                Answer(own);
            }
            catch (ServiceException exception)
            {
                AnswerError(exception);
            }
            Memory.Publish(CallLayout.Reply, number, ChannelLayout.ClientAsleep);
        }
    }

    private void Handle(in CallLayout.CallHead call, Message own)
    {
        var received = _received.AsSpan(0, call.Capabilities);
        if (received.Length > 0)
            _packet.Receive(Socket, _number, received, _task.Capabilities);
        own.Receive(Memory.Bytes(CallLayout.RequestBody, call.Length), received, _task.Capabilities);
        if (_task.IsDead)
            throw new ServiceException(ServiceError.ServerGone, _task.GoneText);
        var gate = Find<LocalGate>(call.Index)
            ?? throw new ServiceException(ServiceError.BadCapability, $"the channel leads to no gate {call.Index} of task '{_task.Name}'");
        _loop.Handle(gate, call.Operation, own);
        // A task that died in the middle of a call has not done it, whatever its handler returned.
        if (_task.IsDead)
            throw new ServiceException(ServiceError.ServerGone, _task.GoneText);
    }

    private void Answer(Message own)
    {
        var capabilities = own.Capabilities;
        if (capabilities.Length > 0)
            _packet.Send(Socket, _number, capabilities, _task.Capabilities);
        own.Bytes.CopyTo(Memory.Bytes(CallLayout.ReplyBody, own.Bytes.Length));
        Memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead) = new CallLayout.AnswerHead { Length = own.Bytes.Length, Capabilities = capabilities.Length };
    }

    private void AnswerError(ServiceException exception)
    {
        Encoding.UTF8.GetEncoder().Convert(exception.Message, Memory.Bytes(CallLayout.ReplyBody, Message.Size), flush: true, out _, out int length, out _);
        Memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead) = new CallLayout.AnswerHead { Error = (int)exception.Error, Length = length };
    }
}
