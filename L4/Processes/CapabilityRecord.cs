using System.Runtime.CompilerServices;
using System.Text;
using L4.Native;

namespace L4;

/// <summary>What kind of object a capability record stands for.</summary>
internal enum CapabilityKind : byte
{
    /// <summary>The null capability: no descriptor.</summary>
    Null = 0,

    /// <summary>A memory file.</summary>
    Dataspace = 1,

    /// <summary>The page of its state.</summary>
    Notification = 2,

    /// <summary>The page of its state, and that of its notification.</summary>
    Interrupt = 3,

    /// <summary>A socket that leads to the serving task.</summary>
    Gate = 4,

    /// <summary>A socket that leads to the serving task.</summary>
    Portal = 5,
}

/// <summary>A capability as it stands in a packet between two processes. The descriptors beside it are the authority; all that it says itself is
/// checked against them, or is only for people.</summary>
internal unsafe struct CapabilityRecord
{
    /// <summary>Longest name, in bytes of UTF-8.</summary>
    internal const int NameLimit = 47;

    internal CapabilityKind Kind;
    internal byte Rights;

    /// <summary>Of a gate or portal: which of its process's tasks serves it.</summary>
    internal int Task;

    /// <summary>Of an interrupt: what is signalled.</summary>
    internal ulong Bits;

    private byte _nameLength;
    private fixed byte _name[NameLimit];

    /// <summary>How many descriptors stand for an object of a kind; -1 for a kind that is none.</summary>
    internal static int DescriptorsOf(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Null => 0,
        CapabilityKind.Interrupt => 2,
        CapabilityKind.Dataspace or CapabilityKind.Notification or CapabilityKind.Gate or CapabilityKind.Portal => 1,
        _ => -1,
    };

    /// <summary>A record with a name.</summary>
    internal static CapabilityRecord Named(CapabilityKind kind, string name)
    {
        var record = new CapabilityRecord { Kind = kind };
        Encoding.UTF8.GetEncoder().Convert(name, new Span<byte>(record._name, NameLimit), flush: true, out _, out int used, out _);
        record._nameLength = (byte)used;
        return record;
    }

    /// <summary>The name: as the sender says, so for people only.</summary>
    internal readonly string Name
    {
        get
        {
            fixed (byte* name = _name)
            {
                string text = Encoding.UTF8.GetString(name, Math.Min((int)_nameLength, NameLimit));
                return string.Create(text.Length, text, static (shown, all) =>
                {
                    for (int i = 0; i < all.Length; i++)
                        shown[i] = char.IsControl(all[i]) ? '?' : all[i];
                });
            }
        }
    }
}

/// <summary>The descriptors of a packet that is being made.</summary>
internal sealed class OutgoingDescriptors
{
    private readonly int[] _descriptors = new int[PacketSocket.DescriptorLimit];
    private readonly bool[] _isGiven = new bool[PacketSocket.DescriptorLimit];
    private int _count;

    /// <summary>What is to be sent.</summary>
    internal ReadOnlySpan<int> All => _descriptors.AsSpan(0, _count);

    /// <summary>Adds a descriptor that stays somebody's.</summary>
    internal void Lend(int descriptor) => Add(descriptor, false);

    /// <summary>Adds a descriptor that is closed here once it was sent.</summary>
    internal void Give(int descriptor) => Add(descriptor, true);

    /// <summary>Ends the packet, sent or not.</summary>
    internal void Clear()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_isGiven[i])
                PacketSocket.Close([_descriptors[i]]);
        }
        _count = 0;
    }

    private void Add(int descriptor, bool isGiven)
    {
        _isGiven[_count] = isGiven;
        _descriptors[_count++] = descriptor;
    }
}

/// <summary>The capabilities of one message as a packet: a head, then the records. Buffers are kept, for one user at a time.</summary>
internal sealed unsafe class CapabilityPacket
{
    private static readonly int s_limit = sizeof(Head) + Message.CapabilityLimit * sizeof(CapabilityRecord);

    private readonly OutgoingDescriptors _outgoing = new();
    private readonly int[] _incoming = new int[PacketSocket.DescriptorLimit];
    private readonly byte[] _bytes = new byte[s_limit];
    private readonly Interconnect _interconnect;

    internal CapabilityPacket(Interconnect interconnect) => _interconnect = interconnect;

    private struct Head
    {
        public int Number;
        public int Count;
    }

    /// <summary>Sends capabilities of <paramref name="sender"/>'s space.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="number">Which message they belong to.</param>
    /// <param name="capabilities">What to send.</param>
    /// <param name="sender">Whose they are.</param>
    /// <exception cref="ServiceException">One of them names nothing or cannot be sent, or the other side is gone or takes none.</exception>
    internal void Send(int socket, int number, ReadOnlySpan<Capability> capabilities, CapabilitySpace sender)
    {
        try
        {
            Unsafe.WriteUnaligned(ref _bytes[0], new Head { Number = number, Count = capabilities.Length });
            int at = sizeof(Head);
            foreach (var capability in capabilities)
            {
                Unsafe.WriteUnaligned(ref _bytes[at], sender.Export(capability, _outgoing));
                at += sizeof(CapabilityRecord);
            }
            if (!PacketSocket.TrySend(socket, _bytes.AsSpan(0, at), _outgoing.All, wait: false))
                throw new ServiceException(ServiceError.ServerGone, "the other side of a channel takes no capabilities");
        }
        finally
        {
            _outgoing.Clear();
        }
    }

