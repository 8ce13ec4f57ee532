using System.Text;
using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>printf as the kernel has it (lib/vsprintf.c; Documentation/core-api/printk-formats.rst lists the extensions of %p).</summary>
internal static class KernelFormat
{
    /// <summary>What <see cref="ToText"/> makes at most: a line of the kernel's log (kernel/printk/internal.h, LOG_LINE_MAX) and no more.</summary>
    private const int LongestLine = 1024;

    /// <summary>Formats into a buffer, without an end mark.</summary>
    /// <returns>The whole text's length, also when the buffer took only its start.</returns>
    internal static int Format(LinuxKernel kernel, scoped Span<byte> buffer, scoped ReadOnlySpan<byte> format, VariadicArguments arguments)
    {
        var writer = new FormatWriter(buffer);
        scoped var rest = arguments;
        Format(kernel, ref writer, format, ref rest);
        return writer.Length;
    }

    /// <summary>Formats a message.</summary>
    internal static string ToText(LinuxKernel kernel, ReadOnlySpan<byte> format, VariadicArguments arguments)
    {
        Span<byte> buffer = stackalloc byte[LongestLine];
        int length = Format(kernel, buffer, format, arguments);
        return Encoding.UTF8.GetString(buffer[..Math.Min(length, buffer.Length)]);
    }

    /// <summary>Formats on.</summary>
    internal static void Format(LinuxKernel kernel, ref FormatWriter writer, scoped ReadOnlySpan<byte> format, ref VariadicArguments arguments)
    {
        int at = 0;
        while (at < format.Length)
        {
            int percent = format[at..].IndexOf((byte)'%');
            if (percent < 0)
            {
                writer.Put(format[at..]);
                return;
            }
            writer.Put(format.Slice(at, percent));
            at += percent + 1;
            var specification = FormatSpecification.Read(format, ref at, ref arguments);
            if (!Convert(kernel, ref writer, specification, format, ref at, ref arguments))
                return;
        }
    }

    private static bool Convert(
        LinuxKernel kernel, ref FormatWriter writer, FormatSpecification specification, scoped ReadOnlySpan<byte> format, ref int at, ref VariadicArguments arguments)
    {
        switch (specification.Letter)
        {
            case (byte)'d' or (byte)'i':
                long value = FormatSpecification.Signed(arguments.Next(), specification.Size);
                writer.PutNumber(value < 0 ? unchecked((ulong)-value) : (ulong)value, value < 0, specification);
                return true;
            case (byte)'u' or (byte)'x' or (byte)'X' or (byte)'o':
                specification.HasPlus = specification.HasBlank = false;
                writer.PutNumber(FormatSpecification.Unsigned(arguments.Next(), specification.Size), false, specification);
                return true;
            case (byte)'c':
                byte character = unchecked((byte)arguments.Next());
                specification.Precision = -1;
                writer.PutField([character], specification);
                return true;
            case (byte)'s':
                PutString(kernel, ref writer, specification, arguments.Next());
                return true;
            case (byte)'p':
                PointerFormat.Put(kernel, ref writer, specification, format, ref at, arguments.Next());
                return true;
            case (byte)'%':
                writer.Put((byte)'%');
                return true;
            default:
                // As the kernel does: what follows cannot be trusted to match its arguments.
                kernel.Log.Write(LogLevel.Warning, $"a format has an unknown conversion '%{(char)specification.Letter}': {Encoding.UTF8.GetString(format)}");
                return false;
        }
    }

    /// <summary>Writes a C string that needs no end mark when a precision bounds it.</summary>
    internal static void PutString(LinuxKernel kernel, ref FormatWriter writer, in FormatSpecification specification, nint address)
    {
        if (address == 0)
        {
            writer.PutField("(null)"u8, specification);
        }
        else if (!kernel.Memory.Contains(address, 1))
        {
            // The kernel prints this for pointers that cannot be strings, rather than dying in a message.
            writer.PutField("(efault)"u8, specification);
        }
        else if (specification.Precision >= 0 && kernel.Memory.Contains(address, (ulong)specification.Precision))
        {
            var bytes = (ReadOnlySpan<byte>)kernel.Memory.Span<byte>(address, specification.Precision);
            int end = bytes.IndexOf((byte)0);
            writer.PutField(end < 0 ? bytes : bytes[..end], specification);
        }
        else
        {
            writer.PutField(kernel.Memory.CheckString(address).Bytes, specification);
        }
    }
}
