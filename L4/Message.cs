using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace L4;

/// <summary>
/// A thread's message buffer: up to <see cref="Size"/> bytes and <see cref="CapabilityLimit"/> capabilities, written and read in
/// order. A call copies what was written into the receiver's buffer; capabilities are moved to the receiver's space on the way.
/// </summary>
public sealed class Message
{
    /// <summary>Bytes that fit one message.</summary>
    public const int Size = 64 * 1024;

    /// <summary>Capabilities that fit one message.</summary>
    public const int CapabilityLimit = 16;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size);
    private readonly Capability[] _capabilities = new Capability[CapabilityLimit];
    private int _length;
    private int _capabilityCount;
    private int _readAt;
    private int _capabilityReadAt;
    private CapabilitySpace? _receiver;

    /// <summary>Starts writing a new message. Capabilities that came with a received one and were not read are given up, so that nobody can fill
    /// a server's space with what it never asked for.</summary>
    public void Clear()
    {
        while (_receiver is not null && _capabilityReadAt < _capabilityCount)
        {
            var unread = _capabilities[_capabilityReadAt++];
            if (!unread.IsNull)
                _receiver.Discard(unread);
        }
        _receiver = null;
        _length = _capabilityCount = _readAt = _capabilityReadAt = 0;
    }

    /// <summary>Appends a value.</summary>
    public void Write<T>(T value) where T : unmanaged => MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), in value);

    /// <summary>Appends a string, or null.</summary>
    public void WriteString(string? text)
    {
        if (text is null)
        {
            Write(-1);
            return;
        }
        int count = Encoding.UTF8.GetByteCount(text);
        Write(count);
        Encoding.UTF8.GetBytes(text, Take(count));
    }

    /// <summary>Appends a count and that many values.</summary>
    public void WriteArray<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        Write(values.Length);
        var bytes = MemoryMarshal.AsBytes(values);
        bytes.CopyTo(Take(bytes.Length));
    }

    /// <summary>Appends a capability of the sender's space; the null capability stays null.</summary>
    public void WriteCapability(Capability capability)
    {
        if (_capabilityCount == CapabilityLimit)
            throw new ServiceException(ServiceError.MessageTooLong, $"a message carries at most {CapabilityLimit} capabilities");
        _capabilities[_capabilityCount++] = capability;
    }

    /// <summary>Takes the next value.</summary>
    public T Read<T>() where T : unmanaged => MemoryMarshal.Read<T>(Next(Unsafe.SizeOf<T>()));

    /// <summary>Takes the next string.</summary>
    public string? ReadString()
    {
        int count = Read<int>();
        return count < 0 ? null : Encoding.UTF8.GetString(Next(count));
    }

    /// <summary>Takes the next array.</summary>
    public T[] ReadArray<T>() where T : unmanaged
    {
        int count = Read<int>();
        int size = Unsafe.SizeOf<T>();
        if (count < 0 || count > (_length - _readAt) / size)
            throw new ServiceException(ServiceError.BadArgument, $"an array of {count} elements does not fit the {_length - _readAt} bytes left in the message");
        return MemoryMarshal.Cast<byte, T>(Next(count * size)).ToArray();
    }

    /// <summary>Takes the next capability, now one of the reader's space.</summary>
    public Capability ReadCapability()
    {
        if (_capabilityReadAt == _capabilityCount)
            throw new ServiceException(ServiceError.BadArgument, $"the message carries only {_capabilityCount} capabilities");
        return _capabilities[_capabilityReadAt++];
    }

    /// <summary>Copies <paramref name="source"/>, a message of <paramref name="sender"/>, into this buffer of <paramref name="receiver"/>.</summary>
    internal void Receive(Message source, CapabilitySpace sender, CapabilitySpace receiver)
    {
        Clear();
        _receiver = receiver;
        source._bytes.AsSpan(0, source._length).CopyTo(_bytes);
        _length = source._length;
        // Counted one by one: when one is refused, those before it are given up by the next Clear.
        for (int i = 0; i < source._capabilityCount; i++)
        {
            _capabilities[i] = CapabilitySpace.Transfer(source._capabilities[i], sender, receiver);
            _capabilityCount = i + 1;
        }
    }

    /// <summary>What was written or received.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>The capabilities that were written or received.</summary>
    internal ReadOnlySpan<Capability> Capabilities => _capabilities.AsSpan(0, _capabilityCount);

    /// <summary>Replaces the contents by what came from another process.</summary>
    /// <param name="bytes">At most <see cref="Size"/>; copied, so that the sender cannot change what is being read.</param>
    /// <param name="capabilities">At most <see cref="CapabilityLimit"/>, already the receiver's.</param>
    /// <param name="receiver">The receiver's space.</param>
    internal void Receive(ReadOnlySpan<byte> bytes, ReadOnlySpan<Capability> capabilities, CapabilitySpace receiver)
    {
        Clear();
        _receiver = receiver;
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
        capabilities.CopyTo(_capabilities);
        _capabilityCount = capabilities.Length;
    }

    private Span<byte> Take(int count)
    {
        if (count > Size - _length)
            throw new ServiceException(ServiceError.MessageTooLong, $"a message holds {Size} bytes; {_length} are used and {count} more were to be added");
        var span = _bytes.AsSpan(_length, count);
        _length += count;
        return span;
    }

    private ReadOnlySpan<byte> Next(int count)
    {
        if (count > _length - _readAt)
            throw new ServiceException(ServiceError.BadArgument, $"the message ends {count - (_length - _readAt)} bytes early");
        var span = _bytes.AsSpan(_readAt, count);
        _readAt += count;
        return span;
    }
}

/// <summary>The server side of a gate: usually a generated dispatcher.</summary>
public interface IGateHandler
{
    /// <summary>Reads the arguments from <paramref name="message"/>, clears it and writes the results. Called on a thread of the
    /// serving task, one call at a time for each server loop. To fail, throw <see cref="ServiceException"/>.</summary>
    void Handle(uint operation, Message message);
}

/// <summary>The server side of a portal: see <see cref="Portal"/>.</summary>
public interface IPortalHandler
{
    /// <summary>
    /// Handles one word and answers one. Runs on the caller's thread, in the serving task; it must be short and must neither block nor throw
    /// anything but <see cref="ServiceException"/>.
    /// </summary>
    ulong Enter(ulong word);
}

/// <summary>Marks the interface of a service: a proxy and a dispatcher are generated for it.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ServiceAttribute : Attribute;

/// <summary>Marks a positional record that may be part of a message.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class MessageTypeAttribute : Attribute;