    /// <summary>Takes the packet of one message and puts what it carries into <paramref name="receiver"/>'s space.</summary>
    /// <param name="socket">Where from.</param>
    /// <param name="number">Which message they belong to.</param>
    /// <param name="capabilities">As many as the message says.</param>
    /// <param name="receiver">Whose they become; none of them on failure.</param>
    /// <exception cref="ServiceException">The packet is missing or is not what it says.</exception>
    internal void Receive(int socket, int number, Span<Capability> capabilities, CapabilitySpace receiver)
    {
        var packet = PacketSocket.Receive(socket, _bytes, _incoming);
        int taken = 0;
        int done = 0;
        try
        {
            var head = Unsafe.ReadUnaligned<Head>(ref _bytes[0]);
            if (packet.Outcome != PacketOutcome.Whole || packet.Length != sizeof(Head) + capabilities.Length * sizeof(CapabilityRecord) || head.Number != number || head.Count != capabilities.Length)
                throw new ServiceException(ServiceError.BadArgument, $"message {number} says that it carries {capabilities.Length} capabilities; they did not come with it");
            for (; done < capabilities.Length; done++)
            {
                var record = Unsafe.ReadUnaligned<CapabilityRecord>(ref _bytes[sizeof(Head) + done * sizeof(CapabilityRecord)]);
                int count = CapabilityRecord.DescriptorsOf(record.Kind);
                if (count < 0 || count > packet.Descriptors - taken)
                    throw new ServiceException(ServiceError.BadArgument, $"capability {done} of message {number} is of kind {(int)record.Kind}, with {packet.Descriptors - taken} descriptors left");
                var mine = _incoming.AsSpan(taken, count);
                taken += count;
                capabilities[done] = CapabilityImport.Insert(_interconnect, record, mine, receiver);
            }
            if (taken != packet.Descriptors)
                throw new ServiceException(ServiceError.BadArgument, $"message {number} carries {packet.Descriptors - taken} descriptors too many");
        }
        catch (ServiceException)
        {
            foreach (var capability in capabilities[..done])
            {
                if (!capability.IsNull)
                    receiver.Discard(capability);
            }
            throw;
        }
        finally
        {
            PacketSocket.Close(_incoming.AsSpan(taken, packet.Descriptors - taken));
        }
    }
}

/// <summary>Makes kernel objects of what another process sent, after a look at what the descriptors really are.</summary>
internal static class CapabilityImport
{
    /// <summary>Puts one capability into a space.</summary>
    /// <param name="interconnect">The process's.</param>
    /// <param name="record">What the sender says.</param>
    /// <param name="descriptors">As many as its kind takes; they are taken over, or closed on failure.</param>
    /// <param name="receiver">The space.</param>
    /// <exception cref="ServiceException">They are not what the record says.</exception>
    internal static Capability Insert(Interconnect interconnect, in CapabilityRecord record, Span<int> descriptors, CapabilitySpace receiver)
    {
        if (record.Kind == CapabilityKind.Null)
            return Capability.Null;
        var rights = (CapabilityRights)record.Rights & CapabilityRights.All;
        var target = Make(interconnect, record, descriptors, ref rights);
        try
        {
            return receiver.Insert(target, rights);
        }
        catch (ServiceException)
        {
            // It was referred to by nobody yet: this ends it.
            target.AddReference();
            target.RemoveReference();
            throw;
        }
    }

    private static KernelObject Make(Interconnect interconnect, in CapabilityRecord record, Span<int> descriptors, ref CapabilityRights rights)
    {
        bool isKept = false;
        try
        {
            switch (record.Kind)
            {
                case CapabilityKind.Dataspace:
                    if (!Libc.IsSealedMemory(descriptors[0], out ulong size, out bool isWritable, out _) || size % Dataspace.PageSize != 0)
                        throw Refuse(record, "is no sealed memory file of whole pages");
                    if (!isWritable)
                        rights &= ~CapabilityRights.Write;
                    isKept = true;
                    return new Dataspace(record.Name, size, descriptors[0], isWritable);
                case CapabilityKind.Notification:
                    CheckPage(record, descriptors[0]);
                    isKept = true;
                    return new Notification(interconnect.Clock, StateMemory.MapPage(descriptors[0]));
                case CapabilityKind.Interrupt:
                    CheckPage(record, descriptors[0]);
                    CheckPage(record, descriptors[1]);
                    isKept = true;
                    return new Interrupt(StateMemory.MapPage(descriptors[0]), new Notification(interconnect.Clock, StateMemory.MapPage(descriptors[1])), record.Bits);
                default:
                    if (!Libc.IsPacketSocket(descriptors[0]))
                        throw Refuse(record, "is no socket for packets");
                    isKept = true;
                    return interconnect.Adopt(record, descriptors[0]);
            }
        }
        finally
        {
            if (!isKept)
                PacketSocket.Close(descriptors);
        }
    }

    private static void CheckPage(in CapabilityRecord record, int descriptor)
    {
        if (!Libc.IsSealedMemory(descriptor, out ulong size, out bool isWritable, out _) || size != Dataspace.PageSize || !isWritable)
            throw Refuse(record, "is no sealed memory file of one page");
    }

    private static ServiceException Refuse(in CapabilityRecord record, string what) =>
        new(ServiceError.BadCapability, $"what was sent as {record.Kind} '{record.Name}' {what}");
}
