using System.Runtime.InteropServices;

namespace DdeLinux.Packs;

/// <summary>Zstandard through libzstd (zstd.h, "Streaming decompression"), one frame.</summary>
internal sealed unsafe partial class ZstandardDecoder : IDecoder
{
    private const string Library = "libzstd.so.1";

    private nint _stream = ZSTD_createDStream();

    ~ZstandardDecoder() => Dispose();

    public DecodeStep Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        fixed (byte* source = input, target = output)
        {
            var from = new Buffer { Data = source, Size = (nuint)input.Length };
            var to = new Buffer { Data = target, Size = (nuint)output.Length };
            var result = ZSTD_decompressStream(_stream, &to, &from);
            if (ZSTD_isError(result) != 0)
                throw new InvalidDataException($"Zstandard data is damaged ({Marshal.PtrToStringUTF8(ZSTD_getErrorName(result))})");
            return new((int)from.Position, (int)to.Position, result == 0);
        }
    }

    public void Dispose()
    {
        if (_stream == 0)
            return;
        ZSTD_freeDStream(_stream);
        _stream = 0;
        GC.SuppressFinalize(this);
    }

    // ZSTD_inBuffer and ZSTD_outBuffer are laid out alike.
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        internal byte* Data;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport(Library)]
    private static partial nint ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(nint stream);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(nint stream, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint result);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint result);
}
