using System.Text;
using DdeKit;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>printf(9), with the kernel's own conversions: %b for named bits, %D for a row of bytes, %r for a number in any base.</summary>
internal sealed class Printf(BsdKernel kernel)
{
    private const int LongestLine = 1024;

    private readonly StringBuilder _line = new();

    /// <summary>Formats a message.</summary>
    internal string ToText(ReadOnlySpan<byte> format, VariadicArguments arguments)
    {
        Span<byte> buffer = stackalloc byte[LongestLine];
        int length = Format(buffer, format, arguments);
        return Encoding.UTF8.GetString(buffer[..Math.Min(length, buffer.Length)]);
    }

    /// <summary>Prints on the console: complete lines go to the domain's log.</summary>
    internal void Print(string text)
    {
        foreach (char character in text)
        {
            if (character != '\n')
            {
                _line.Append(character);
                continue;
            }
            kernel.Log.Write(LogLevel.Information, _line.ToString());
            _line.Clear();
        }
    }

    [KernelFunction(Variadic = true)]
    public int printf(KernelString format, VariadicArguments arguments) => Put(ToText(format.Bytes, arguments));

    [KernelFunction]
    public int vprintf(KernelString format, VariadicArguments arguments) => Put(ToText(format.Bytes, arguments));

    [KernelFunction(Variadic = true)]
    public void log(int level, KernelString format, VariadicArguments arguments) =>
        kernel.Log.Write((LogLevel)Math.Clamp(level, 0, (int)LogLevel.Debug), ToText(format.Bytes, arguments));

    [KernelFunction(Variadic = true)]
    public int device_printf(nint device, KernelString format, VariadicArguments arguments) =>
        Put($"{kernel.Devices.Find(device).NameUnit}: {ToText(format.Bytes, arguments)}");

    [KernelFunction(Variadic = true)]
    public int snprintf(nint buffer, nuint size, KernelString format, VariadicArguments arguments) => Print(buffer, size, format, arguments);

    [KernelFunction]
    public int vsnprintf(nint buffer, nuint size, KernelString format, VariadicArguments arguments) => Print(buffer, size, format, arguments);

    /// <summary>Prints without a limit: whatever memory follows the buffer is the driver's own concern, as long as it is the domain's.</summary>
    [KernelFunction(Variadic = true)]
    public int sprintf(nint buffer, KernelString format, VariadicArguments arguments) =>
        Print(buffer, (nuint)Format([], format.Bytes, arguments) + 1, format, arguments);

    [KernelFunction]
    public int vsprintf(nint buffer, KernelString format, VariadicArguments arguments) =>
        Print(buffer, (nuint)Format([], format.Bytes, arguments) + 1, format, arguments);

    [KernelFunction(Variadic = true)]
    public void panic(KernelString format, VariadicArguments arguments) => throw new KernelFaultException($"panic: {ToText(format.Bytes, arguments)}");

    private int Put(string text)
    {
        Print(text);
        return text.Length;
    }

    private int Print(nint buffer, nuint size, KernelString format, VariadicArguments arguments)
    {
        if (size == 0)
            return Format([], format.Bytes, arguments);
        if (size > int.MaxValue)
            throw new KernelFaultException($"printing into a buffer of {size} bytes");
        var target = kernel.Memory.Span<byte>(buffer, (int)size);
        int length = Format(target[..^1], format.Bytes, arguments);
        target[Math.Min(length, target.Length - 1)] = 0;
        return length;
    }

    private int Format(scoped Span<byte> buffer, scoped ReadOnlySpan<byte> format, VariadicArguments arguments)
    {
        var writer = new FormatWriter(buffer);
        scoped var rest = arguments;
        int at = 0;
        while (at < format.Length)
        {
            int percent = format[at..].IndexOf((byte)'%');
            if (percent < 0)
            {
                writer.Put(format[at..]);
                break;
            }
            writer.Put(format.Slice(at, percent));
            at += percent + 1;
            var specification = FormatSpecification.Read(format, ref at, ref rest);
            Convert(ref writer, specification, format, ref rest);
        }
        return writer.Length;
    }

