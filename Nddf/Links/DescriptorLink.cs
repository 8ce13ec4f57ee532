using System.Runtime.InteropServices;

namespace Nddf.Links;

/// <summary>A link whose frames come out of one file descriptor.</summary>
public abstract unsafe class DescriptorLink : ILink
{
    private protected DescriptorLink(string name, LinkDescriptor descriptor)
    {
        Name = name;
        Descriptor = descriptor;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public string? End { get; private set; }

    /// <inheritdoc />
    public ulong Lost { get; private protected set; }

    internal LinkDescriptor Descriptor { get; }

    /// <inheritdoc />
    public void Wait() => LinkDescriptor.Wait([Descriptor]);

    /// <inheritdoc />
    public void Wake() => Descriptor.Wake();

    /// <inheritdoc />
    public int Receive(Span<byte> buffer)
    {
        nint length;
        fixed (byte* bytes = buffer)
            length = Read(bytes, (nuint)buffer.Length);
        if (length > buffer.Length)
            Lost++;
        else if (length > 0)
            return (int)length;
        if (length >= 0)
            return 0;
        int error = Marshal.GetLastPInvokeError();
        if (!IsPassing(error))
            End ??= $"{Name} is gone: {LinkCalls.ErrorText(error)}";
        return 0;
    }

    /// <inheritdoc />
    public void Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* bytes = frame)
        {
            if (Write(bytes, (nuint)frame.Length) != frame.Length)
                Lost++;
        }
    }

    /// <inheritdoc />
    public virtual void Dispose()
    {
        Descriptor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads one frame; the answer is the frame's length, which may be more than was read, or -1.</summary>
    private protected abstract nint Read(byte* bytes, nuint length);

    /// <summary>Writes one frame.</summary>
    private protected abstract nint Write(byte* bytes, nuint length);

    /// <summary>Whether an error of <see cref="Read"/> leaves the link alive.</summary>
    private protected virtual bool IsPassing(int error) => error is LinkCalls.TryAgain or LinkCalls.Interrupted;
}
