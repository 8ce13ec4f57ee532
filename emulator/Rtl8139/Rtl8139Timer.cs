using L4;

namespace Emulator;

/// <summary>TCTR and TimerInt: a 32-bit counter of the bus's clock, and a value at which it interrupts.</summary>
internal sealed class Rtl8139Timer(Clock clock)
{
    /// <summary>Nanoseconds of a cycle at 33 MHz.</summary>
    private const long Cycle = 30;

    private const long Period = (1L << 32) * Cycle;

    private long _start = clock.Now;
    private uint _alarm;

    /// <summary>TCTR.</summary>
    public uint Count => (uint)((clock.Now - _start) / Cycle & uint.MaxValue);

    /// <summary>When the counter reaches the alarm next.</summary>
    public long Deadline { get; private set; } = Clock.Never;

    /// <summary>The counter starts at zero.</summary>
    public void Restart()
    {
        _start = clock.Now;
        FindDeadline();
    }

    /// <summary>Sets TimerInt; zero is none.</summary>
    public void SetAlarm(uint count)
    {
        _alarm = count;
        FindDeadline();
    }

    /// <summary>Whether the alarm was reached since this was asked last.</summary>
    public bool Expire()
    {
        if (Deadline == Clock.Never || clock.Now < Deadline)
            return false;
        FindDeadline();
        return true;
    }

    private void FindDeadline()
    {
        if (_alarm == 0)
        {
            Deadline = Clock.Never;
            return;
        }

        long elapsed = clock.Now - _start;
        long next = elapsed / Period * Period + _alarm * Cycle;
        Deadline = _start + (next > elapsed ? next : next + Period);
    }
}
