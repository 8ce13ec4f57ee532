using L4;

namespace Nddf;

/// <summary>What both directions of a session have in common: frame memory, ring, doorbell and the wait.</summary>
/// <remarks>One thread at a time, but for <see cref="Interrupt"/>. Nothing here allocates after the start.</remarks>
public abstract class ClientQueue
{
    private const ulong ReturnedBit = 1;
    private const ulong GoneBit = 2;
    private const ulong InterruptBit = 4;

    private readonly L4Task _task;
    private readonly string _nic;
    private readonly Capability _frames;
    private readonly Mapping _memory;
    private readonly Capability _notificationCapability;
    private readonly Notification _notification;
    private readonly QueueRing _connection;
    private readonly Mapping _ringMapping;
    private readonly Portal _doorbell;

    private protected ClientQueue(L4Task task, NicSessionProxy session, NicSessionInfo info, NicDirection direction, uint slots)
    {
        _task = task;
        _nic = info.Nic;
        Slots = slots;
        // Checked before it is multiplied.
        FrameRing.BytesFor(slots);
        _frames = task.CreateDataspace($"{info.Nic}-{direction}-frames", (ulong)slots * FrameRing.SlotBytes);
        _memory = task.Map(_frames);
        _notificationCapability = task.CreateNotification();
        _notification = task.Open<Notification>(_notificationCapability, CapabilityRights.All);
        task.NotifyWhenGone(session.Gate, _notificationCapability, GoneBit);
        // What is only to be sent need not be writable for anybody else.
        var shared = task.Restrict(_frames, direction == NicDirection.Transmit ? CapabilityRights.Read : CapabilityRights.All);
        try
        {
            _connection = session.Connect(direction, shared, slots, _notificationCapability, ReturnedBit);
        }
        catch
        {
            FreeOwn();
            throw;
        }
        finally
        {
            task.Release(shared);
        }
        _ringMapping = task.Map(_connection.Ring);
        Ends = new FrameSubmitter(_ringMapping, slots);
        _doorbell = task.Open<Portal>(_connection.Doorbell);
    }

    /// <summary>Slots of the queue.</summary>
    public uint Slots { get; }

    /// <summary>Whether the link is up.</summary>
    public bool IsLinkUp => (Ends.State & (NicState.LinkUp | NicState.Gone)) == NicState.LinkUp;

    /// <summary>Whether the card is gone: no frame passes any more.</summary>
    public bool IsGone => Ends.State.HasFlag(NicState.Gone);

    /// <summary>Whether a slot came back that was not taken yet.</summary>
    public bool HasReturned => Ends.Completions.HasNext;

    /// <summary>The whole memory of all slots; slot <c>n</c> starts at <c>n</c> times <see cref="FrameRing.SlotBytes"/>.</summary>
    public Span<byte> Memory => _memory.Bytes;

    private protected FrameSubmitter Ends { get; }

    /// <summary>Hands what was submitted since the last call to the framework.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone, or the session closed.</exception>
    public void Ring() => _doorbell.Enter(0);

    /// <summary>Waits until slots came back, or the link or the card changed; may return early, so look again.</summary>
    /// <param name="deadline">Time of the system's clock in nanoseconds.</param>
    /// <returns>False when the deadline was reached, or the wait was interrupted.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone.</exception>
    public bool Wait(long deadline = Clock.Never)
    {
        if (HasReturned)
            return true;
        ulong bits = _notification.Wait(deadline);
        if ((bits & GoneBit) != 0)
            throw new ServiceException(ServiceError.ServerGone, $"the network framework is gone, and with it the session on {_nic}");
        return (bits & ReturnedBit) != 0;
    }

    /// <summary>Ends a wait. From any thread.</summary>
    public void Interrupt() => _notification.Signal(InterruptBit);

    /// <summary>Gives everything up. The session is closed, and no thread uses the queue.</summary>
    internal void Free()
    {
        _ringMapping.Dispose();
        _task.Release(_connection.Ring);
        _task.Release(_connection.Doorbell);
        FreeOwn();
    }

    private protected Span<byte> SlotMemory(uint slot) => _memory.Bytes.Slice((int)slot * FrameRing.SlotBytes, FrameRing.SlotBytes);

