namespace SystemRdl.Tests;

public sealed class BitOrderTests
{
    [Fact]
    public void Msb0_numbers_bits_from_the_most_significant_one() => Fields("""
        addrmap m { msb0; reg { field {} first[0:3]; field {} single[5:5]; field {} last[24:31]; } x; };
        """).ShouldBe("last[7:0] single[26:26] first[31:28]");

    [Fact]
    public void Fields_without_bits_follow_in_rising_significance_in_either_order()
    {
        const string Body = "reg { field {} a; field {} b[3]; field {} c[RANGE]; field {} d[5]; } x; };";
        Fields("addrmap m { lsb0; " + Body.Replace("RANGE", "15:8")).ShouldBe("a[0:0] b[3:1] c[15:8] d[20:16]");
        Fields("addrmap m { msb0; " + Body.Replace("RANGE", "8:15")).ShouldBe("a[0:0] b[3:1] c[23:16] d[28:24]");
    }

    [Fact]
    public void Bits_are_counted_in_the_width_of_their_register() => Fields("""
        addrmap m { msb0; reg { regwidth = 16; field {} f[0:7]; } x; };
        """).ShouldBe("f[15:8]");

    [Fact]
    public void A_map_within_keeps_the_order_or_gives_its_own() => Fields("""
        addrmap m { msb0; addrmap { reg { field {} a[0:7]; } x; } same; addrmap { lsb0; reg { field {} b[7:0]; } y; } other; };
        """).ShouldBe("a[31:24] b[7:0]");

    [Theory]
    [InlineData("addrmap m { lsb0; reg { field {} f[0:7]; } x; };", "[0:7] has its lower bit left, but bit 0 is the least significant one here")]
    [InlineData("addrmap m { msb0; reg { field {} f[7:0]; } x; };", "[7:0] has its higher bit left, but bit 0 is the most significant one here")]
    [InlineData("addrmap m { reg { field {} f[0:7]; field {} g[15:8]; } x; };", "[15:8] has its higher bit left")]
    public void A_range_against_its_map_or_its_register_is_an_error(string source, string expected)
    {
        var diagnostic = Source.Compile(source).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Code.ShouldBe(DiagnosticCode.BadBitRange);
        diagnostic.Text.ShouldContain(expected);
    }

    [Fact]
    public void A_field_beyond_bit_0_of_msb0_is_outside_its_register() => Source.Compile("""
        addrmap m { msb0; reg { regwidth = 8; field {} f[4:8]; } x; };
        """).Diagnostics.Single().Text.ShouldBe("the field 'f' has bits [4:8], but the register 'x' has 8 bits");

    [Fact]
    public void Where_no_map_says_it_the_ranges_of_a_register_give_its_order() => Fields("""
        addrmap m { reg { field {} a[0:7]; field {} b[9:9]; } x; reg { field {} c[7:0]; } y; };
        """).ShouldBe("b[22:22] a[31:24] c[7:0]");

    [Fact]
    public void A_definition_that_no_map_uses_may_have_either_order() => Source.Compile("""
        reg one { field {} f[0:7]; }; reg two { field {} f[7:0]; };
        addrmap m { reg { field {} f; } x; };
        """).Diagnostics.ShouldBeEmpty();

    private static string Fields(string source)
    {
        var compilation = Source.Compile(source);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return string.Join(" ", Registers(compilation.Top!).SelectMany(r => r.Fields).Select(f => $"{f.Name}[{f.High}:{f.Low}]"));
    }

    private static IEnumerable<Register> Registers(Block block) =>
        block.Children.SelectMany(c => c is Register register ? [register] : Registers((Block)c));
}