    private void Convert(ref FormatWriter writer, FormatSpecification specification, scoped ReadOnlySpan<byte> format, ref VariadicArguments arguments)
    {
        switch (specification.Letter)
        {
            case (byte)'d' or (byte)'i':
                long value = FormatSpecification.Signed(arguments.Next(), specification.Size);
                writer.PutNumber(value < 0 ? unchecked((ulong)-value) : (ulong)value, value < 0, specification);
                break;
            case (byte)'u' or (byte)'x' or (byte)'X' or (byte)'o':
                specification.HasPlus = specification.HasBlank = false;
                writer.PutNumber(FormatSpecification.Unsigned(arguments.Next(), specification.Size), false, specification);
                break;
            case (byte)'p':
                specification.IsAlternate = true;
                writer.PutNumber(unchecked((ulong)arguments.Next()), false, specification);
                break;
            case (byte)'c':
                byte character = unchecked((byte)arguments.Next());
                specification.Precision = -1;
                writer.PutField([character], specification);
                break;
            case (byte)'s':
                PutString(ref writer, specification, arguments.Next());
                break;
            case (byte)'b':
                uint bits = unchecked((uint)arguments.Next());
                PutBits(ref writer, bits, kernel.Memory.CheckString(arguments.Next()).Bytes);
                break;
            case (byte)'D':
                nint memory = arguments.Next();
                PutBytes(ref writer, kernel.Memory.Span<byte>(memory, Math.Max(specification.Width, 1)), kernel.Memory.CheckString(arguments.Next()).Bytes);
                break;
            case (byte)'%':
                writer.Put((byte)'%');
                break;
            default:
                throw new KernelFaultException($"a format has an unknown conversion '%{(char)specification.Letter}': {Encoding.UTF8.GetString(format)}");
        }
    }

    private void PutString(ref FormatWriter writer, in FormatSpecification specification, nint address)
    {
        if (address == 0)
        {
            writer.PutField("(null)"u8, specification);
            return;
        }
        if (specification.Precision < 0 || !kernel.Memory.Contains(address, (ulong)specification.Precision))
        {
            writer.PutField(kernel.Memory.CheckString(address).Bytes, specification);
            return;
        }
        var bytes = (ReadOnlySpan<byte>)kernel.Memory.Span<byte>(address, specification.Precision);
        int end = bytes.IndexOf((byte)0);
        writer.PutField(end < 0 ? bytes : bytes[..end], specification);
    }

    /// <summary>%b: the number in the base that the names begin with, then in angle brackets the names of its bits. A name follows the number of
    /// its bit, from 1 on.</summary>
    private static void PutBits(ref FormatWriter writer, uint bits, scoped ReadOnlySpan<byte> names)
    {
        if (names.IsEmpty)
            return;
        var number = new FormatSpecification { Letter = names[0] == 16 ? (byte)'x' : names[0] == 8 ? (byte)'o' : (byte)'u', Precision = -1 };
        writer.PutNumber(bits, false, number);
        bool any = false;
        int at = 1;
        while (at < names.Length)
        {
            int bit = names[at++] - 1;
            int end = at;
            while (end < names.Length && names[end] > 32)
                end++;
            if (bit is >= 0 and < 32 && (bits >> bit & 1) != 0)
            {
                writer.Put(any ? (byte)',' : (byte)'<');
                writer.Put(names[at..end]);
                any = true;
            }
            at = end;
        }
        if (any)
            writer.Put((byte)'>');
    }

    /// <summary>%D: bytes in hexadecimal with a text between them.</summary>
    private static void PutBytes(ref FormatWriter writer, scoped ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> separator)
    {
        for (int index = 0; index < bytes.Length; index++)
        {
            if (index > 0)
                writer.Put(separator);
            writer.PutNumber(bytes[index], false, FormatSpecification.Hexadecimal(2));
        }
    }
}

public sealed partial class BsdKernel
{
    internal Printf Printf => field ??= new Printf(this);
}
