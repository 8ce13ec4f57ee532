namespace DdeLinux.Packs;

/// <summary>What one step of a decoder did.</summary>
/// <param name="Consumed">Bytes taken from the input.</param>
/// <param name="Produced">Bytes written to the output.</param>
/// <param name="Finished">Whether the compressed data ended here.</param>
internal readonly record struct DecodeStep(int Consumed, int Produced, bool Finished);

/// <summary>A decompression library, step by step. Not thread-safe.</summary>
internal interface IDecoder : IDisposable
{
    /// <summary>Decodes as far as input and output go.</summary>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    DecodeStep Decode(ReadOnlySpan<byte> input, Span<byte> output);
}
