namespace Registers.Tests;

public sealed class RegisterMapTests
{
    private static readonly RegisterMap s_map = new([new PlacedTable(PciSpace.Memory, 0xfebc_0000, Card.Table)]);

    [Theory]
    [InlineData(0x0, 4, 0x1, "card.control <- reset|speed=slow")]
    [InlineData(0x0, 4, 0x8000_0521, "card.control <- reset|speed=fast|depth=0x5|enable")]
    [InlineData(0x0, 4, 0x10, "card.control <- speed=0x1")]
    [InlineData(0x0, 4, 0x42, "card.control <- speed=slow|0x42")]
    [InlineData(0x4, 2, 0x1, "card.start <- go")]
    [InlineData(0x4, 2, 0x0, "card.start <- 0")]
    [InlineData(0x8, 4, 0x1000, "card.base <- 0x1000")]
    public void A_write_reads_as_the_description_has_it(int offset, int width, ulong value, string text) =>
        Show(offset, width, true, value).ShouldBe(text);

    [Fact]
    public void Of_two_registers_at_one_address_the_direction_says_which() =>
        (Show(4, 2, false, 3), Show(4, 2, true, 1)).ShouldBe(("card.status -> ready|full", "card.start <- go"));

    [Fact]
    public void A_part_of_a_register_names_its_bits()
    {
        Show(1, 1, true, 0x05).ShouldBe("card.control[15:8] <- depth=0x5");
        Show(3, 1, false, 0x80).ShouldBe("card.control[31:24] -> enable");
        Show(0xa, 2, true, 0x1).ShouldBe("card.base[31:16] <- 0x1");
    }

    [Fact]
    public void An_access_over_several_registers_names_each() =>
        Show(0x4, 8, false, 0x1000_0000_0001).ShouldBe("card.status -> ready, card.base -> 0x1000");

    [Fact]
    public void Elements_of_arrays_have_their_index()
    {
        Show(0x18, 4, false, 9).ShouldBe("card.dropped[1] -> 0x9");
        Show(0x28, 4, false, 0).ShouldBe("card.dropped[3] -> 0");
        Show(0x68, 4, true, 5).ShouldBe("card.queue[1].tail <- 0x5");
        Show(0x10c, 4, true, 5).ShouldBe("card.buffer[3] <- 0x5");
    }

    [Fact]
    public void What_no_register_covers_is_named_by_its_place()
    {
        Show(0x6, 2, true, 0x1234).ShouldBe("card+0x6 <- 0x1234");
        Show(0x14, 4, false, 0).ShouldBe("card+0x14 -> 0");
        Show(0x4, 4, true, 0xab_0001).ShouldBe("card.start <- go, card+0x4 <- 0xab0000");
    }

    [Fact]
    public void Addresses_of_no_table_are_shown_as_they_are()
    {
        s_map.Decode(PciSpace.Ports, 0x1f9, 1, true, 3).ShouldBe([new("port 0x1f9", "port 0x1f9", "0x3")]);
        s_map.Decode(PciSpace.Memory, 0xfebb_ffff, 4, true, 3)[0].Path.ShouldBe("memory 0xfebbffff");
        s_map.Decode(PciSpace.Configuration, 4, 2, false, 7)[0].Path.ShouldBe("configuration 0x4");
    }

    [Fact]
    public void Bits_above_the_width_are_none_of_the_access() => Show(4, 2, false, 0xffff_0001).ShouldBe("card.status -> ready");

    [Fact]
    public void A_register_that_is_only_read_is_named_when_it_is_written() => Show(0x10, 4, true, 1).ShouldBe("card.dropped[0] <- 0x1");

    [Fact]
    public void A_block_transfer_names_its_register()
    {
        s_map.DecodeBlock(PciSpace.Memory, 0xfebc_0100, true).ShouldBe(new("card.buffer[0]", "card.buffer[]", ""));
        s_map.DecodeBlock(PciSpace.Memory, 0xfebc_0200, true).Path.ShouldBe("memory 0xfebc0200");
        s_map.DecodeBlock(PciSpace.Memory, 0xfebc_003c, false).Path.ShouldBe("card+0x3c");
    }

    [Fact]
    public void Which_bank_is_there_depends_on_what_was_written_last()
    {
        RegisterTable Page(string name) => new("card." + name, 4, [new(name + "Register", 1, 1, true, true, 0, 1, [new("on", 0, 1, [])])]);
        PlacedTable Place(string name, byte value) => new(PciSpace.Ports, 0xc000, Page(name)) { Bank = new RegisterBank(0xc000, 0xc0, value) };
        var map = new RegisterMap([Place("zero", 0), Place("one", 0x40), new PlacedTable(PciSpace.Ports, 0xc000, Page("rest"))]);
        string At(ulong address, bool isWrite, ulong value) => map.Decode(PciSpace.Ports, address, 1, isWrite, value)[0].Path;
        At(0xc001, true, 1).ShouldBe("card.zero.zeroRegister");
        At(0xc000, true, 0x61).ShouldBe("card.zero+0x0");
        At(0xc001, false, 1).ShouldBe("card.one.oneRegister");
        At(0xc000, false, 0).ShouldBe("card.one+0x0");
        At(0xc001, false, 1).ShouldBe("card.one.oneRegister");
        At(0xc000, true, 0x80).ShouldBe("card.one+0x0");
        At(0xc001, true, 1).ShouldBe("card.rest.restRegister");
    }

    private static string Show(int offset, int width, bool isWrite, ulong value) => string.Join(", ", s_map
        .Decode(PciSpace.Memory, 0xfebc_0000 + (ulong)offset, width, isWrite, value).Select(r => $"{r.Path} {(isWrite ? "<-" : "->")} {r.Text}"));
}
