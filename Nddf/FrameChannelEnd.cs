using L4;

namespace Nddf;

/// <summary>What every network driver needs to serve one <see cref="INicChannel"/>: the frames out of the ring and back into it. The frames'
/// memory is the driver's own part.</summary>
/// <remarks>One thread at a time. Taking, completing and notifying allocate nothing.</remarks>
public sealed class FrameChannelEnd : IDisposable
{
    private readonly L4Task _task;
    private readonly Capability _ringCapability;
    private readonly Capability _portalCapability;
    private readonly Portal _portal;
    private readonly Mapping _mapping;
    private readonly FrameServer _ring;
    private readonly uint _slots;
    private bool _completed;

    /// <summary>Uses the ring and the portal that came with <see cref="INicDriver.OpenChannel"/>; from here on they are this object's.</summary>
    /// <param name="task">The driver's task.</param>
    /// <param name="slots">As it came.</param>
    /// <param name="ring">As it came.</param>
    /// <param name="portal">As it came.</param>
    /// <exception cref="ServiceException">A capability is not what it should be, or the ring does not hold the slots.</exception>
    public FrameChannelEnd(L4Task task, uint slots, Capability ring, Capability portal)
    {
        _task = task;
        _slots = slots;
        _ringCapability = ring;
        _portalCapability = portal;
        _portal = task.Open<Portal>(portal);
        _mapping = task.Map(ring);
        _ring = new FrameServer(_mapping, slots);
    }

    /// <summary>Whether there is something to take.</summary>
    public bool HasNext => _ring.Submissions.HasNext;

    /// <summary>Whether a reception has slots for so many frames, or for half of its queue if that is less: whoever returns slots in batches would never
    /// return all.</summary>
    public bool HasRoomFor(int frames) => _ring.Submissions.HasAtLeast(Math.Min((uint)frames, Math.Max(1, _slots / 2)));

    /// <summary>Asks for the doorbell to be rung when slots are handed over, for as long as <see cref="HasRoomFor"/> is false.</summary>
    /// <returns>False when there is room already.</returns>
    public bool MustWaitForRoom(int frames)
    {
        _ring.SetState(NicState.WantsSlots);
        // The framework looks at the state after it wrote slots: one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (!HasRoomFor(frames))
            return true;
        StopWaitingForRoom();
        return false;
    }

    /// <summary>The doorbell need not be rung for slots any more.</summary>
    public void StopWaitingForRoom() => _ring.SetState(NicState.None);

    /// <summary>Takes the next frame to send, or the next slot to fill; false when there is none.</summary>
    /// <remarks>A slot that does not exist never comes out of here, whatever the ring says: it would lead outside the frames' memory.</remarks>
    public bool TryTake(out FrameDescriptor descriptor)
    {
        while (_ring.Submissions.TryRead(out descriptor))
        {
            if (descriptor.Slot < _slots && descriptor.Length <= FrameRing.SlotBytes && descriptor.Status == FrameStatus.Ok)
                return true;
            Complete(descriptor with { Status = FrameStatus.Malformed });
        }
        return false;
    }

    /// <summary>Gives a slot back; the framework sees it after <see cref="Notify"/>.</summary>
    public void Complete(in FrameDescriptor descriptor)
    {
        _ring.Completions.Write(descriptor);
        _completed = true;
    }

    /// <summary>Hands what was given back since the last call to the framework, on this thread. Does nothing if there is nothing, so a driver
    /// may call it at the end of each round of its loop.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone, and with it everybody to serve.</exception>
    public void Notify()
    {
        if (!_completed)
            return;
        _completed = false;
        _portal.Post((ulong)QueueSignal.Completed);
    }

    /// <summary>Tells whether the link is up.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: the framework is gone.</exception>
    public void SetLink(bool isUp) => _portal.Post((ulong)(isUp ? QueueSignal.LinkUp : QueueSignal.LinkDown));

    /// <summary>Gives the ring and the portal up. Nothing of this object may be in use.</summary>
    public void Dispose()
    {
        _mapping.Dispose();
        _task.Release(_ringCapability);
        _task.Release(_portalCapability);
    }
}

/// <summary>What a driver says when it enters a channel's portal.</summary>
internal enum QueueSignal : ulong
{
    /// <summary>Slots came back.</summary>
    Completed = 0,

    /// <summary>The link went down.</summary>
    LinkDown = 1,

    /// <summary>The link came up.</summary>
    LinkUp = 2,
}
