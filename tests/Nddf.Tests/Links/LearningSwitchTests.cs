using FsCheck;
using FsCheck.Fluent;
using L4;
using Nddf.Links;

namespace Nddf.Tests.Links;

public sealed class LearningSwitchTests
{
    private static readonly HardwareAddress s_here = new(0x0200_0000_0001);
    private static readonly HardwareAddress s_there = new(0x0200_0000_0002);

    private readonly VirtualClock _clock = new();
    private readonly LearningSwitch _switch;

    public LearningSwitchTests() => _switch = new LearningSwitch(4, _clock);

    [Fact]
    public void Frame_to_an_unknown_station_goes_everywhere_but_back() => _switch.Forward(1, Frame(s_there, s_here)).ShouldBe(0b1101UL);

    [Fact]
    public void Frame_to_a_known_station_goes_to_its_port_alone()
    {
        _switch.Forward(1, Frame(s_there, s_here));

        _switch.Forward(3, Frame(s_here, s_there)).ShouldBe(0b0010UL);
        _switch.Forward(1, Frame(s_there, s_here)).ShouldBe(0b1000UL);
    }

    [Fact]
    public void Frame_to_a_station_on_its_own_port_goes_nowhere()
    {
        _switch.Forward(1, Frame(s_there, s_here));

        _switch.Forward(1, Frame(s_here, s_there)).ShouldBe(0UL);
    }

    [Fact]
    public void Groups_are_flooded_and_never_learned()
    {
        _switch.Forward(0, Frame(s_there, HardwareAddress.Broadcast));

        _switch.Forward(2, Frame(HardwareAddress.Broadcast, s_here)).ShouldBe(0b1011UL);
    }

    [Fact]
    public void Station_that_moved_is_found_where_it_was_seen_last()
    {
        _switch.Forward(1, Frame(s_there, s_here));
        _switch.Forward(2, Frame(s_there, s_here));

        _switch.Forward(0, Frame(s_here, s_there)).ShouldBe(0b0100UL);
    }

    [Fact]
    public void Station_that_was_silent_for_too_long_is_forgotten()
    {
        _switch.Forward(1, Frame(s_there, s_here));
        _clock.Delay(LearningSwitch.DefaultAgeing);
        _switch.Forward(0, Frame(s_here, s_there)).ShouldBe(0b0010UL);

        _clock.Delay(1);

        _switch.Forward(0, Frame(s_here, s_there)).ShouldBe(0b1110UL);
    }

    [Fact]
    public void Flood_of_addresses_leaves_the_newest_and_costs_no_memory()
    {
        for (ulong i = 0; i < 100_000; i++)
        {
            _clock.Delay(1);
            _switch.Forward(1, Frame(s_there, new HardwareAddress(0x0200_1000_0000 + i)));
        }
        _clock.Delay(1);
        _switch.Forward(2, Frame(s_there, s_here));

        _switch.Forward(0, Frame(s_here, s_there)).ShouldBe(0b0100UL);
        int known = Enumerable.Range(0, 100_000).Count(i => _switch.Forward(0, Frame(new HardwareAddress(0x0200_1000_0000 + (ulong)i), s_there)) == 0b0010UL);
        known.ShouldBeInRange(LearningSwitch.Capacity / 2, LearningSwitch.Capacity);
    }

    [Fact]
    public void Whatever_comes_never_goes_back_or_to_a_port_that_is_not_there()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(), (frame, port) =>
        {
            int from = port % 4;
            ulong ports = _switch.Forward(from, frame);
            ports.ShouldBeLessThan(16UL);
            (ports & 1UL << from).ShouldBe(0UL);
            if (frame.Length < FrameRing.HeaderBytes)
                ports.ShouldBe(0UL);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void Number_of_ports_that_cannot_be_is_refused(int ports) => Should.Throw<ArgumentOutOfRangeException>(() => new LearningSwitch(ports, _clock));

    internal static byte[] Frame(HardwareAddress to, HardwareAddress from, int length = 60)
    {
        byte[] frame = new byte[length];
        to.Write(frame);
        from.Write(frame.AsSpan(HardwareAddress.Octets));
        return frame;
    }
}
