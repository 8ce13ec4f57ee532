using DdeLinux;
using L4;
using L4Io;
using Nddf;

namespace Ports;

/// <summary>One stream of frames from or to a Linux card. The service's calls come on the task's server thread and enter the domain; all else
/// belongs to the holder of the domain's baton.</summary>
internal abstract class LinuxNicChannel : INicChannel
{
    private LinuxDomain? _domain;
    private LinuxNic? _nic;
    private Capability _gate;

    private protected LinuxNicChannel(FrameChannelEnd end) => End = end;

    /// <summary>The framework's ring and portal.</summary>
    internal FrameChannelEnd End { get; }

    /// <summary>What the framework signals.</summary>
    private protected abstract (Capability Notification, ulong Bits) Doorbell { get; }

    /// <summary>Frames that the driver has.</summary>
    private protected abstract int Held { get; }

    /// <summary>Makes the channel's gate.</summary>
    internal NicChannelSetup Publish(LinuxDomain domain, LinuxNic nic)
    {
        _domain = domain;
        _nic = nic;
        _gate = domain.Task.CreateGate(new NicChannelDispatcher(this));
        return new NicChannelSetup(_gate, Doorbell.Notification, Doorbell.Bits);
    }

    /// <inheritdoc />
    public void Close()
    {
        if (_domain is not { } domain || _nic is not { } nic)
            return;
        _domain = null;
        domain.InvokeSleeping("close", () =>
        {
            StopTaking();
            // What a card holds when it is stopped comes back, whatever state its link is in.
            if (Held > 0)
                nic.Restart();
            nic.Remove(this);
            if (nic.IsUnused)
                nic.Device.Close();
            Free();
            End.Dispose();
        });
        domain.Task.Release(_gate);
    }

    private protected abstract void StopTaking();

    private protected abstract void Free();
}

/// <summary>Frames to be sent, from where they lie in the client's memory: a window in the domain's arena that the device may read.</summary>
internal sealed class LinuxTransmitChannel : LinuxNicChannel
{
    private const int SlotBits = 16;

    private readonly LinuxKernel _kernel;
    private readonly LinuxNic _nic;
    private readonly Capability _frames;
    private readonly ulong _busAddress;
    private readonly ulong _length;
    private readonly ulong _doorbellBit;
    private readonly bool[] _isHeld;
    private readonly uint[] _lengths;
    private FrameDescriptor _waiting;
    private bool _isWaiting;
    private bool _isTaking;
    private bool _hasRoom;
    private int _held;

    internal LinuxTransmitChannel(LinuxKernel kernel, LinuxNic nic, Capability frames, uint slots, FrameChannelEnd end)
        : base(end)
    {
        _kernel = kernel;
        _nic = nic;
        _frames = frames;
        _isHeld = new bool[slots];
        _lengths = new uint[slots];
        _length = kernel.Task.Open<Dataspace>(frames).Size;
        _busAddress = kernel.Arena.MapWindow(frames, CapabilityRights.Read);
        kernel.Pci.MapWindow(frames, _length, _busAddress, DmaAccess.Read);
        _doorbellBit = kernel.Cpu.AddEvent(Take);
    }

    /// <summary>The channel's number in tokens.</summary>
    internal int Index { get; set; }

    private protected override (Capability Notification, ulong Bits) Doorbell => (_kernel.Cpu.EventsCapability, _doorbellBit);

    private protected override int Held => _held;

    /// <summary>Hands the driver what there is, until its queue is full.</summary>
    internal void Take()
    {
        // The driver may report that its queue has room while it takes a frame, or refuses one.
        _hasRoom = true;
        if (_isTaking)
            return;
        _isTaking = true;
        try
        {
            while (_isWaiting || End.TryTake(out _waiting))
            {
                _hasRoom = false;
                _isWaiting = !TryTransmit(_waiting);
                if (_isWaiting && !_hasRoom)
                    break;
            }
        }
        finally
        {
            _isTaking = false;
        }
        End.Notify();
    }

    /// <summary>The driver gives a frame back that it held.</summary>
    /// <returns>False when it is none of this channel's.</returns>
    internal bool TryComplete(ulong token)
    {
        ulong slot = token & ((1UL << SlotBits) - 1);
        if (token >> SlotBits != (ulong)Index || slot >= (ulong)_isHeld.Length || !_isHeld[slot])
            return false;
        _isHeld[slot] = false;
        _held--;
        End.Complete(new FrameDescriptor((uint)slot, _lengths[slot]));
        return true;
    }

    private protected override void StopTaking()
    {
        _kernel.Cpu.RemoveEvent(_doorbellBit);
        _isTaking = true;
    }

    private protected override void Free()
    {
        _kernel.Pci.UnmapWindow(_busAddress, _length);
        _kernel.Arena.UnmapWindow(_busAddress);
        _kernel.Task.Release(_frames);
    }

    /// <returns>False when the driver's queue is full.</returns>
    private bool TryTransmit(in FrameDescriptor frame)
    {
        if (frame.Length > (uint)_nic.Device.Mtu + FrameRing.HeaderBytes)
        {
            End.Complete(frame with { Status = FrameStatus.Dropped });
            return true;
        }
        // Before the call: the driver may be done with the frame before it returns.
        _isHeld[frame.Slot] = true;
        _lengths[frame.Slot] = frame.Length;
        _held++;
        var outcome = _nic.Device.TryTransmit(_busAddress + frame.Slot * (ulong)FrameRing.SlotBytes, (int)frame.Length, (ulong)Index << SlotBits | frame.Slot, End.HasNext);
        if (outcome == TransmitOutcome.Held)
            return true;
        _isHeld[frame.Slot] = false;
        _held--;
        if (outcome == TransmitOutcome.Busy)
            return false;
        End.Complete(outcome == TransmitOutcome.Copied ? frame : frame with { Status = FrameStatus.Dropped });
        return true;
    }
}

/// <summary>Frames received. The slots are written by the processor alone: the device has no window to them.</summary>
internal sealed class LinuxReceiveChannel : LinuxNicChannel
{
    private readonly LinuxKernel _kernel;
    private readonly LinuxNic _nic;
    private readonly Capability _frames;
    private readonly Mapping _memory;

    internal LinuxReceiveChannel(LinuxKernel kernel, LinuxNic nic, Capability frames, bool isPromiscuous, FrameChannelEnd end)
        : base(end)
    {
        _kernel = kernel;
        _nic = nic;
        _frames = frames;
        _memory = kernel.Task.Map(frames);
        IsPromiscuous = isPromiscuous;
    }

    /// <summary>Whether all frames on the wire are wanted.</summary>
    internal bool IsPromiscuous { get; }

    private protected override (Capability Notification, ulong Bits) Doorbell => (_kernel.Cpu.EventsCapability, _nic.SlotsBit);

    private protected override int Held => 0;

    /// <summary>Copies a frame into the next slot; false when the client has handed none over.</summary>
    internal bool TryFill(ReadOnlySpan<byte> frame)
    {
        if (!End.TryTake(out var slot))
            return false;
        frame.CopyTo(_memory.Bytes[((int)slot.Slot * FrameRing.SlotBytes)..]);
        End.Complete(slot with { Length = (uint)frame.Length });
        return true;
    }

    private protected override void StopTaking()
    {
    }

    private protected override void Free()
    {
        _memory.Dispose();
        _kernel.Task.Release(_frames);
    }
}
