
namespace DdeKit.Foreign;

/// <summary>One conversion of a format: flags, width, precision, size and letter.</summary>
public struct FormatSpecification
{
    // Larger ones are cut down to these (lib/vsprintf.c, FIELD_WIDTH_MAX and PRECISION_MAX).
    private const int LargestWidth = (1 << 23) - 1;
    private const int LargestPrecision = (1 << 15) - 1;

    /// <summary>Whether the field is padded on the right.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Whether a number that is not negative gets a plus.</summary>
    public bool HasPlus { get; set; }

    /// <summary>Whether a number that is not negative gets a blank.</summary>
    public bool HasBlank { get; set; }

    /// <summary>Whether the base is shown.</summary>
    public bool IsAlternate { get; set; }

    /// <summary>Whether the field is padded with zeros.</summary>
    public bool IsZeroPadded { get; set; }

    /// <summary>Whether digits are upper-case letters.</summary>
    public bool IsUpper { get; set; }

    /// <summary>Smallest number of characters; 0 when not given.</summary>
    public int Width { get; set; }

    /// <summary>-1 when not given.</summary>
    public int Precision { get; set; }

    /// <summary>Bytes of an integer argument.</summary>
    public int Size { get; set; }

    /// <summary>The conversion letter; 0 when the format ended before it.</summary>
    public byte Letter { get; set; }

    /// <summary>The base of a number.</summary>
    public readonly uint Radix => Letter is (byte)'x' or (byte)'X' or (byte)'p' ? 16u : Letter == (byte)'o' ? 8u : 10u;

    /// <summary>A number in lower-case hexadecimal digits, at least so many.</summary>
    public static FormatSpecification Hexadecimal(int digits) => new() { Letter = (byte)'x', Precision = digits };

    /// <summary>An unsigned decimal number.</summary>
    public static FormatSpecification Decimal => new() { Letter = (byte)'u', Precision = -1 };

    /// <summary>Reads a specification.</summary>
    /// <param name="format">The format.</param>
    /// <param name="at">Index behind the percent sign; afterwards behind the letter.</param>
    /// <param name="arguments">Gives widths and precisions written as <c>*</c>.</param>
    public static FormatSpecification Read(scoped ReadOnlySpan<byte> format, ref int at, ref VariadicArguments arguments)
    {
        var result = new FormatSpecification { Precision = -1, Size = sizeof(int) };
        while (at < format.Length && result.TakeFlag(format[at]))
            at++;
        int width = ReadNumber(format, ref at, ref arguments);
        result.IsLeft |= width < 0;
        result.Width = Math.Abs(Math.Clamp(width, -LargestWidth, LargestWidth));
        if (at < format.Length && format[at] == (byte)'.')
        {
            at++;
            result.Precision = Math.Clamp(ReadNumber(format, ref at, ref arguments), 0, LargestPrecision);
        }
        result.Size = ReadSize(format, ref at);
        result.Letter = at < format.Length ? format[at++] : (byte)0;
        result.IsUpper = result.Letter == (byte)'X';
        return result;
    }

    /// <summary>The signed number in the low bytes of an argument.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="size">Bytes.</param>
    public static long Signed(nint value, int size) => size switch
    {
        sizeof(sbyte) => unchecked((sbyte)value),
        sizeof(short) => unchecked((short)value),
        sizeof(int) => unchecked((int)value),
        _ => value,
    };

    /// <summary>The unsigned number in the low bytes of an argument.</summary>
    /// <inheritdoc cref="Signed"/>
    public static ulong Unsigned(nint value, int size) => size switch
    {
        sizeof(byte) => unchecked((byte)value),
        sizeof(ushort) => unchecked((ushort)value),
        sizeof(uint) => unchecked((uint)value),
        _ => unchecked((ulong)value),
    };

    private bool TakeFlag(byte character)
    {
        switch (character)
        {
            case (byte)'-':
                IsLeft = true;
                return true;
            case (byte)'+':
                HasPlus = true;
                return true;
            case (byte)' ':
                HasBlank = true;
                return true;
            case (byte)'#':
                IsAlternate = true;
                return true;
            case (byte)'0':
                IsZeroPadded = true;
                return true;
            default:
                return false;
        }
    }

    private static int ReadNumber(scoped ReadOnlySpan<byte> format, ref int at, ref VariadicArguments arguments)
    {
        if (at < format.Length && format[at] == (byte)'*')
        {
            at++;
            return unchecked((int)arguments.Next());
        }
        int number = 0;
        for (; at < format.Length && format[at] is >= (byte)'0' and <= (byte)'9'; at++)
            number = Math.Min(number * 10 + (format[at] - '0'), LargestWidth);
        return number;
    }

    private static int ReadSize(ReadOnlySpan<byte> format, ref int at)
    {
        if (at >= format.Length)
            return sizeof(int);
        byte qualifier = format[at];
        if (qualifier is not ((byte)'h' or (byte)'l' or (byte)'L' or (byte)'z' or (byte)'t' or (byte)'j' or (byte)'q'))
            return sizeof(int);
        at++;
        bool twice = qualifier is (byte)'h' or (byte)'l' && at < format.Length && format[at] == qualifier;
        if (twice)
            at++;
        return qualifier == (byte)'h' ? (twice ? sizeof(byte) : sizeof(short)) : sizeof(long);
    }
}
