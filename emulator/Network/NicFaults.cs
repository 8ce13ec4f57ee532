namespace Emulator;

/// <summary>What can be wrong with a network card.</summary>
[Flags]
public enum NicFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The transmitter takes nothing: frames stay the card's, and none reaches the wire.</summary>
    TransmitterStandsStill = 1,

    /// <summary>Frames reach the wire, but the card never says so: no done bit, no cause of an interrupt. A card that sends from registers
    /// instead of a ring sends one frame and is busy with it from then on.</summary>
    DoneIsNotWritten = 2,

    /// <summary>The interrupt pin stays low, whatever the causes.</summary>
    InterruptIsLost = 4,

    /// <summary>The interrupt pin stays high, whatever the driver does.</summary>
    InterruptIsStuck = 8,
}

/// <summary>
/// Faults of a network card, for tests of drivers: what a driver does about a transmitter that hangs or an interrupt that is lost. They are the
/// card's state, so the thread that runs its driver sets them, or another one before the driver starts.
/// </summary>
public sealed class NicFaults
{
    private InterruptLine? _line;
    private Action? _changed;
    private NicFault _present;

    /// <summary>What is wrong now.</summary>
    public NicFault Present
    {
        get => _present;
        set
        {
            _present = value;
            Show();
            // What waited for the end of a fault goes on.
            _changed?.Invoke();
        }
    }

    /// <summary>Whether a reset of the card's transmitter, by software, mends everything; else faults stay until <see cref="Present"/> changes.</summary>
    public bool AreMendedByReset { get; init; } = true;

    /// <summary>Resets of the transmitter while something was wrong.</summary>
    public int Resets { get; private set; }

    internal bool TransmitterStandsStill => (_present & NicFault.TransmitterStandsStill) != 0;

    internal bool DoneIsNotWritten => (_present & NicFault.DoneIsNotWritten) != 0;

    /// <summary>The card that has these faults: its pin, and whom to tell that they are others now.</summary>
    internal void Connect(InterruptLine line, Action changed)
    {
        _line = line;
        _changed = changed;
        Show();
    }

    /// <summary>Software reset the transmitter.</summary>
    internal void TransmitterReset()
    {
        if (_present == NicFault.None)
            return;
        Resets++;
        if (AreMendedByReset)
            Present = NicFault.None;
    }

    private void Show() => _line?.Force(
        (_present & NicFault.InterruptIsStuck) != 0 ? true
        : (_present & NicFault.InterruptIsLost) != 0 ? false
        : null);
}
