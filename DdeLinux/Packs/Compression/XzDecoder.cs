using System.Runtime.InteropServices;

namespace DdeLinux.Packs;

/// <summary>XZ through liblzma (lzma/base.h, lzma/container.h): .NET has none, and dpkg brings the library to every Debian.</summary>
internal sealed unsafe partial class XzDecoder : IDecoder
{
    private const string Library = "liblzma.so.5";
    private const int Ok = 0;
    private const int StreamEnd = 1;
    private const int BufferError = 10;
    private const int ActionRun = 0;

    private Stream* _stream;

    public XzDecoder()
    {
        _stream = (Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Stream));
        var result = lzma_stream_decoder(_stream, ulong.MaxValue, 0);
        if (result != Ok)
            throw new InvalidDataException($"liblzma does not start: error {result}");
    }

    ~XzDecoder() => Dispose();

    public DecodeStep Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        fixed (byte* source = input, target = output)
        {
            _stream->NextIn = source;
            _stream->AvailableIn = (nuint)input.Length;
            _stream->NextOut = target;
            _stream->AvailableOut = (nuint)output.Length;
            var result = lzma_code(_stream, ActionRun);
            // A buffer error only says that this call could do nothing, e.g. with an empty input.
            if (result is not (Ok or StreamEnd or BufferError))
                throw new InvalidDataException($"XZ data is damaged at byte {_stream->TotalIn} (liblzma error {result})");
            return new(input.Length - (int)_stream->AvailableIn, output.Length - (int)_stream->AvailableOut, result == StreamEnd);
        }
    }

    public void Dispose()
    {
        if (_stream == null)
            return;
        lzma_end(_stream);
        NativeMemory.Free(_stream);
        _stream = null;
        GC.SuppressFinalize(this);
    }

    // struct lzma_stream, with its reserved members.
    [StructLayout(LayoutKind.Sequential)]
    private struct Stream
    {
        internal byte* NextIn;
        internal nuint AvailableIn;
        internal ulong TotalIn;
        internal byte* NextOut;
        internal nuint AvailableOut;
        internal ulong TotalOut;
        internal nint Allocator;
        internal nint Internal;
        internal fixed ulong ReservedPointers[4];
        internal fixed ulong ReservedIntegers[4];
        internal fixed uint ReservedEnums[2];
    }

    [LibraryImport(Library)]
    private static partial int lzma_stream_decoder(Stream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library)]
    private static partial int lzma_code(Stream* stream, int action);

    [LibraryImport(Library)]
    private static partial void lzma_end(Stream* stream);
}
