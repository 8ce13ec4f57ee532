using DdeKit;
using FsCheck;
using FsCheck.Fluent;

namespace DdeLinux.Core.Tests;

public sealed class FormattingTests
{
    [KernelTheory]
    [InlineData("%d", -5, 0, "-5")]
    [InlineData("%i|%u", -1, -1, "-1|4294967295")]
    [InlineData("%5d|%-5d|", 42, 42, "   42|42   |")]
    [InlineData("%05d|%+d", -42, 42, "-0042|+42")]
    [InlineData("% d|%.3d", 7, 7, " 7|007")]
    [InlineData("%x|%X", 0xabc, 0xabc, "abc|ABC")]
    [InlineData("%#x|%#o", 255, 8, "0xff|010")]
    [InlineData("%#x|%#o", 0, 0, "0x0|0")]
    [InlineData("%08x|%02u", 0x1f0, 3, "000001f0|03")]
    [InlineData("%#06x|%-#6x|", 0x1f, 0x1f, "0x001f|0x1f  |")]
    [InlineData("%hhx|%hd", 0x1ff, 0x18000, "ff|-32768")]
    [InlineData("%lx|%lld", -1, -1, "ffffffffffffffff|-1")]
    [InlineData("%zu|%zd", 5, -5, "5|-5")]
    [InlineData("%c|%3c", 'a', 'b', "a|  b")]
    [InlineData("%*d|", 4, 7, "   7|")]
    [InlineData("%-*d|", 4, 7, "7   |")]
    [InlineData("%*d|", -4, 7, "7   |")]
    [InlineData("100%%", 0, 0, "100%")]
    [InlineData("%px", 0x1234, 0, "0000000000001234")]
    [InlineData("%10p|", 0x1234, 0, "      1234|")]
    public void Number_is_printed_as_the_kernel_prints_it(string format, long first, long second, string expected) =>
        TestKernel.Run(test => Print(test, format, (nint)first, (nint)second).ShouldBe(expected));

    [KernelTheory]
    [InlineData("%s", "ata1", "ata1")]
    [InlineData("%6s|", "ata1", "  ata1|")]
    [InlineData("%-6s|", "ata1", "ata1  |")]
    [InlineData("%.2s", "ata1", "at")]
    public void String_is_printed_into_its_field(string format, string text, string expected) =>
        TestKernel.Run(test => Print(test, format, test.Text(text)).ShouldBe(expected));

    [KernelFact]
    public void Pointers_that_are_no_strings_are_named_instead() => TestKernel.Run(test =>
    {
        Print(test, "%s", 0).ShouldBe("(null)");
        Print(test, "%s", 0x10).ShouldBe("(efault)");
    });

    [KernelFact]
    public void Precision_bounds_a_string_without_an_end() => TestKernel.Run(test =>
    {
        nint bytes = test.Allocate(8);
        test.Kernel.Memory.Span<byte>(bytes, 8).Fill((byte)'x');
        Print(test, "%.8s", bytes).ShouldBe("xxxxxxxx");
    });

    [KernelFact]
    public void Text_that_does_not_fit_is_cut_and_its_whole_length_returned() => TestKernel.Run(test =>
    {
        nint buffer = test.Allocate(8);
        test.Kernel.Memory.Span<byte>(buffer, 8).Fill(0xee);
        test.Call("snprintf", buffer, 4, test.Text("%s"), test.Text("abcdef")).ShouldBe(6);
        test.ReadText(buffer).ShouldBe("abc");
        test.At<byte>(buffer + 4).ShouldBe((byte)0xee);
        test.Call("scnprintf", buffer, 4, test.Text("%s"), test.Text("abcdef")).ShouldBe(3);
        test.Call("snprintf", 0, 0, test.Text("%s"), test.Text("abcdef")).ShouldBe(6);
    });

