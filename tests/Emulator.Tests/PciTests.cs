using L4Io;

namespace Emulator.Tests;

public sealed class PciTests
{
    [Fact]
    public void Enumeration_finds_the_three_functions_and_nothing_else()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        var found = new List<(string Address, uint Id, uint Class)>();
        for (int device = 0; device < 32; device++)
        {
            for (int function = 0; function < 8; function++)
            {
                var address = new PciAddress(0, (byte)device, (byte)function);
                uint id = test.Machine.ReadConfig(address, 0, 4);
                if (id != uint.MaxValue)
                    found.Add((address.ToString(), id, test.Machine.ReadConfig(address, 8, 4) >> 8));
            }
        }

        found.ShouldBe([("00:00.0", 0x1237_8086, 0x060000), ("00:01.0", 0x7000_8086, 0x060100), ("00:01.1", 0x7010_8086, 0x010180)]);
        test.Machine.ReadConfig(TestMachine.IsaBridge, 0x0e, 1).ShouldBe(0x80u);
        test.Machine.ReadConfig(new PciAddress(1, 0, 0), 0, 2).ShouldBe(0xffffu);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Configuration_mechanism_1_reads_and_writes_bytes_words_and_doublewords()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WritePort(0xcf8, 4, 0x8000_0920);
        test.Machine.ReadPort(0xcf8, 4).ShouldBe(0x8000_0920u);
        test.Machine.WritePort(0xcfc, 4, 0xc000);
        test.Machine.ReadPort(0xcfc, 4).ShouldBe(0xc001u);
        test.Machine.ReadPort(0xcfd, 1).ShouldBe(0xc0u);
        test.Machine.WritePort(0xcf8, 4, 0x8000_0900);
        test.Machine.ReadPort(0xcfe, 2).ShouldBe(0x7010u);
        test.Machine.WritePort(0xcf8, 4, 0x8001_0000);
        test.Machine.ReadPort(0xcfc, 4).ShouldBe(uint.MaxValue);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Configuration_data_without_the_enable_bit_is_an_unknown_register()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WritePort(0xcf8, 4, 0x0000_0900);
        test.Machine.ReadPort(0xcfc, 2).ShouldBe(0xffffu);
        test.ShouldHaveReported("pci-configuration", "unknown-register", "port 0xcfc");
    }

    [Fact]
    public void Sizing_the_bus_master_base_finds_16_ports()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.ReadConfig(TestMachine.Ide, 0x20, 4).ShouldBe(1u);
        test.Machine.WriteConfig(TestMachine.Ide, 0x20, 4, uint.MaxValue);
        test.Machine.ReadConfig(TestMachine.Ide, 0x20, 4).ShouldBe(0xfff1u);
        for (int register = 0x10; register < 0x20; register += 4)
        {
            test.Machine.WriteConfig(TestMachine.Ide, register, 4, uint.MaxValue);
            test.Machine.ReadConfig(TestMachine.Ide, register, 4).ShouldBe(0u);
        }

        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Bus_master_ports_move_with_the_base_address()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Machine.WritePort(0xc004, 4, 0x1000);
        test.Machine.WriteConfig(TestMachine.Ide, 0x20, 4, 0xd000);
        test.Machine.ReadPort(0xd004, 4).ShouldBe(0x1000u);
        test.ShouldHaveReportedNothing();
        test.Machine.ReadPort(0xc004, 4).ShouldBe(uint.MaxValue);
        test.ShouldHaveReported("machine", "unknown-port", "0xc004");
    }

    [Fact]
    public void Clearing_io_space_stops_all_decoding()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
        test.Machine.WriteConfig(TestMachine.Ide, 4, 2, 0x4);
        foreach (ushort port in new ushort[] { 0x1f7, 0x3f6, 0x177, 0x376, 0xc002 })
            test.Machine.ReadPort(port, 1).ShouldBe(0xffu);
        test.Events.Count("machine", "unknown-port").ShouldBe(5);
        test.Machine.WriteConfig(TestMachine.Ide, 4, 2, 0x5);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Fact]
    public void A_channel_is_decoded_only_while_idetim_enables_it()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Machine.WriteConfig(TestMachine.Ide, 0x40, 2, 0x0000);
        test.Machine.ReadPort(0x1f7, 1).ShouldBe(0xffu);
        test.Machine.ReadPort(0x177, 1).ShouldBe(0x7fu);
        test.ShouldHaveReported("machine", "unknown-port", "0x01f7");
        test.Machine.WriteConfig(TestMachine.Ide, 0x40, 2, 0x8000);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Fact]
    public void Without_firmware_the_channels_are_disabled()
    {
        using var test = new TestMachine(new MachineDescription { FirmwareSetUp = false });
        test.Machine.ReadConfig(TestMachine.Ide, 0x40, 4).ShouldBe(0u);
        test.Machine.ReadPort(0x1f7, 1).ShouldBe(0xffu);
        test.ShouldHaveReported("machine", "unknown-port", "0x01f7");
    }

    [Fact]
    public void Only_writable_bits_of_the_command_register_change()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WriteConfig(TestMachine.Ide, 4, 2, 0x03ff);
        test.Machine.ReadConfig(TestMachine.Ide, 4, 2).ShouldBe(0x5u);
        test.Machine.WriteConfig(TestMachine.HostBridge, 4, 2, 0);
        test.Machine.ReadConfig(TestMachine.HostBridge, 4, 2).ShouldBe(0x6u);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void A_write_to_a_reserved_register_is_reported_with_offset_and_value()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WriteConfig(TestMachine.Ide, 0x48, 1, 0x00);
        test.ShouldHaveReportedNothing();
        test.Machine.WriteConfig(TestMachine.Ide, 0x48, 1, 0x0f);
        test.Machine.ReadConfig(TestMachine.Ide, 0x48, 1).ShouldBe(0u);
        test.ShouldHaveReported("piix3-ide", "reserved-write", "0xf at configuration offset 0x48");
    }

    [Fact]
    public void Timing_registers_keep_what_is_written_but_for_reserved_bits()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WriteConfig(TestMachine.Ide, 0x42, 2, 0xe377);
        test.Machine.WriteConfig(TestMachine.Ide, 0x44, 1, 0xbb);
        test.Machine.ReadConfig(TestMachine.Ide, 0x42, 2).ShouldBe(0xe377u);
        test.Machine.ReadConfig(TestMachine.Ide, 0x44, 1).ShouldBe(0xbbu);
        test.ShouldHaveReportedNothing();
        test.Machine.WriteConfig(TestMachine.Ide, 0x40, 2, 0x8c00);
        test.Machine.ReadConfig(TestMachine.Ide, 0x40, 2).ShouldBe(0x8000u);
        test.ShouldHaveReported("piix3-ide", "reserved-write", "reserved bits 0xc00");
    }

    [Fact]
    public void Interrupt_routing_is_kept_and_reported_as_without_effect()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WriteConfig(TestMachine.IsaBridge, 0x60, 1, 0x0b);
        test.Machine.ReadConfig(TestMachine.IsaBridge, 0x60, 1).ShouldBe(0x0bu);
        test.ShouldHaveReported("piix3-isa", "unmodelled-write", "offset 0x60");
    }

    [Fact]
    public void A_word_in_the_middle_of_a_doubleword_is_two_bytes()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.ReadConfig(TestMachine.Ide, 1, 2).ShouldBe(0x1080u);
        test.Machine.WriteConfig(TestMachine.Ide, 0x41, 2, 0x7780);
        test.Machine.ReadConfig(TestMachine.Ide, 0x40, 4).ShouldBe(0x8077_8000u);
        test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Special_cycles_are_kept_and_reported_as_without_effect()
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.WriteConfig(TestMachine.IsaBridge, 4, 2, 0x0008);
        test.Machine.ReadConfig(TestMachine.IsaBridge, 4, 2).ShouldBe(0x000fu);
        test.Machine.WriteConfig(TestMachine.IsaBridge, 4, 2, 0x000f);
        test.ShouldHaveReported("piix3-isa", "unmodelled-write", "offset 0x04");
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(256, 4)]
    [InlineData(3, 2)]
    [InlineData(2, 4)]
    [InlineData(int.MaxValue, 4)]
    public void A_configuration_access_outside_one_doubleword_is_reported(int offset, int width)
    {
        using var test = new TestMachine(new MachineDescription(), setUp: false);
        test.Machine.ReadConfig(TestMachine.Ide, offset, width).ShouldBe(uint.MaxValue >> (32 - 8 * width));
        test.Machine.WriteConfig(TestMachine.Ide, offset, width, 0);
        test.Events.Count("piix3-ide", "bad-configuration-access").ShouldBe(2);
    }

    [Fact]
    public void Ports_that_another_device_decodes_stay_with_it()
    {
        using var test = TestMachine.With(new MemoryMedium(8));
        test.Machine.WriteConfig(TestMachine.Ide, 0x20, 4, 0x01f0);
        test.Events.Count("bus-master0", "port-conflict").ShouldBe(8);
        test.Primary.Status.ShouldBe(IdeGuest.Idle);
    }

    [Fact]
    public void Unknown_ports_and_memory_read_all_ones_and_are_reported()
    {
        using var test = new TestMachine(new MachineDescription());
        test.Machine.ReadPort(0x80, 1).ShouldBe(0xffu);
        test.Machine.WritePort(0x80, 2, 0x1234);
        test.Machine.ReadPort(0xffff, 4).ShouldBe(uint.MaxValue);
        test.Machine.ReadPort(0xc00f, 2).ShouldBe(0xffffu);
        var block = new byte[6];
        test.Machine.ReadPortBlock(0x81, 2, block);
        block.ShouldAllBe(b => b == 0xff);
        test.Machine.WritePortBlock(0x81, 2, block);
        test.Events.Count("machine", "unknown-port").ShouldBe(6);
        test.Machine.ReadMemory(0xfee0_0000, 8).ShouldBe(ulong.MaxValue);
        test.Machine.ReadMemory(0xfee0_0000, 2).ShouldBe(0xffffUL);
        test.Machine.WriteMemory(0xfee0_0000, 4, 1);
        test.Events.Count("machine", "unknown-memory").ShouldBe(3);
        test.Events.Recent.ShouldContain(e => e.Text.Contains("2-byte write of 0x1234 at port 0x0080", StringComparison.Ordinal));
    }
}
