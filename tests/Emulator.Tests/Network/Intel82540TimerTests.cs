using L4;

namespace Emulator.Tests;

/// <summary>Interrupt delays, in units of 1.024 us and 256 ns, on the virtual clock.</summary>
public sealed class Intel82540TimerTests : IDisposable
{
    private const uint DelayInterrupt = 1u << 31;
    private const uint TransmitDelay = 0x3820;
    private const uint TransmitAbsoluteDelay = 0x382c;
    private const uint ReceiveDelay = 0x2820;
    private const uint ReceiveAbsoluteDelay = 0x282c;
    private const uint FlushPartial = 1u << 31;

    private readonly Intel82540Guest _guest = new();
    private readonly byte[] _frame = NicMachine.FrameTo(NicMachine.Station, 100);

    public Intel82540TimerTests()
    {
        _guest.Start();
        _guest[Intel82540Guest.MaskSet] = Intel82540Guest.Written | Intel82540Guest.Received;
    }

    private NicMachine Test => _guest.Test;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void A_transmit_interrupt_that_may_be_late_comes_after_its_delay()
    {
        _guest[TransmitDelay] = 8;
        _guest.Transmit(_frame, Intel82540Guest.Whole | DelayInterrupt);
        _guest.TransmitStatus(0).ShouldBe(1u);
        Test.Interrupt.Level.ShouldBeFalse();
        Test.ServeAtDeadline();
        Test.Clock.Now.ShouldBe(8 * 1024);
        Test.Interrupt.Level.ShouldBeTrue();
        Test.Serve().ShouldBe(Clock.Never);
    }

    [Fact]
    public void A_transmit_interrupt_that_may_not_be_late_comes_at_once()
    {
        _guest[TransmitDelay] = 8;
        _guest.Transmit(_frame);
        Test.Interrupt.Level.ShouldBeTrue();
    }

    [Fact]
    public void More_frames_move_the_interrupt_up_to_the_absolute_delay()
    {
        _guest[TransmitDelay] = 8;
        _guest[TransmitAbsoluteDelay] = 20;
        _guest.Transmit(_frame, Intel82540Guest.Whole | DelayInterrupt);
        for (int i = 0; i < 3; i++)
        {
            Test.Interrupt.Level.ShouldBeFalse();
            _guest.Transmit(_frame, Intel82540Guest.Whole | DelayInterrupt);
            Test.ServeAtDeadline();
        }
        Test.Clock.Now.ShouldBe(20 * 1024);
        Test.Interrupt.Level.ShouldBeTrue();
    }

    [Fact]
    public void A_receive_interrupt_waits_for_its_delay_or_for_a_flush()
    {
        _guest[ReceiveDelay] = 5;
        _guest[ReceiveAbsoluteDelay] = 50;
        Test.Send(_frame);
        (_guest.Report(0).Status & 1).ShouldBe(1);
        Test.Interrupt.Level.ShouldBeFalse();
        Test.ServeAtDeadline();
        Test.Clock.Now.ShouldBe(5 * 1024);
        Test.Interrupt.Level.ShouldBeTrue();
        _ = _guest[Intel82540Guest.Cause];
        Test.Send(_frame);
        Test.Interrupt.Level.ShouldBeFalse();
        _guest[ReceiveDelay] = 5 | FlushPartial;
        Test.Interrupt.Level.ShouldBeTrue();
        _guest[ReceiveDelay].ShouldBe(5u);
    }

    [Fact]
    public void A_reset_forgets_all_timers()
    {
        _guest[ReceiveDelay] = 5;
        _guest[TransmitDelay] = 8;
        Test.Send(_frame);
        _guest.Transmit(_frame, Intel82540Guest.Whole | DelayInterrupt);
        _guest[Intel82540Guest.Control] = 1u << 26;
        Test.Serve().ShouldBe(Clock.Never);
        Test.Interrupt.RisingEdges.ShouldBe(0);
    }

    [Fact]
    public void Frames_and_interrupts_allocate_nothing()
    {
        _guest[Intel82540Guest.Throttling] = 10;
        Allocations.ShouldSettleAtNone(() => Exchange(300));
    }

    private void Exchange(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            _guest.Transmit(_frame);
            Test.Peer.TrySend(_frame);
            Test.Peer.Flush();
            Test.Serve();
            _ = _guest[Intel82540Guest.Cause];
            _guest[Intel82540Guest.ReceiveTail] = (_guest[Intel82540Guest.ReceiveTail] + 1) % Intel82540Guest.RingLength;
            Test.Peer.DiscardReceived();
            Test.Peer.Flush();
        }
    }
}
