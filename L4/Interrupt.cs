namespace L4;

/// <summary>
/// An interrupt line as an object: its owner (L4Io) drives the level, its holder binds a notification. Level-triggered: once
/// delivered, the line is masked until the holder acknowledges; if it is still high then, it is delivered again.
/// </summary>
public sealed class Interrupt : KernelObject
{
    private readonly Lock _lock = new();
    private Notification? _notification;
    private ulong _bits;
    private bool _asserted;
    private bool _masked;

    /// <summary>Deliveries since the object was made.</summary>
    public long Delivered { get; private set; }

    /// <summary>How often the line went from low to high.</summary>
    public long Rises { get; private set; }

    /// <summary>Drives the line. Called by the owner of the hardware, on any thread.</summary>
    public void SetLevel(bool asserted)
    {
        lock (_lock)
        {
            if (asserted && !_asserted)
                Rises++;
            _asserted = asserted;
            Deliver();
        }
    }

    /// <summary>Delivers to <paramref name="notification"/> from now on; a line that is high is delivered at once.</summary>
    /// <exception cref="ServiceException">Something is bound already.</exception>
    public void Bind(Notification notification, ulong bits)
    {
        lock (_lock)
        {
            if (_notification is not null)
                throw new ServiceException(ServiceError.Busy, "the interrupt is bound to a notification already");
            _notification = notification;
            _bits = bits;
            _masked = false;
            Deliver();
        }
    }

    /// <summary>Delivers nothing any more. No delivery is under way when this returns.</summary>
    public void Unbind()
    {
        lock (_lock)
            _notification = null;
    }

    /// <summary>The holder has served the device: delivers again, at once if the line is still high.</summary>
    public void Acknowledge()
    {
        lock (_lock)
        {
            _masked = false;
            Deliver();
        }
    }

    private void Deliver()
    {
        if (!_asserted || _masked || _notification is null)
            return;
        _masked = true;
        Delivered++;
        _notification.Signal(_bits);
    }
}
