namespace DdeKit.Foreign;

/// <summary>Takes formatted text: keeps what fits, counts all.</summary>
public ref struct FormatWriter
{
    private readonly Span<byte> _buffer;

    /// <param name="buffer">Where the text goes.</param>
    public FormatWriter(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Bytes written so far, those that did not fit included.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a byte.</summary>
    public void Put(byte value)
    {
        if (Length < _buffer.Length)
            _buffer[Length] = value;
        Length++;
    }

    /// <summary>Writes a text.</summary>
    public void Put(scoped ReadOnlySpan<byte> text)
    {
        if (Length < _buffer.Length)
            text[..Math.Min(text.Length, _buffer.Length - Length)].CopyTo(_buffer[Length..]);
        Length += text.Length;
    }

    /// <summary>Writes a byte several times; not at all when the count is negative.</summary>
    public void Repeat(byte value, int count)
    {
        if (count <= 0)
            return;
        if (Length < _buffer.Length)
            _buffer.Slice(Length, Math.Min(count, _buffer.Length - Length)).Fill(value);
        Length += count;
    }

    /// <summary>Writes a text into its field.</summary>
    public void PutField(scoped ReadOnlySpan<byte> text, in FormatSpecification specification)
    {
        if (specification.Precision >= 0 && specification.Precision < text.Length)
            text = text[..specification.Precision];
        int padding = specification.Width - text.Length;
        if (!specification.IsLeft)
            Repeat((byte)' ', padding);
        Put(text);
        if (specification.IsLeft)
            Repeat((byte)' ', padding);
    }

    /// <summary>Writes a number into its field, by the rules of Linux' number() and BSD's kvprintf(): a precision does not switch off padding with zeros.</summary>
    public void PutNumber(ulong magnitude, bool isNegative, in FormatSpecification specification)
    {
        Span<byte> digits = stackalloc byte[24];
        int count = 0;
        uint radix = specification.Radix;
        bool isZero = magnitude == 0;
        do
        {
            uint digit = (uint)(magnitude % radix);
            digits[count++] = (byte)(digit < 10 ? '0' + digit : (specification.IsUpper ? 'A' : 'a') + (digit - 10));
            magnitude /= radix;
        }
        while (magnitude != 0);

        byte sign = isNegative ? (byte)'-' : specification.HasPlus ? (byte)'+' : specification.HasBlank ? (byte)' ' : (byte)0;
        bool hexadecimalPrefix = specification.IsAlternate && radix == 16;
        bool zeroPrefix = hexadecimalPrefix || (specification.IsAlternate && radix == 8 && !isZero);
        int precision = Math.Max(count, specification.Precision);
        int padding = specification.Width - precision - (sign != 0 ? 1 : 0) - (zeroPrefix ? 1 : 0) - (hexadecimalPrefix ? 1 : 0);
        bool zeros = specification.IsZeroPadded && !specification.IsLeft;
        if (!zeros && !specification.IsLeft)
            Repeat((byte)' ', padding);
        if (sign != 0)
            Put(sign);
        if (zeroPrefix)
            Put((byte)'0');
        if (hexadecimalPrefix)
            Put(specification.IsUpper ? (byte)'X' : (byte)'x');
        if (zeros)
            Repeat((byte)'0', padding);
        Repeat((byte)'0', precision - count);
        while (count > 0)
            Put(digits[--count]);
        if (specification.IsLeft)
            Repeat((byte)' ', padding);
    }
}
