using System.Runtime.CompilerServices;
using System.Text;
using L4.Native;

namespace L4;

/// <summary>What other processes hold of a task of this one: the sockets of its gates and portals, and the channels that lead to them.</summary>
internal sealed class ServedTask
{
    /// <summary>Bytes of a task's last words to those who hold something of it.</summary>
    internal const int LastWordsLimit = 2048;

    /// <summary>Channels that other processes may have to a task: each costs a thread here.</summary>
    private const int ChannelLimit = 256;

    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly Interconnect _interconnect;
    private readonly ServerLoop? _loop;
    private readonly int _number;
    private readonly HashSet<ServedEnd> _exports = [];
    private readonly Dictionary<Libc.FileIdentity, ChannelServer> _channels = [];
    private bool _hasEnded;

    internal ServedTask(L4Task task, Interconnect interconnect, ServerLoop? loop)
    {
        _task = task;
        _interconnect = interconnect;
        _loop = loop;
        _number = interconnect.NextTask();
    }

    /// <summary>Makes a socket that leads to a gate or portal and describes it for a receiver.</summary>
    internal CapabilityRecord Export(KernelObject target, CapabilityKind kind, OutgoingDescriptors descriptors)
    {
        var (ours, theirs) = Libc.CreateSocketPair();
        descriptors.Give(theirs);
        target.AddReference();
        var export = new ServedEnd(this, target, ours);
        lock (_lock)
        {
            _exports.Add(export);
            export.Watch = _interconnect.Reactor.Watch(ours, export);
        }
        var record = CapabilityRecord.Named(kind, _task.Name);
        record.Task = _number;
        return record;
    }

    /// <summary>The task ends: says so to all who hold something of it, and ends the channels.</summary>
    internal void End(string cause)
    {
        byte[] lastWords = Encoding.UTF8.GetBytes(cause);
        if (lastWords.Length > LastWordsLimit)
            Array.Resize(ref lastWords, LastWordsLimit);
        lock (_lock)
        {
            _hasEnded = true;
            foreach (var export in _exports)
            {
                PacketSocket.TrySend(export.Socket, lastWords.Length > 0 ? lastWords : "?"u8, [], wait: false);
                _interconnect.Reactor.Retire(export.Watch);
            }
            _exports.Clear();
            foreach (var channel in _channels.Values)
                channel.End();
        }
    }

    /// <summary>The other end of a channel hung up.</summary>
    internal void Remove(ChannelServer channel)
    {
        lock (_lock)
            _channels.Remove(channel.Identity);
        channel.End();
        _interconnect.Reactor.Retire(channel.Watch);
    }

    private void Remove(ServedEnd export)
    {
        lock (_lock)
        {
            if (!_exports.Remove(export))
                return;
            foreach (var channel in _channels.Values)
                channel.Detach(export.Target);
        }
        _interconnect.Reactor.Retire(export.Watch);
        export.Target.RemoveReference();
    }

    /// <summary>Leads a channel to a gate or portal.</summary>
    private void Attach(ServedEnd export, AttachRequest request, Span<int> descriptors)
    {
        ulong wanted = request.Kind == ChannelKind.Calls ? CallLayout.Size : WordLayout.Size;
        bool fits = (request.Kind, export.Target) is (ChannelKind.Calls, LocalGate) or (ChannelKind.Words, LocalPortal);
        if (!fits || descriptors.Length != 2 || request.Index is < 0 or >= Attachments.Limit || !Libc.IsPacketSocket(descriptors[1])
            || !Libc.IsSealedMemory(descriptors[0], out ulong size, out bool isWritable, out var identity) || size != wanted || !isWritable)
        {
            _task.System.Events.Report(_task.Name, "attach-refused", $"a holder of a gate or portal of task '{_task.Name}' sent what is no channel");
            return;
        }
        ChannelServer? channel;
        bool isKnown;
        bool isTaken;
        lock (_lock)
        {
            isKnown = _channels.TryGetValue(identity, out channel);
            isTaken = isKnown || (!_hasEnded && _channels.Count < ChannelLimit);
            if (isTaken && !isKnown)
            {
                var memory = SharedMemory.Map(_interconnect.Clock, descriptors[0], size);
                channel = request.Kind == ChannelKind.Calls
                    ? new CallServer(this, _task, _loop!, identity, memory, descriptors[1], new CapabilityPacket(_interconnect))
                    : new WordServer(this, _task, identity, memory, descriptors[1]);
                descriptors[1] = -1;
                _channels.Add(identity, channel);
                channel.Watch = _interconnect.Reactor.Watch(channel.Socket, channel, ReadinessKind.HangUp);
            }
        }
        if (!isTaken)
        {
            _task.System.Events.Report(_task.Name, "attach-refused", $"task '{_task.Name}' has {ChannelLimit} channels from other processes, the limit");
            // The caller waits for an answer.
            using var memory = SharedMemory.Map(_interconnect.Clock, descriptors[0], size);
            memory.Publish(ChannelLayout.Attached, unchecked(memory.Word(ChannelLayout.Attached) + 1), ChannelLayout.ClientAsleep);
            return;
        }
        if (channel!.Attach(request.Index, export.Target) && !isKnown)
            channel.Start();
    }

    /// <summary>This process's end of a gate or portal that was sent to another.</summary>
    private sealed class ServedEnd : IReadinessHandler
    {
        private readonly ServedTask _served;

        internal ServedEnd(ServedTask served, KernelObject target, int socket)
        {
            _served = served;
            Target = target;
            Socket = socket;
        }

        internal KernelObject Target { get; }

        internal int Socket { get; }

        internal long Watch { get; set; }

        public unsafe void Ready()
        {
            Span<byte> data = stackalloc byte[sizeof(AttachRequest)];
            Span<int> descriptors = stackalloc int[PacketSocket.DescriptorLimit];
            var packet = PacketSocket.Receive(Socket, data, descriptors);
            if (packet.Outcome == PacketOutcome.Empty)
                return;
            if (packet.Outcome != PacketOutcome.Whole || packet.Length != sizeof(AttachRequest))
            {
                PacketSocket.Close(descriptors[..packet.Descriptors]);
                // Nobody holds it any more, or somebody does who breaks the rules.
                _served.Remove(this);
                return;
            }
            try
            {
                _served.Attach(this, Unsafe.ReadUnaligned<AttachRequest>(ref data[0]), descriptors[..packet.Descriptors]);
            }
            finally
            {
                PacketSocket.Close(descriptors[..packet.Descriptors]);
            }
        }
    }
}
