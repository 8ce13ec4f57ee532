using FsCheck;
using FsCheck.Fluent;

namespace Emulator.Tests;

public sealed class MicrowireEepromTests
{
    private readonly ushort[] _words = [.. Enumerable.Range(0, MicrowireEeprom.WordCount).Select(i => (ushort)(i * 1021))];

    [Fact]
    public void A_read_goes_on_with_the_next_word_and_begins_again_behind_the_last()
    {
        var eeprom = new MicrowireEeprom(_words);
        Command(eeprom, 0b110_111111);
        eeprom.DataOut.ShouldBeFalse("a zero goes before the data");
        ReadWord(eeprom).ShouldBe(_words[63]);
        ReadWord(eeprom).ShouldBe(_words[0]);
    }

    [Fact]
    public void All_words_are_erased_and_written_at_once_when_writes_are_enabled()
    {
        var eeprom = new MicrowireEeprom(_words);
        Command(eeprom, 0b100_110000);
        Command(eeprom, 0b100_100000);
        eeprom.SetPins(false, false, false);
        _words.ShouldAllBe(word => word == 0xffff);
        Command(eeprom, 0b100_010000);
        Shift(eeprom, 0x1234, 16);
        eeprom.SetPins(false, false, false);
        _words.ShouldAllBe(word => word == 0x1234);
        Command(eeprom, 0b100_000000);
        Command(eeprom, 0b111_000101);
        eeprom.SetPins(false, false, false);
        _words[5].ShouldBe((ushort)0x1234, "writes are disabled again");
    }

    [Fact]
    public void A_write_that_is_broken_off_changes_nothing()
    {
        var eeprom = new MicrowireEeprom(_words);
        Command(eeprom, 0b100_110000);
        Command(eeprom, 0b101_000101);
        Shift(eeprom, 0xffff, 15);
        ushort before = _words[5];
        eeprom.SetPins(false, false, false);
        _words[5].ShouldBe(before);
    }

    [Fact]
    public void Pins_that_do_anything_but_enable_writes_change_nothing()
    {
        ushort[] before = [.. _words];
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 7), 600).ToArbitrary(), pins =>
        {
            var eeprom = new MicrowireEeprom(_words);
            bool clock = false;
            bool last = false;
            foreach (int pin in pins)
            {
                // Two ones in a row are in the command that enables writes.
                bool data = (pin & 4) != 0 && !last;
                if ((pin & 2) != 0 && !clock)
                    last = data;
                clock = (pin & 2) != 0;
                eeprom.SetPins((pin & 1) != 0, clock, data);
            }
            _words.ShouldBe(before);
        }).QuickCheckThrowOnFailure();
    }

    private static void Command(MicrowireEeprom eeprom, uint bits)
    {
        eeprom.SetPins(false, false, false);
        eeprom.SetPins(true, false, false);
        Shift(eeprom, bits, 9);
    }

    private static void Shift(MicrowireEeprom eeprom, uint bits, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            eeprom.SetPins(true, false, (bits >> i & 1) != 0);
            eeprom.SetPins(true, true, (bits >> i & 1) != 0);
        }
        eeprom.SetPins(true, false, false);
    }

    private static ushort ReadWord(MicrowireEeprom eeprom)
    {
        uint value = 0;
        for (int i = 0; i < 16; i++)
        {
            eeprom.SetPins(true, true, false);
            value = value << 1 | (eeprom.DataOut ? 1u : 0);
            eeprom.SetPins(true, false, false);
        }
        return (ushort)value;
    }
}
