namespace DdeLinux;

/// <summary>Numbers out of text (lib/kstrtox.c).</summary>
internal sealed unsafe partial class Numbers
{
    private readonly LinuxKernel _kernel;

    internal Numbers(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>
    /// Reads a whole text as a number, with at most one end of line behind it.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="radix">The base; 0 lets a prefix of 0x or 0 decide.</param>
    /// <param name="value">The number.</param>
    /// <returns>0, or -EINVAL when it is no number, or -ERANGE when it is too large.</returns>
    internal static int Parse(ReadOnlySpan<byte> text, uint radix, out long value)
    {
        value = 0;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
            text = text[1..];
        int length = ReadMagnitude(text, radix, out ulong magnitude, out bool overflow);
        if (length == 0)
            return -Errno.EINVAL;
        var rest = text[length..];
        if (!overflow && !rest.IsEmpty && !rest.SequenceEqual("\n"u8))
            return -Errno.EINVAL;
        ulong limit = negative ? 1UL << 63 : long.MaxValue;
        if (overflow || magnitude > limit)
            return -Errno.ERANGE;
        value = unchecked(negative ? -(long)magnitude : (long)magnitude);
        return 0;
    }

    [KernelFunction]
    public int kstrtoll(KernelString text, uint radix, nint result)
    {
        int error = Parse(text.Bytes, radix, out long value);
        if (error == 0)
            _kernel.Memory.At<long>(result) = value;
        return error;
    }

    /// <summary>Reads as many digits as there are; what follows is where <paramref name="end"/> is set to, unless it is null. Overflow wraps.</summary>
    [KernelFunction]
    public ulong simple_strtoul(KernelString text, nint end, uint radix)
    {
        int length = ReadMagnitude(text.Bytes, radix, out ulong value, out _);
        if (end != 0)
            _kernel.Memory.At<nint>(end) = text.Address + length;
        return value;
    }

    /// <summary>Reads prefix and digits; the result is how many characters they take, 0 when there is no digit.</summary>
    private static int ReadMagnitude(ReadOnlySpan<byte> text, uint radix, out ulong value, out bool overflow)
    {
        bool hexadecimal = text.Length > 2 && text[0] == (byte)'0' && (text[1] | 0x20) == 'x' && char.IsAsciiHexDigit((char)text[2]);
        if (radix == 0)
            radix = hexadecimal ? 16u : text.Length > 0 && text[0] == (byte)'0' ? 8u : 10u;
        int start = radix == 16 && hexadecimal ? 2 : 0;
        int at = start;
        value = 0;
        overflow = false;
        for (; at < text.Length && TryDigit(text[at], radix, out uint digit); at++)
        {
            UInt128 next = (UInt128)value * radix + digit;
            overflow |= next > ulong.MaxValue;
            value = unchecked((ulong)next);
        }
        return at == start ? 0 : at;
    }

    private static bool TryDigit(byte character, uint radix, out uint digit)
    {
        int lower = character | 0x20;
        digit = character is >= (byte)'0' and <= (byte)'9' ? (uint)(character - '0')
            : lower is >= 'a' and <= 'z' ? (uint)(lower - 'a' + 10)
            : uint.MaxValue;
        return digit < radix;
    }
}

public sealed partial class LinuxKernel
{
    internal Numbers Numbers => field ??= new Numbers(this);
}
