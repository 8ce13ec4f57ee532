using System.Buffers.Binary;
using System.Text;
using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>The kernel's extensions of %p: what kind of thing the pointer leads to follows in letters.</summary>
internal static unsafe class PointerFormat
{
    /// <summary>Largest number of bytes that %ph prints (Documentation/core-api/printk-formats.rst).</summary>
    private const int LongestDump = 64;

    /// <summary>Writes what the letters at <paramref name="at"/> ask for, and skips them.</summary>
    internal static void Put(
        LinuxKernel kernel, ref FormatWriter writer, FormatSpecification specification, scoped ReadOnlySpan<byte> format, ref int at, nint pointer)
    {
        scoped var letters = format[at..];
        int count = 0;
        while (count < letters.Length && char.IsAsciiLetterOrDigit((char)letters[count]))
            count++;
        letters = letters[..count];
        at += count;
        switch (letters.IsEmpty ? (byte)0 : letters[0])
        {
            // Pointers are not hashed: the log is the domain owner's, and an address is what helps him.
            case 0 or (byte)'x' or (byte)'K':
                PutAddress(ref writer, specification, pointer);
                break;
            case (byte)'V':
                PutFormat(kernel, ref writer, pointer);
                break;
            case (byte)'s' or (byte)'S' or (byte)'f' or (byte)'F' or (byte)'B':
                PutSymbol(kernel, ref writer, specification, pointer, withOffset: letters[0] is (byte)'S' or (byte)'F' or (byte)'B');
                break;
            case (byte)'M' or (byte)'m':
                PutHardwareAddress(kernel, ref writer, letters, pointer);
                break;
            case (byte)'h':
                PutDump(kernel, ref writer, specification.Width, letters, pointer);
                break;
            case (byte)'U':
                PutUuid(kernel, ref writer, letters, pointer);
                break;
            case (byte)'I' or (byte)'i' when letters.Length > 1 && letters[1] == (byte)'4':
                PutInternetAddress(kernel, ref writer, letters[0] == (byte)'i', pointer);
                break;
            case (byte)'a':
                writer.Put("0x"u8);
                writer.PutNumber(kernel.Memory.At<ulong>(pointer), false, FormatSpecification.Hexadecimal(16));
                break;
            case (byte)'e':
                writer.PutNumber(unchecked((ulong)-pointer), true, FormatSpecification.Decimal);
                break;
            default:
                kernel.Log.Write(LogLevel.Warning, $"a format has an unknown kind of pointer '%p{Encoding.ASCII.GetString(letters)}': {Encoding.UTF8.GetString(format)}");
                PutAddress(ref writer, specification, pointer);
                break;
        }
    }

    private static void PutAddress(ref FormatWriter writer, FormatSpecification specification, nint pointer)
    {
        if (specification.Width == 0)
        {
            specification.Width = 2 * sizeof(nint);
            specification.IsZeroPadded = true;
        }
        specification.Precision = -1;
        writer.PutNumber(unchecked((ulong)pointer), false, specification);
    }

    /// <summary>%pV: a format with its arguments (struct va_format).</summary>
    private static void PutFormat(LinuxKernel kernel, ref FormatWriter writer, nint pointer)
    {
        var inner = new VariadicFormat(kernel.Memory.Check(pointer, VariadicFormat.Size));
        if (inner.IsNull)
        {
            writer.Put("(null)"u8);
            return;
        }
        kernel.Memory.Span<byte>(inner.arguments, VariadicFormat.ListBytes);
        var arguments = new VariadicArguments(inner.arguments);
        KernelFormat.Format(kernel, ref writer, inner.format.Bytes, ref arguments);
    }

    private static void PutSymbol(LinuxKernel kernel, ref FormatWriter writer, FormatSpecification specification, nint pointer, bool withOffset)
    {
        string? text = kernel.Describe(pointer);
        if (text is null)
        {
            writer.Put("0x"u8);
            writer.PutNumber(unchecked((ulong)pointer), false, FormatSpecification.Hexadecimal(1));
            return;
        }
        if (!withOffset)
        {
            // name+0x0 [module] without the offset
            int plus = text.IndexOf('+', StringComparison.Ordinal);
            int blank = text.IndexOf(' ', StringComparison.Ordinal);
            if (plus >= 0)
                text = blank > plus ? string.Concat(text.AsSpan(0, plus), text.AsSpan(blank)) : text[..plus];
        }
        writer.PutField(Encoding.ASCII.GetBytes(text), specification);
    }

    private static void PutHardwareAddress(LinuxKernel kernel, ref FormatWriter writer, scoped ReadOnlySpan<byte> letters, nint pointer)
    {
        var address = kernel.Memory.Span<byte>(pointer, 6);
        bool reversed = letters.Contains((byte)'R');
        for (int i = 0; i < address.Length; i++)
        {
            if (i > 0 && letters[0] == (byte)'M')
                writer.Put(letters.Contains((byte)'F') ? (byte)'-' : (byte)':');
            writer.PutNumber(address[reversed ? address.Length - 1 - i : i], false, FormatSpecification.Hexadecimal(2));
        }
    }

    private static void PutDump(LinuxKernel kernel, ref FormatWriter writer, int length, scoped ReadOnlySpan<byte> letters, nint pointer)
    {
        var bytes = kernel.Memory.Span<byte>(pointer, Math.Clamp(length, 1, LongestDump));
        byte separator = letters.Length < 2 ? (byte)' ' : letters[1] switch
        {
            (byte)'C' => (byte)':',
            (byte)'D' => (byte)'-',
            (byte)'N' => (byte)0,
            _ => (byte)' ',
        };
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i > 0 && separator != 0)
                writer.Put(separator);
            writer.PutNumber(bytes[i], false, FormatSpecification.Hexadecimal(2));
        }
    }

    /// <summary>A UUID: big endian by default, with 'l' and 'L' the first three groups little endian; upper case for 'B' and 'L'.</summary>
    private static void PutUuid(LinuxKernel kernel, ref FormatWriter writer, scoped ReadOnlySpan<byte> letters, nint pointer)
    {
        var bytes = kernel.Memory.Span<byte>(pointer, 16);
        byte kind = letters.Length > 1 ? letters[1] : (byte)'b';
        var uuid = new Guid(bytes, bigEndian: kind is not ((byte)'l' or (byte)'L'));
        Span<byte> text = stackalloc byte[36];
        uuid.TryFormat(text, out _);
        if (kind is (byte)'B' or (byte)'L')
            Ascii.ToUpperInPlace(text, out _);
        writer.Put(text);
    }

    private static void PutInternetAddress(LinuxKernel kernel, ref FormatWriter writer, bool withZeros, nint pointer)
    {
        Span<byte> address = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(address, kernel.Memory.At<uint>(pointer));
        var number = FormatSpecification.Decimal;
        number.Precision = withZeros ? 3 : -1;
        for (int i = 0; i < address.Length; i++)
        {
            if (i > 0)
                writer.Put((byte)'.');
            writer.PutNumber(address[i], false, number);
        }
    }
}

/// <summary>A format with its arguments, as %pV takes it (include/linux/printk.h).</summary>
[KernelStruct("va_format")]
internal readonly partial struct VariadicFormat
{
    /// <summary>Bytes of a <c>va_list</c>. x86-64 psABI 1.0, section 3.5.7.</summary>
    internal const int ListBytes = 24;

    [Field("fmt")]
    public partial KernelString format { get; }

    [Field("va")]
    public partial nint arguments { get; }
}
