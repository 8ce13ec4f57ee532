namespace Nddf.Links;

/// <summary>Another link, whose frames are also written to a capture file.</summary>
/// <param name="inner">The link; this object's from here on.</param>
/// <param name="writer">The file; this object's from here on.</param>
public sealed class CapturingLink(ILink inner, PcapngWriter writer) : ILink
{
    /// <inheritdoc />
    public string Name => inner.Name;

    /// <inheritdoc />
    public string? End => inner.End;

    /// <inheritdoc />
    public ulong Lost => inner.Lost;

    /// <inheritdoc />
    public void Wait() => inner.Wait();

    /// <inheritdoc />
    public void Wake() => inner.Wake();

    /// <inheritdoc />
    public int Receive(Span<byte> buffer)
    {
        int length = inner.Receive(buffer);
        if (length > 0)
            writer.Write(buffer[..length], CaptureDirection.Outbound);
        return length;
    }

    /// <inheritdoc />
    public void Send(ReadOnlySpan<byte> frame)
    {
        writer.Write(frame, CaptureDirection.Inbound);
        inner.Send(frame);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        inner.Dispose();
        writer.Dispose();
    }
}
