using L4Io;

namespace Emulator;

/// <summary>
/// One interrupt line with one device on it. The ISA lines are edges on a PC; here their level is reported, and the receiver makes of
/// it what its interrupt controller would. A sink is connected before the driver that waits for it uses the device, so that a change
/// and a connection do not meet; a line that is taken away may report once more to its old sink.
/// </summary>
internal sealed class InterruptLine
{
    private volatile bool _level;
    private volatile IInterruptSink? _sink;
    private bool _driven;
    private bool? _forced;

    /// <summary>Connects or disconnects the receiver; a high line is reported at once.</summary>
    public void Connect(IInterruptSink? sink)
    {
        _sink = sink;
        if (_level)
            sink?.SetLevel(true);
    }

    /// <summary>The device drives the line.</summary>
    public void Set(bool level)
    {
        _driven = level;
        Show(_forced ?? level);
    }

    /// <summary>Something holds the line at a level, whatever the device does; null lets it go. On the device's thread.</summary>
    public void Force(bool? level)
    {
        _forced = level;
        Show(level ?? _driven);
    }

    private void Show(bool level)
    {
        if (level == _level)
            return;
        _level = level;
        _sink?.SetLevel(level);
    }
}