    private void FreeOwn()
    {
        _memory.Dispose();
        _task.Release(_notificationCapability);
        _task.Release(_frames);
    }
}

/// <summary>Frames to the wire.</summary>
public sealed class TransmitQueue : ClientQueue
{
    private readonly uint[] _free;
    private uint _freeCount;

    internal TransmitQueue(L4Task task, NicSessionProxy session, NicSessionInfo info, uint slots)
        : base(task, session, info, NicDirection.Transmit, slots)
    {
        _free = [.. Enumerable.Range(0, (int)slots).Select(slot => (uint)slot)];
        _freeCount = slots;
    }

    /// <summary>Frames that were submitted and have not come back.</summary>
    public uint InFlight => Slots - _freeCount;

    /// <summary>Frames that the device took.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Frames that came back for any other reason; see <see cref="LastFailure"/>.</summary>
    public ulong Failed { get; private set; }

    /// <summary>How the last frame that failed did.</summary>
    public FrameStatus LastFailure { get; private set; }

    /// <summary>The memory for the next frame; empty when all slots are in flight. The same until <see cref="Submit"/>.</summary>
    public Span<byte> Next()
    {
        if (_freeCount == 0)
            Reap();
        return _freeCount == 0 ? [] : SlotMemory(_free[_freeCount - 1]);
    }

    /// <summary>Submits what was written into <see cref="Next"/>. It starts with the next <see cref="ClientQueue.Ring"/>.</summary>
    /// <param name="length">Bytes of the frame, header included, checksum not.</param>
    public void Submit(int length)
    {
        if (_freeCount == 0)
            throw new InvalidOperationException("No slot is free: Next was not asked.");
        Ends.Submissions.Write(new FrameDescriptor(_free[--_freeCount], (uint)length));
    }

    /// <summary>Copies a frame into a slot and submits it.</summary>
    /// <returns>False when all slots are in flight.</returns>
    public bool TrySubmit(ReadOnlySpan<byte> frame)
    {
        var slot = Next();
        if (slot.IsEmpty)
            return false;
        frame.CopyTo(slot);
        Submit(frame.Length);
        return true;
    }

    /// <summary>Takes the slots that came back.</summary>
    public void Reap()
    {
        while (_freeCount < Slots && Ends.Completions.TryRead(out var descriptor))
        {
            _free[_freeCount++] = descriptor.Slot;
            if (descriptor.Status == FrameStatus.Ok)
            {
                Sent++;
            }
            else
            {
                Failed++;
                LastFailure = descriptor.Status;
            }
        }
    }
}

/// <summary>Frames from the wire. All slots are handed over at the start; each is handed back with the <see cref="TryTake"/> after the one that brought it.</summary>
public sealed class ReceiveQueue : ClientQueue
{
    private const uint None = uint.MaxValue;

    private uint _taken = None;

    internal ReceiveQueue(L4Task task, NicSessionProxy session, NicSessionInfo info, uint slots)
        : base(task, session, info, NicDirection.Receive, slots)
    {
        for (uint slot = 0; slot < slots; slot++)
            Ends.Submissions.Write(new FrameDescriptor(slot, 0));
        Ring();
    }

    /// <summary>Frames that came.</summary>
    public ulong Received { get; private set; }

    /// <summary>Takes the next frame. Slots are given back by the next call of this, and with the next <see cref="ClientQueue.Ring"/> after that the driver sees
    /// them: so all frames of a batch stay in their slots until it. Call it once a batch.</summary>
    /// <returns>False when none is there.</returns>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        HandBack();
        while (Ends.Completions.TryRead(out var descriptor))
        {
            // A card that is gone gives its slots back for good.
            if (descriptor.Status is FrameStatus.DeviceGone or FrameStatus.Aborted || descriptor.Slot >= Slots)
                continue;
            _taken = descriptor.Slot;
            if (descriptor.Status == FrameStatus.Ok && descriptor.Length <= FrameRing.SlotBytes)
            {
                Received++;
                frame = SlotMemory(descriptor.Slot)[..(int)descriptor.Length];
                return true;
            }
            HandBack();
        }
        frame = [];
        return false;
    }

    private void HandBack()
    {
        if (_taken == None)
            return;
        Ends.Submissions.Write(new FrameDescriptor(_taken, 0));
        _taken = None;
    }
}
