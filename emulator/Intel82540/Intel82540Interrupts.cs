using L4;

namespace Emulator;

/// <summary>
/// Causes, masks, and when the interrupt pin goes up: section 13.4.16 to 13.4.21. Throttling and the delay timers are deadlines of the
/// system's clock; they expire when the card is served.
/// </summary>
internal sealed class Intel82540Interrupts
{
    private const long ThrottlingUnit = 256;
    private const long DelayUnit = 1024;

    private readonly Intel82540 _card;
    private readonly Intel82540Registers _registers;
    private readonly InterruptLine _line;
    private readonly Clock _clock;
    private long _earliest;
    private long _throttled = Clock.Never;
    private Delay _transmitDelay;
    private Delay _receiveDelay;
    private bool _asserted;

    public Intel82540Interrupts(Intel82540 card, Intel82540Registers registers, InterruptLine line, Clock clock)
    {
        _card = card;
        _registers = registers;
        _line = line;
        _clock = clock;
        Reset();
    }

    /// <summary>A pair of timers: one restarts with each event, the other bounds the delay from the first one.</summary>
    private struct Delay
    {
        public long Deadline;
        public long Limit;

        /// <summary>More events came since the deadline was set. They would have moved it; reading the clock for each is too dear.</summary>
        public bool Moved;
    }

    /// <summary>When something expires next.</summary>
    public long NextDeadline => Math.Min(_throttled, Math.Min(_transmitDelay.Deadline, _receiveDelay.Deadline));

    /// <summary>No cause, no timer.</summary>
    public void Reset()
    {
        _earliest = 0;
        _throttled = Clock.Never;
        _transmitDelay.Deadline = Clock.Never;
        _receiveDelay.Deadline = Clock.Never;
        Update();
    }

    /// <summary>Something happened.</summary>
    public void Raise(uint causes)
    {
        _registers.InterruptCauseRegister |= causes;
        Update();
    }

    /// <summary>Descriptors were written back whose sender does not mind to hear of it later (IDE).</summary>
    public void RaiseTransmittedLater() => Start(
        ref _transmitDelay, _registers.TransmitDelayTime, _registers.TransmitAbsoluteDelayTime, Intel82540Registers.InterruptCauseTransmitDescriptorWrittenBackMask);

    /// <summary>Frames were received.</summary>
    public void RaiseReceived() => Start(
        ref _receiveDelay, _registers.ReceiveDelayTime, _registers.ReceiveAbsoluteDelayTime, Intel82540Registers.InterruptCauseReceiverTimerMask);

    /// <summary>A delay of received frames ends now.</summary>
    public void FlushReceived()
    {
        if (_receiveDelay.Deadline == Clock.Never)
            return;
        _receiveDelay.Deadline = Clock.Never;
        Raise(Intel82540Registers.InterruptCauseReceiverTimerMask);
    }

    /// <summary>Causes or masks changed.</summary>
    public void Update()
    {
        if ((_registers.InterruptCauseRegister & _registers.InterruptMaskRegister) == 0)
        {
            _asserted = false;
            _line.Set(false);
            return;
        }

        if (_asserted || _throttled != Clock.Never)
            return;
        uint interval = _registers.InterruptThrottlingInterval;
        if (interval != 0)
        {
            long now = _clock.Now;
            if (now < _earliest)
            {
                _throttled = _earliest;
                _card.RequestService();
                return;
            }
            _earliest = now + ThrottlingUnit * interval;
        }
        _asserted = true;
        _line.Set(true);
    }

    /// <summary>What is due happens.</summary>
    public void Expire()
    {
        if (NextDeadline == Clock.Never)
            return;
        long now = _clock.Now;
        Expire(ref _transmitDelay, now, _registers.TransmitDelayTime, Intel82540Registers.InterruptCauseTransmitDescriptorWrittenBackMask);
        Expire(ref _receiveDelay, now, _registers.ReceiveDelayTime, Intel82540Registers.InterruptCauseReceiverTimerMask);
        if (now < _throttled)
            return;
        _throttled = Clock.Never;
        Update();
    }

    private void Start(ref Delay delay, uint time, uint limit, uint cause)
    {
        if (time == 0)
        {
            Raise(cause);
            return;
        }

        if (delay.Deadline != Clock.Never)
        {
            delay.Moved = true;
            return;
        }
        long now = _clock.Now;
        delay.Limit = limit == 0 ? Clock.Never : now + DelayUnit * limit;
        delay.Deadline = Math.Min(now + DelayUnit * time, delay.Limit);
        delay.Moved = false;
        _card.RequestService();
    }

    private void Expire(ref Delay delay, long now, uint time, uint cause)
    {
        if (now < delay.Deadline)
            return;
        if (delay.Moved && now < delay.Limit)
        {
            delay.Deadline = Math.Min(now + DelayUnit * time, delay.Limit);
            delay.Moved = false;
            return;
        }
        delay.Deadline = Clock.Never;
        _registers.InterruptCauseRegister |= cause;
        Update();
    }
}
