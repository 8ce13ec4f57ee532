using System.Text;
using DdeKit.Foreign;

namespace DdeLinux.Core.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("0", 0u, 0, 0L)]
    [InlineData("42\n", 0u, 0, 42L)]
    [InlineData("-42", 10u, 0, -42L)]
    [InlineData("+7", 0u, 0, 7L)]
    [InlineData("0x1F", 0u, 0, 31L)]
    [InlineData("0x1f", 16u, 0, 31L)]
    [InlineData("017", 0u, 0, 15L)]
    [InlineData("9223372036854775807", 0u, 0, long.MaxValue)]
    [InlineData("-9223372036854775808", 0u, 0, long.MinValue)]
    [InlineData("9223372036854775808", 0u, -34, 0L)]
    [InlineData("99999999999999999999", 0u, -34, 0L)]
    [InlineData("", 0u, -22, 0L)]
    [InlineData("-", 0u, -22, 0L)]
    [InlineData("x", 0u, -22, 0L)]
    [InlineData("08", 0u, -22, 0L)]
    [InlineData("4 ", 0u, -22, 0L)]
    [InlineData("4\n\n", 0u, -22, 0L)]
    public void Number_is_read_whole_or_refused(string text, uint radix, int error, long value)
    {
        Numbers.Parse(Encoding.ASCII.GetBytes(text), radix, out long read).ShouldBe(error);
        read.ShouldBe(value);
    }

    [KernelFact]
    public void Unsigned_number_stops_at_the_first_other_character() => TestKernel.Run(test =>
    {
        nint end = test.Allocate(8);
        nint text = test.Text("0x1fg");
        test.Call("simple_strtoul", text, end, 0).ShouldBe(0x1f);
        test.At<nint>(end).ShouldBe(text + 4);
        text = test.Text("none");
        test.Call("simple_strtoul", text, end, 10).ShouldBe(0);
        test.At<nint>(end).ShouldBe(text);
    });

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("?", "", false)]
    [InlineData("ST3*", "ST3320620AS", true)]
    [InlineData("*DVD*", "HL-DT-ST DVDRAM", true)]
    [InlineData("a*b*c", "aXXbYYbZc", true)]
    [InlineData("a*b*c", "aXXbYYbZ", false)]
    [InlineData("[0-9]?", "7x", true)]
    [InlineData("[!0-9]", "7", false)]
    [InlineData("[]a]", "]", true)]
    [InlineData("[a-", "[a-", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "x", false)]
    [InlineData("abc", "abcd", false)]
    [InlineData("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Glob_matches_whole_texts(string pattern, string text, bool expected) =>
        Glob.Matches(Encoding.ASCII.GetBytes(pattern), Encoding.ASCII.GetBytes(text)).ShouldBe(expected);

    [KernelFact]
    public void Strings_compare_as_the_kernel_compares_them() => TestKernel.Run(test =>
    {
        test.Call("strcmp", test.Text("abc"), test.Text("abd")).ShouldBe(-1);
        test.Call("strcmp", test.Text("abc"), test.Text("ab")).ShouldBe(1);
        test.Call("strncmp", test.Text("abc"), test.Text("abd"), 2).ShouldBe(0);
        test.Call("strcasecmp", test.Text("ATA"), test.Text("ata")).ShouldBe(0);
        test.Call("strncasecmp", test.Text("ATAx"), test.Text("atay"), 3).ShouldBe(0);
        ((int)test.Call("strncasecmp", test.Text("at"), test.Text("atay"), 3)).ShouldBe(-'a');
    });

    [KernelFact]
    public void Length_of_an_unended_text_stops_at_the_limit() => TestKernel.Run(test =>
    {
        nint bytes = test.Allocate(16);
        test.Kernel.Memory.Span<byte>(bytes, 16).Fill((byte)'x');
        test.Call("strnlen", bytes, 16).ShouldBe(16);
        test.Call("strlen", test.Text("four")).ShouldBe(4);
    });

    [KernelFact]
    public void Blanks_are_cut_off_both_ends() => TestKernel.Run(test =>
    {
        nint text = test.Text("  QEMU DISK \t\n");
        nint trimmed = test.Call("strim", text);
        trimmed.ShouldBe(text + 2);
        test.ReadText(trimmed).ShouldBe("QEMU DISK");
        test.ReadText(test.Call("strim", test.Text("   "))).ShouldBe("");
    });

    [KernelFact]
    public void Character_is_found_or_null() => TestKernel.Run(test =>
    {
        nint text = test.Text("a:b");
        test.Call("strchr", text, ':').ShouldBe(text + 1);
        test.Call("strchr", text, 0).ShouldBe(text + 3);
        test.Call("strchr", text, 'x').ShouldBe(0);
    });

    [KernelFact]
    public void Copy_outside_the_domain_ends_it() =>
        TestKernel.RunToDeath(test => test.Call("memcpy", test.Allocate(8), 0x1000, 8)).ShouldBeOfType<KernelFaultException>()
            .Message.ShouldContain("0x1000");

    [Fact]
    public void Hexadecimal_rows_have_offsets_and_characters()
    {
        byte[] bytes = [.. Enumerable.Range(0x3f, 18).Select(i => (byte)i)];
        HexDump.Rows(bytes, "cdb: ", HexDump.Prefix.Offset, 0, 16, 1, ascii: true).ShouldBe(
        [
            "cdb: 00000000: 3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e  ?@ABCDEFGHIJKLMN",
            "cdb: 00000010: 4f 50                                            OP",
        ]);
        HexDump.Rows(bytes.AsSpan(0, 8), "", HexDump.Prefix.None, 0, 16, 4, ascii: false).ShouldBe(["4241403f 46454443"]);
    }

    [KernelFact]
    public void Messages_beyond_the_burst_are_suppressed_and_counted() => TestKernel.Run(test =>
    {
        nint limit = test.Allocate(RateLimit.Size);
        _ = new RateLimit(limit) { interval = Timekeeping.TicksPerSecond, burst = 2 };
        nint name = test.Text("ata_test");
        int printed = Enumerable.Range(0, 5).Sum(_ => (int)test.Call("___ratelimit", limit, name));
        printed.ShouldBe(2);
        test.Call("msleep", 2000);
        test.Call("___ratelimit", limit, name).ShouldBe(1);
        test.Kernel.Log.Lines.ShouldContain(line => line.Text == "ata_test: 3 callbacks suppressed");
    });

    [KernelFact]
    public void String_parameter_is_copied_into_its_buffer() => TestKernel.Run(test =>
    {
        nint buffer = test.Allocate(16);
        nint target = test.Allocate(ParameterString.Size);
        test.At<uint>(target) = 8;
        test.At<nint>(target + 8) = buffer;
        nint parameter = test.Allocate(KernelParameterView.Size);
        test.At<nint>(parameter + KernelTypes.Current.AddressOffset("kernel_param", "arg")) = target;
        var operations = new ParameterOperations(test.Symbol("param_ops_string"));
        test.Kernel.Call(operations.set, test.Text("noncq"), parameter).ShouldBe(0);
        test.ReadText(buffer).ShouldBe("noncq");
        ((int)test.Kernel.Call(operations.set, test.Text("too long a text"), parameter)).ShouldBe(-Errno.ENOSPC);
        nint page = test.Kernel.Arena.Heap.AllocatePages(1, 1);
        test.Kernel.Call(operations.get, page, parameter).ShouldBe(6);
        test.ReadText(page).ShouldBe("noncq\n");
    });

    [KernelTheory]
    [InlineData("0x10", 0, 16)]
    [InlineData("2147483648", -34, 0)]
    [InlineData("", -22, 0)]
    public void Number_parameter_is_range_checked(string text, int error, int value) => TestKernel.Run(test =>
    {
        nint target = test.Allocate(4);
        nint parameter = test.Allocate(KernelParameterView.Size);
        test.At<nint>(parameter + KernelTypes.Current.AddressOffset("kernel_param", "arg")) = target;
        var operations = new ParameterOperations(test.Symbol("param_ops_int"));
        ((int)test.Kernel.Call(operations.set, test.Text(text), parameter)).ShouldBe(error);
        test.At<int>(target).ShouldBe(value);
    });
}