    [KernelTheory]
    [InlineData("%pM", "00:01:02:03:04:05")]
    [InlineData("%pMR", "05:04:03:02:01:00")]
    [InlineData("%pm", "000102030405")]
    [InlineData("%4ph", "00 01 02 03")]
    [InlineData("%4phC", "00:01:02:03")]
    [InlineData("%4phN", "00010203")]
    [InlineData("%pUb", "00010203-0405-0607-0809-0a0b0c0d0e0f")]
    [InlineData("%pUL", "03020100-0504-0706-0809-0A0B0C0D0E0F")]
    [InlineData("%pI4|", "0.1.2.3|")]
    [InlineData("%pi4", "000.001.002.003")]
    [InlineData("%pa", "0x0706050403020100")]
    public void Extension_of_the_pointer_conversion_prints_what_it_points_to(string format, string expected) => TestKernel.Run(test =>
    {
        nint bytes = test.Allocate(16);
        for (int i = 0; i < 16; i++)
            test.At<byte>(bytes + i) = (byte)i;
        Print(test, format, bytes).ShouldBe(expected);
    });

    [KernelFact]
    public void Nested_format_takes_its_arguments_from_its_own_list() => TestKernel.Run(test =>
    {
        // struct va_format { fmt, va }; va_list { gp_offset, fp_offset, overflow area, register area }
        nint area = test.Allocate(128);
        nint list = area + 32;
        nint values = area + 64;
        test.At<long>(values) = 17;
        test.At<long>(values + 8) = 4;
        test.At<int>(list) = 48;
        test.At<nint>(list + 8) = values;
        test.At<nint>(area) = test.Text("%d of %x");
        test.At<nint>(area + 8) = list;
        Print(test, "<%pV>", area).ShouldBe("<17 of 4>");
    });

    [KernelFact]
    public void Symbol_of_an_import_is_printed_by_name() => TestKernel.Run(test =>
    {
        Print(test, "%pS", test.Symbol("kfree") + 4).ShouldBe("kfree+0x4");
        Print(test, "%ps", test.Symbol("kfree") + 4).ShouldBe("kfree");
        Print(test, "%pS", 0x42).ShouldBe("0x42");
    });

    [KernelFact]
    public void Unknown_conversion_ends_the_text_and_is_reported() => TestKernel.Run(test =>
    {
        Print(test, "a%yb", 1).ShouldBe("a");
        test.Kernel.Log.Lines.ShouldContain(line => line.Level == LogLevel.Warning && line.Text.Contains("%y", StringComparison.Ordinal));
    });

    [KernelFact]
    public void Any_format_stays_inside_the_buffer() => TestKernel.Run(test =>
    {
        const int Size = 24;
        nint buffer = test.Allocate(64);
        nint format = test.Allocate(64);
        // A sound struct va_format, for a %pV that comes about by chance: the kernel itself would not survive a bad one.
        nint argument = test.Allocate(64);
        test.At<nint>(argument) = test.Text("x");
        test.At<nint>(argument + 8) = argument + 16;
        var pieces = Gen.Elements("%", "*", ".", "0", "9", "-", "#", "l", "h", "p", "V", "M", "h", "s", "d", "x", "c", "U", "I4", " ", "text");
        Prop.ForAll(Gen.ArrayOf(pieces).ToArbitrary(), parts =>
        {
            string text = string.Concat(parts);
            text = text[..Math.Min(text.Length, 60)];
            var bytes = test.Kernel.Memory.Span<byte>(format, 64);
            bytes.Clear();
            System.Text.Encoding.ASCII.GetBytes(text, bytes);
            test.Kernel.Memory.Span<byte>(buffer, 64).Fill(0xee);
            test.Call("snprintf", buffer, Size, format, argument, argument, argument);
            bool untouched = test.Kernel.Memory.Span<byte>(buffer + Size, 64 - Size).IndexOfAnyExcept((byte)0xee) < 0;
            bool ended = test.Kernel.Memory.Span<byte>(buffer, Size).Contains((byte)0);
            return untouched && ended;
        }).QuickCheckThrowOnFailure();
    });

    [KernelFact]
    public void Message_gets_the_level_that_it_starts_with() => TestKernel.Run(test =>
    {
        test.Call("_printk", test.Text("\u00013ata%d: failed\n"), 1);
        test.Kernel.Log.Lines[^1].Level.ShouldBe(LogLevel.Error);
        test.Kernel.Log.Lines[^1].Text.ShouldBe("ata1: failed");
        test.Kernel.Events.Count("driver", "kernel-error").ShouldBe(1);
    });

    private static string Print(TestKernel test, string format, nint first, nint second = 0)
    {
        nint buffer = test.Allocate(256);
        nint length = test.Call("snprintf", buffer, 256, test.Text(format), first, second);
        string text = test.ReadText(buffer);
        text.Length.ShouldBe((int)length);
        return text;
    }
}
