using System.Net.NetworkInformation;
using L4;
using L4Io;

namespace Emulator.Tests;

public sealed class NicDescriptionTests
{
    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0x5e, 0, 0, 1 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 1 })]
    [InlineData(new byte[0])]
    public void An_address_that_no_station_has_is_refused(byte[] address) =>
        Should.Throw<MachineDescriptionException>(() => new NicDescription(NicModel.E1000, new PhysicalAddress(address), null)).Message.ShouldContain("6 bytes");

    [Fact]
    public void A_machine_takes_eight_cards_each_with_an_interrupt_of_its_own_and_no_more()
    {
        NicDescription[] cards = [.. Enumerable.Range(1, 9).Select(i => new NicDescription(NicModel.E1000, new PhysicalAddress([2, 0, 0, 0, 0, (byte)i]), null))];
        var events = new EventLog(() => 0);
        Should.Throw<MachineDescriptionException>(() => new EmulatedMachine(new MachineDescription { Nics = cards }, new VirtualClock(), events))
            .Message.ShouldContain("9 network cards");
        using var machine = new EmulatedMachine(new MachineDescription { Nics = cards[..8] }, new VirtualClock(), events);
        Enumerable.Range(3, 8).Select(device => machine.ReadConfig(new PciAddress(0, (byte)device, 0), 0x3c, 1)).ShouldBe([16, 17, 18, 19, 20, 21, 22, 23]);
    }

    [Fact]
    public void A_card_without_a_wire_has_no_link()
    {
        using var machine = new EmulatedMachine(
            new MachineDescription { Nics = [new NicDescription(NicModel.E1000, new PhysicalAddress(NicMachine.Station), null)] }, new VirtualClock(), new EventLog(() => 0));
        machine.WriteConfig(NicMachine.Card, 0x10, 4, NicMachine.MemoryBase);
        machine.WriteConfig(NicMachine.Card, 0x04, 2, 0x2);
        machine.WriteMemory(NicMachine.MemoryBase, 4, 0x40);
        (machine.ReadMemory(NicMachine.MemoryBase + 8, 4) & 2).ShouldBe(0ul);
    }

    [Fact]
    public void Two_cards_at_one_address_are_reported_and_the_first_keeps_it()
    {
        var events = new EventLog(() => 0);
        using var machine = new EmulatedMachine(new MachineDescription
        {
            Nics = [.. Enumerable.Range(1, 2).Select(i => new NicDescription(NicModel.E1000, new PhysicalAddress([2, 0, 0, 0, 0, (byte)i]), null))],
        }, new VirtualClock(), events);
        for (byte device = 3; device <= 4; device++)
        {
            machine.WriteConfig(new PciAddress(0, device, 0), 0x10, 4, NicMachine.MemoryBase);
            machine.WriteConfig(new PciAddress(0, device, 0), 0x04, 2, 0x2);
        }
        events.Count("e1000", "memory-conflict").ShouldBe(1);
        machine.ReadMemory(NicMachine.MemoryBase + 0x5404, 4).ShouldBe(0x8000_0100ul);
    }
}
