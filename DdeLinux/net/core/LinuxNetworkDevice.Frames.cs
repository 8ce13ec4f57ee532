using System.Buffers.Binary;
using L4;

namespace DdeLinux;

/// <content>Frames on their way through: nothing here allocates managed memory.</content>
public sealed unsafe partial class LinuxNetworkDevice
{
    /// <summary>Frames up to here are copied: that takes less time than completing them.</summary>
    private const int CopyLimit = 256;

    /// <summary>NETDEV_TX_BUSY (include/linux/netdevice.h).</summary>
    private const int DriverBusy = 0x10;

    /// <summary>What a section without softirqs adds to the preempt count (SOFTIRQ_DISABLE_OFFSET), and the lock of a queue on top of it.</summary>
    private const uint TransmitDepth = 2 * PerCpu.SoftInterrupt + 1;

    private readonly Napi _softnet;
    private readonly ulong _queueStopped;
    private readonly nint _transmit;
    private readonly nint _heldDestructor;
    private readonly NetDeviceQueue _queue;
    private long _dropped;

    /// <summary>Frames that the driver holds now.</summary>
    public int HeldFrames { get; private set; }

    /// <summary>Frames that the driver took so far.</summary>
    internal long FramesHandedOver { get; private set; }

    /// <summary>Hands a frame to the driver.</summary>
    /// <param name="busAddress">The frame in the arena, from the destination address on, without check sequence; short ones are padded.</param>
    /// <param name="length">Its bytes, 14 to <see cref="Mtu"/> + 18 (a VLAN tag may be in it).</param>
    /// <param name="token">The caller's own number, for <see cref="TransmitOutcome.Held"/>. It comes back through the driver's memory: check it.</param>
    /// <param name="more">Whether another frame follows at once: the driver need not tell its device before the last one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A frame that is too short or too long, or outside the arena.</exception>
    public TransmitOutcome TryTransmit(ulong busAddress, int length, ulong token, bool more)
    {
        if (length < Ethernet.HeaderBytes || length > Mtu + Ethernet.HeaderBytes + Ethernet.TagBytes)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"frames of {Name} have {Ethernet.HeaderBytes} to {Mtu + Ethernet.HeaderBytes + Ethernet.TagBytes} bytes");
        if (!new Extent(0, _kernel.Arena.Length).Contains(busAddress, (ulong)length))
            throw new ArgumentOutOfRangeException(nameof(busAddress), busAddress, $"{length} bytes do not lie in the arena's {_kernel.Arena.Length} bytes");
        var networkDevices = _kernel.NetDevices;
        if ((Device.state & (networkDevices.Started | networkDevices.Present | networkDevices.NoCarrier)) != (networkDevices.Started | networkDevices.Present))
            return Drop();
        if ((_queue.state & _queueStopped) != 0)
        {
            _isWaiting = true;
            return TransmitOutcome.Busy;
        }
        bool isHeld = length > CopyLimit;
        var frame = isHeld ? Lend(busAddress, length, token) : Copy(busAddress, length);
        if (frame.IsNull)
            return Drop();
        frame.dev = Device.Address;
        if (HandOver(frame, more))
            return isHeld ? TransmitOutcome.Held : TransmitOutcome.Copied;
        TakeBack(frame, isHeld);
        _isWaiting = true;
        // An interrupt may have made room while the driver was on its way back with its refusal: nobody would tell again.
        if ((_queue.state & _queueStopped) == 0)
            WakeTransmitter();
        return TransmitOutcome.Busy;
    }

    /// <summary>The owner has room again, after <see cref="INetworkOwner.ReceiveRoom"/> said that there was none.</summary>
    public void ResumeReceive() => _softnet.Resume(this);

    /// <summary>The driver freed a frame that lay in a client's memory.</summary>
    internal void CompleteHeld(ulong token)
    {
        HeldFrames--;
        OpenBatch();
        _kernel.NetworkOwner?.TransmitCompleted(this, token);
    }

    /// <summary>The driver's queue takes frames again.</summary>
    internal void WakeTransmitter()
    {
        if (_isWaiting)
            _softnet.WakeTransmitter(this);
    }

    internal void NotifyReady()
    {
        _isWaiting = false;
        OpenBatch();
        _kernel.NetworkOwner?.TransmitReady(this);
    }

    internal void EndBatch()
    {
        _isBatchOpen = false;
        _kernel.NetworkOwner?.BatchEnded(this);
    }

    /// <summary>Shows a received frame, whose Ethernet header the driver had taken off, to the owner.</summary>
    internal void Receive(SkBuff frame)
    {
        if (_kernel.NetworkOwner is not { } owner)
            return;
        OpenBatch();
        int header = (int)(frame.data - frame.head) - frame.mac_header;
        if (header != Ethernet.HeaderBytes)
            throw new KernelFaultException($"{Name}: a received frame has {header} bytes before its payload instead of an Ethernet header");
        uint length = frame.len + Ethernet.HeaderBytes;
        bool isGood = frame.ip_summed == SkBuff.ChecksumGood;
        if (frame.data_len == 0 && !frame.vlan_present)
            owner.FrameReceived(this, _kernel.Memory.Span<byte>(frame.data - Ethernet.HeaderBytes, (int)length), isGood);
        else
            owner.FrameReceived(this, Assemble(frame, length), isGood);
    }

    /// <summary>Puts a frame together from its fragments, with the VLAN tag that the device took off.</summary>
    private ReadOnlySpan<byte> Assemble(SkBuff frame, uint length)
    {
        const int Addresses = 2 * Ethernet.AddressBytes;
        int tag = frame.vlan_present ? Ethernet.TagBytes : 0;
        if (length > _assembly.Length - Ethernet.TagBytes)
            throw new KernelFaultException($"{Name}: a frame of {length} bytes was received; {_assembly.Length - Ethernet.TagBytes} are the most");
        var header = _kernel.Memory.Span<byte>(frame.data - Ethernet.HeaderBytes, Ethernet.HeaderBytes);
        header[..Addresses].CopyTo(_assembly);
        if (tag != 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_assembly.AsSpan(Addresses), frame.vlan_proto);
            BinaryPrimitives.WriteUInt16BigEndian(_assembly.AsSpan(Addresses + sizeof(ushort)), frame.vlan_tci);
        }
        header[Addresses..].CopyTo(_assembly.AsSpan(Addresses + tag));
        _kernel.SkBuffData.CopyTo(frame, 0, _assembly.AsSpan(Ethernet.HeaderBytes + tag, (int)frame.len));
        return _assembly.AsSpan(0, (int)length + tag);
    }

    private SkBuff Copy(ulong busAddress, int length)
    {
        int padded = Math.Max(length, Ethernet.SmallestFrame);
        var frame = _kernel.SkBuffs.Allocate((uint)padded);
        if (frame.IsNull)
            return frame;
        var target = new Span<byte>((void*)frame.data, padded);
        new ReadOnlySpan<byte>((void*)(_kernel.Arena.Base + (nint)busAddress), length).CopyTo(target);
        target[length..].Clear();
        frame.len = (uint)padded;
        frame.tail = (uint)padded;
        return frame;
    }

    /// <summary>Makes a frame whose data lie in the client's memory. Its head, for what the kernel keeps behind it, is the heap's: so the
    /// frame is a plain one to the driver, in one piece, which every driver can send.</summary>
    private SkBuff Lend(ulong busAddress, int length, ulong token)
    {
        var frame = _kernel.SkBuffs.Allocate(0);
        if (frame.IsNull)
            return frame;
        frame.data = _kernel.Arena.Base + (nint)busAddress;
        frame.len = (uint)length;
        // An offset from the head, as everything of a frame; it lies beyond the end, so that nothing can be put behind the client's data.
        frame.tail = unchecked((uint)(frame.data - frame.head)) + (uint)length;
        frame.destructor = _heldDestructor;
        var shared = _kernel.SkBuffs.SharedOf(frame);
        shared.destructor_arg = token;
        HeldFrames++;
        return frame;
    }

    /// <summary>Calls the driver as the kernel does: softirqs off, the queue's lock taken. False when it did not take the frame.</summary>
    private bool HandOver(SkBuff frame, bool more)
    {
        var queue = _queue;
        ref uint preemptCount = ref _kernel.PerCpu.PreemptCount;
        uint before = preemptCount;
        preemptCount = unchecked(before + TransmitDepth);
        queue.xmit_lock = 1;
        queue.xmit_lock_owner = 0;
        _softnet.TransmitsMore = more;
        int result = unchecked((int)_kernel.Call(_transmit, frame.Address, Device.Address));
        queue.xmit_lock_owner = -1;
        queue.xmit_lock = 0;
        if (preemptCount != unchecked(before + TransmitDepth))
            throw new KernelFaultException($"{Name}: transmitting left the preempt count at 0x{preemptCount:x} instead of 0x{unchecked(before + TransmitDepth):x}");
        preemptCount = before;
        if (result == DriverBusy)
            return false;
        queue.trans_start = _kernel.Timekeeping.JiffiesVariable;
        FramesHandedOver++;
        return true;
    }

    private void TakeBack(SkBuff frame, bool isHeld)
    {
        if (isHeld)
        {
            // The caller still has it: there is nothing to complete.
            frame.destructor = 0;
            HeldFrames--;
        }
        _kernel.SkBuffs.Free(frame);
    }

    private TransmitOutcome Drop()
    {
        _dropped++;
        return TransmitOutcome.Dropped;
    }

    private void OpenBatch()
    {
        if (_isBatchOpen)
            return;
        _isBatchOpen = true;
        _softnet.BeginBatch(this);
    }
}
