namespace DdeLinux.Packs;

/// <summary>The decompressed bytes of another stream. Owns the decoder, not the source.</summary>
internal sealed class DecodingStream(Stream source, IDecoder decoder) : Stream
{
    private readonly byte[] _input = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _finished;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    /// <exception cref="EndOfStreamException">The source ends before the compressed data does.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_finished && buffer.Length != 0)
        {
            var step = decoder.Decode(_input.AsSpan(_start, _end - _start), buffer);
            _start += step.Consumed;
            _finished = step.Finished;
            if (step.Produced != 0)
                return step.Produced;
            if (_finished)
                return 0;
            if (_start != _end)
            {
                if (step.Consumed == 0)
                    throw new InvalidDataException("the compressed data makes no progress");
                continue;
            }
            _end = source.Read(_input);
            _start = 0;
            if (_end == 0)
                throw new EndOfStreamException("the compressed data is cut off");
        }
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decoder.Dispose();
        base.Dispose(disposing);
    }
}
