using System.Runtime.InteropServices;

namespace L4;

/// <summary>
/// An interrupt line as an object: its owner (L4Io) drives the level, its holder is told by a notification. Level-triggered: once
/// delivered, the line is masked until the holder acknowledges; if it is still high then, it is delivered again.
/// </summary>
/// <remarks>Owner and holder share a few words and no lock, so that neither can keep the other from going on, whatever it writes there.
/// A line that goes low while it is delivered may be delivered in vain, as on hardware.</remarks>
public sealed unsafe class Interrupt : KernelObject
{
    private readonly StateMemory _memory;
    private readonly InterruptState* _state;
    private readonly Notification _notification;
    private readonly ulong _bits;

    internal Interrupt(StateMemory memory, Notification notification, ulong bits)
    {
        _memory = memory;
        _state = (InterruptState*)memory.Address;
        _notification = notification;
        _bits = bits;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct InterruptState
    {
        public int Asserted;
        public int Masked;
        public int Disconnected;
        public long Rises;
        public long Delivered;
    }

    /// <summary>Deliveries since the object was made.</summary>
    public long Delivered => Volatile.Read(ref _state->Delivered);

    /// <summary>How often the line went from low to high.</summary>
    public long Rises => Volatile.Read(ref _state->Rises);

    /// <summary>Drives the line. Called by the owner of the hardware, on one thread at a time.</summary>
    public void SetLevel(bool asserted)
    {
        if (asserted && _state->Asserted == 0)
            Volatile.Write(ref _state->Rises, unchecked(_state->Rises + 1));
        Volatile.Write(ref _state->Asserted, asserted ? 1 : 0);
        // Against Acknowledge, which opens the mask and then looks at the level: one of the two sees what the other did.
        Interlocked.MemoryBarrier();
        Deliver();
    }

    /// <summary>Delivers nothing any more, for good. A delivery that is under way may still come.</summary>
    public void Disconnect() => Volatile.Write(ref _state->Disconnected, 1);

    /// <summary>The holder has served the device: delivers again, at once if the line is still high.</summary>
    public void Acknowledge()
    {
        Volatile.Write(ref _state->Masked, 0);
        Interlocked.MemoryBarrier();
        Deliver();
    }

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors)
    {
        descriptors.Lend(_memory.Descriptor);
        _ = _notification.Export(CapabilityRights.Write, descriptors);
        return new CapabilityRecord { Kind = CapabilityKind.Interrupt, Bits = _bits };
    }

    private void Deliver()
    {
        if (Volatile.Read(ref _state->Asserted) == 0 || Volatile.Read(ref _state->Disconnected) != 0 || Interlocked.Exchange(ref _state->Masked, 1) != 0)
            return;
        Interlocked.Increment(ref _state->Delivered);
        _notification.Signal(_bits);
    }
}
