using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>One conversion of a format: flags, width, precision, size and letter.</summary>
internal struct FormatSpecification
{
    // Larger ones are cut down to these (lib/vsprintf.c, FIELD_WIDTH_MAX and PRECISION_MAX).
    private const int LargestWidth = (1 << 23) - 1;
    private const int LargestPrecision = (1 << 15) - 1;

    internal bool IsLeft { get; set; }

    internal bool HasPlus { get; set; }

    internal bool HasBlank { get; set; }

    internal bool IsAlternate { get; set; }

    internal bool IsZeroPadded { get; set; }

    internal bool IsUpper { get; set; }

    /// <summary>Smallest number of characters; 0 when not given.</summary>
    internal int Width { get; set; }

    /// <summary>-1 when not given.</summary>
    internal int Precision { get; set; }

    /// <summary>Bytes of an integer argument.</summary>
    internal int Size { get; set; }

    /// <summary>The conversion letter; 0 when the format ended before it.</summary>
    internal byte Letter { get; set; }

    /// <summary>The base of a number.</summary>
    internal readonly uint Radix => Letter is (byte)'x' or (byte)'X' or (byte)'p' ? 16u : Letter == (byte)'o' ? 8u : 10u;

    /// <summary>A number in lower-case hexadecimal digits, at least so many.</summary>
    internal static FormatSpecification Hexadecimal(int digits) => new() { Letter = (byte)'x', Precision = digits };

    /// <summary>An unsigned decimal number.</summary>
    internal static FormatSpecification Decimal => new() { Letter = (byte)'u', Precision = -1 };

    /// <summary>Reads a specification.</summary>
    /// <param name="format">The format.</param>
    /// <param name="at">Index behind the percent sign; afterwards behind the letter.</param>
    /// <param name="arguments">Gives widths and precisions written as <c>*</c>.</param>
    internal static FormatSpecification Read(scoped ReadOnlySpan<byte> format, ref int at, ref VariadicArguments arguments)
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
        if (qualifier is not ((byte)'h' or (byte)'l' or (byte)'L' or (byte)'z' or (byte)'t'))
            return sizeof(int);
        at++;
        bool twice = qualifier is (byte)'h' or (byte)'l' && at < format.Length && format[at] == qualifier;
        if (twice)
            at++;
        return qualifier == (byte)'h' ? (twice ? sizeof(byte) : sizeof(short)) : sizeof(long);
    }
}
