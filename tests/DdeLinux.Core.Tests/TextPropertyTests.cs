using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace DdeLinux.Core.Tests;

public sealed class TextPropertyTests
{
    [Fact]
    public void Every_number_is_read_back_as_it_was_printed() => Prop.ForAll(ArbMap.Default.ArbFor<long>(), number =>
        Reads(number.ToString(CultureInfo.InvariantCulture), 10, number)
        && Reads(number.ToString(CultureInfo.InvariantCulture) + "\n", 0, number)
        && (number < 0 || Reads("0x" + number.ToString("x", CultureInfo.InvariantCulture), 0, number))
        && (number < 0 || Reads("0" + Convert.ToString(number, 8), 0, number))).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_a_number_or_refused() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, 36).ToArbitrary(), (text, radix) =>
        Numbers.Parse(text, (uint)radix, out _) is 0 or -Errno.EINVAL or -Errno.ERANGE).QuickCheckThrowOnFailure();

    [Fact]
    public void Glob_agrees_with_a_regular_expression() => Prop.ForAll(
        Gen.ArrayOf(Gen.Elements("*", "?", "a", "b", "[ab]", "[!a]", "\\*")).ToArbitrary(),
        Gen.ArrayOf(Gen.Elements('a', 'b', 'c', '*')).ToArbitrary(),
        (pattern, text) =>
        {
            string expression = "^" + string.Concat(pattern.Select(Expression)) + "$";
            bool expected = Regex.IsMatch(new string(text), expression, RegexOptions.CultureInvariant);
            return Glob.Matches(Encoding.ASCII.GetBytes(string.Concat(pattern)), Encoding.ASCII.GetBytes(text)) == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_pattern_is_matched_to_an_end() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(), (pattern, text) =>
    {
        Glob.Matches(pattern, text);
        return true;
    }).QuickCheckThrowOnFailure();

    private static bool Reads(string text, uint radix, long number) =>
        Numbers.Parse(Encoding.ASCII.GetBytes(text), radix, out long value) == 0 && value == number;

    private static string Expression(string piece) => piece switch
    {
        "*" => ".*",
        "?" => ".",
        "[!a]" => "[^a]",
        _ => piece,
    };
}
