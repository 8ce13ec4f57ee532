namespace L4;

/// <summary>What a packet between a task's process and the root is.</summary>
internal enum ControlTag
{
    /// <summary>From the task: it runs; its first gate comes along.</summary>
    Started = 1,

    /// <summary>From the task: an event.</summary>
    Event = 2,

    /// <summary>From the task: why it ends.</summary>
    Ended = 3,

    /// <summary>From the root, after what to prepare for: which task it is.</summary>
    Start = 4,

    /// <summary>From the root, the first packet: what it will be asked to do.</summary>
    Prepare = 5,
}

/// <summary>
/// The socket between the root and a task in a process of its own. What was written to it stays there when the writer dies, so what a task
/// reported is never lost. Each side ends when the other hangs up.
/// </summary>
internal static class ControlChannel
{
    /// <summary>The socket's number in the new process.</summary>
    internal const int Descriptor = 3;

    /// <summary>Bytes of a packet.</summary>
    internal const int PacketLimit = Message.Size;

    private const int TextLimit = 12 * 1024;

    /// <summary>Tells a process that will be started what it will be asked to do. The packet waits in the socket.</summary>
    internal static void SendPrepare(int socket, string program) => Send(socket, [], ControlTag.Prepare, message => message.WriteString(program));

    /// <summary>Tells a process which task it is.</summary>
    internal static void SendStart(int socket, L4System system, string name)
    {
        var names = new OutgoingDescriptors();
        try
        {
            var record = system.Root.Capabilities.Export(system.Root.NameServiceCapability, names);
            Send(socket, names.All, ControlTag.Start, message =>
            {
                message.Write(((RealClock)system.Clock).Origin);
                message.WriteString(name);
                message.Write(record);
            });
        }
        finally
        {
            names.Clear();
        }
    }

    /// <summary>Tells the root that the task runs.</summary>
    internal static void SendStarted(int socket, L4Task task, Capability gate)
    {
        var descriptors = new OutgoingDescriptors();
        try
        {
            var record = task.Capabilities.Export(gate, descriptors);
            Send(socket, descriptors.All, ControlTag.Started, message => message.Write(record));
        }
        finally
        {
            descriptors.Clear();
        }
    }

    /// <summary>Tells the root of an event.</summary>
    internal static void SendEvent(int socket, SystemEvent entry) => Send(socket, [], ControlTag.Event, message =>
    {
        message.WriteString(Shorten(entry.Source));
        message.WriteString(Shorten(entry.Kind));
        message.WriteString(Shorten(entry.Text));
        message.Write(entry.TimeNanoseconds);
    });

    /// <summary>Tells the root why the task ends.</summary>
    internal static void SendEnded(int socket, string cause) => Send(socket, [], ControlTag.Ended, message => message.WriteString(Shorten(cause)));

    /// <summary>What a packet is.</summary>
    internal static ControlTag ReadTag(Message message) => (ControlTag)message.Read<int>();

    /// <summary>The rest of an event.</summary>
    internal static SystemEvent ReadEvent(Message message) => new(ReadText(message), ReadText(message), ReadText(message), message.Read<long>());

    /// <summary>A text that must be there.</summary>
    internal static string ReadText(Message message) => message.ReadString() ?? throw new ServiceException(ServiceError.BadArgument, "a text is missing");

    private static string Shorten(string text) => text.Length <= TextLimit ? text : text[..TextLimit];

    private static void Send(int socket, ReadOnlySpan<int> descriptors, ControlTag tag, Action<Message> write)
    {
        var message = new Message();
        message.Write((int)tag);
        write(message);
        // When the other side is gone there is nobody to tell.
        PacketSocket.TrySend(socket, message.Bytes, descriptors, wait: true);
    }
}
