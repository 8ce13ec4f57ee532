using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DSweeper.Core;

/// <summary>
/// The bytes that a target is to hold after the run, as a function of the position, so that verification makes them again instead of
/// remembering them. For one thread at a time.
/// </summary>
public abstract class ErasePattern : IDisposable
{
    /// <summary>Bytes; positions that are asked for are multiples of it, and so are lengths.</summary>
    public const int Granularity = 16;

    /// <summary>Makes the pattern of a method.</summary>
    /// <param name="method">Zeros or random.</param>
    /// <param name="key">The run's key (<see cref="RandomPattern.KeySize"/> bytes); zeros need none.</param>
    /// <param name="stream">Number of the target in the run: each has a stream of its own.</param>
    public static ErasePattern Create(EraseMethod method, ReadOnlySpan<byte> key, ulong stream) => method switch
    {
        EraseMethod.Zero => new ZeroPattern(),
        EraseMethod.Random => new RandomPattern(key, stream),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "no such method"),
    };

    /// <summary>Writes the bytes that belong at <paramref name="position"/> (from the start of the target).</summary>
    public abstract void Fill(ulong position, Span<byte> destination);

    /// <summary>Index of the first byte of <paramref name="data"/> that is not what belongs at <paramref name="position"/>; -1 when all are.</summary>
    public abstract int FirstDifference(ulong position, ReadOnlySpan<byte> data);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets what must not be found again.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Nothing but zeros.</summary>
public sealed class ZeroPattern : ErasePattern
{
    /// <inheritdoc />
    public override void Fill(ulong position, Span<byte> destination) => destination.Clear();

    /// <inheritdoc />
    public override int FirstDifference(ulong position, ReadOnlySpan<byte> data) => data.IndexOfAnyExcept((byte)0);
}

/// <summary>
/// The key stream of AES-256 in counter mode (NIST SP 800-38A, 6.5). The counter block is the stream number and the index of the
/// 16-byte block within the target, so any position can be made without those before it, and a disk that answers with the sectors of
/// another place is found out.
/// </summary>
public sealed class RandomPattern : ErasePattern
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Counters that are encrypted at a time; with the output they fit the first-level cache.</summary>
    private const int BatchBytes = 8192;

    private readonly byte[] _counters = new byte[BatchBytes];
    private readonly byte[] _stream = new byte[BatchBytes];
    private readonly Aes _aes = Aes.Create();
    private readonly ICryptoTransform _encryptor;
    private readonly ulong _streamNumber;

    /// <param name="key">Exactly <see cref="KeySize"/> bytes; copied.</param>
    /// <param name="stream">Number of the target in the run.</param>
    public RandomPattern(ReadOnlySpan<byte> key, ulong stream)
    {
        if (key.Length != KeySize)
            throw new ArgumentException($"The key has {key.Length} bytes; {KeySize} are needed.", nameof(key));
        _aes.SetKey(key);
        // Counter mode is the plain encryption of the counters; ECB is the primitive here, and no two counters are equal.
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _encryptor = _aes.CreateEncryptor();
        _streamNumber = stream;
    }

    /// <inheritdoc />
    public override void Fill(ulong position, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int batch = Math.Min(destination.Length, BatchBytes);
            Generate(position, batch);
            _stream.AsSpan(0, batch).CopyTo(destination);
            destination = destination[batch..];
            position += (ulong)batch;
        }
    }

    /// <inheritdoc />
    public override int FirstDifference(ulong position, ReadOnlySpan<byte> data)
    {
        for (int done = 0; done < data.Length; done += BatchBytes)
        {
            int batch = Math.Min(data.Length - done, BatchBytes);
            Generate(position + (ulong)done, batch);
            int same = _stream.AsSpan(0, batch).CommonPrefixLength(data.Slice(done, batch));
            if (same != batch)
                return done + same;
        }
        return -1;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _encryptor.Dispose();
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_stream);
        base.Dispose(disposing);
    }

    private void Generate(ulong position, int length)
    {
        if (position % Granularity != 0 || length % Granularity != 0)
            throw new ArgumentException($"{length} bytes at {position} are not made of whole blocks of {Granularity} bytes.");
        var words = MemoryMarshal.Cast<byte, ulong>(_counters.AsSpan(0, length));
        ulong block = position / Granularity;
        for (int word = 0; word < words.Length; word += 2)
        {
            words[word] = _streamNumber;
            words[word + 1] = block++;
        }
        _encryptor.TransformBlock(_counters, 0, length, _stream, 0);
    }
}
