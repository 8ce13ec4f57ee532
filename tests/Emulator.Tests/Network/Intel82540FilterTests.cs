namespace Emulator.Tests;

public sealed class Intel82540FilterTests : IDisposable
{
    private const uint Enable = 1 << 1;
    private const uint AllUnicast = 1 << 3;
    private const uint AllMulticast = 1 << 4;
    private const uint Broadcast = 1 << 15;

    private static readonly byte[] s_other = [0x52, 0x54, 0, 0x99, 0x99, 0x99];
    private static readonly byte[] s_group = [0x01, 0x00, 0x5e, 0x01, 0x02, 0x03];
    private static readonly byte[] s_all = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    private readonly Intel82540Guest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Theory]
    [InlineData(Enable, true, false, false, false)]
    [InlineData(Enable | Broadcast, true, false, false, true)]
    [InlineData(Enable | AllUnicast, true, true, false, false)]
    [InlineData(Enable | AllMulticast, true, false, true, true)]
    [InlineData(Enable | AllMulticast | AllUnicast | Broadcast, true, true, true, true)]
    [InlineData(0u, false, false, false, false)]
    public void Frames_pass_as_receive_control_says(uint control, bool own, bool other, bool group, bool broadcast)
    {
        _guest.Start(control);
        Passes(NicMachine.Station).ShouldBe(own);
        Passes(s_other).ShouldBe(other);
        Passes(s_group).ShouldBe(group);
        Passes(s_all).ShouldBe(broadcast);
        _guest.Test.ShouldHaveReportedNothing();
    }

    [Fact]
    public void Any_of_sixteen_addresses_matches_while_it_is_valid()
    {
        _guest.Start(Enable);
        _guest[0x5478] = 0x9900_5452;
        _guest[0x547c] = 0x8000_9999;
        Passes(s_other).ShouldBeTrue();
        _guest[0x547c] = 0x0000_9999;
        Passes(s_other).ShouldBeFalse();
        _guest[0x547c] = 0x8001_9999;
        Passes(s_other).ShouldBeFalse("it is a source address");
    }

    [Theory]
    [InlineData(0u, 4)]
    [InlineData(1u, 3)]
    [InlineData(2u, 2)]
    [InlineData(3u, 0)]
    public void The_multicast_table_is_indexed_by_twelve_bits_of_the_address(uint offset, int shift)
    {
        uint bit = (0x0302u >> shift) & 0xfff;
        _guest.Start(Enable | offset << 12);
        Passes(s_group).ShouldBeFalse();
        _guest[0x5200 + 4 * (bit >> 5)] = 1u << (int)(bit & 31);
        Passes(s_group).ShouldBeTrue();
        (_guest.Report(0).Status & 0x80).ShouldBe(0x80, "the filter is inexact");
    }

    [Fact]
    public void A_receiver_that_is_switched_off_loses_frames_and_begins_with_new_ones()
    {
        _guest.Start();
        _guest[Intel82540Guest.ReceiveControl] = Broadcast;
        Passes(NicMachine.Station).ShouldBeFalse();
        _guest.Test.Peer.FramesLost.ShouldBe(1);
        _guest[Intel82540Guest.ReceiveControl] = Broadcast | Enable;
        _guest[Intel82540Guest.ReceiveHead].ShouldBe(0u);
        Passes(NicMachine.Station).ShouldBeTrue();
    }

    [Fact]
    public void A_card_that_may_not_master_the_bus_takes_nothing()
    {
        _guest.Start();
        _guest.Test.Machine.WriteConfig(NicMachine.Card, 0x04, 2, 0x3);
        _guest.Test.Serve();
        Passes(NicMachine.Station).ShouldBeFalse();
        _guest.Transmit(NicMachine.FrameTo(s_all, 100));
        _guest.Test.Sent().ShouldBeNull();
        _guest.Test.Machine.WriteConfig(NicMachine.Card, 0x04, 2, 0x7);
        _guest.Test.Serve();
        _guest.Test.Sent()!.Length.ShouldBe(100);
        Passes(NicMachine.Station).ShouldBeTrue();
    }

    private bool Passes(byte[] destination)
    {
        uint before = _guest[Intel82540Guest.ReceiveHead];
        _guest.Test.Send(NicMachine.FrameTo(destination, 80));
        return _guest[Intel82540Guest.ReceiveHead] != before;
    }
}
