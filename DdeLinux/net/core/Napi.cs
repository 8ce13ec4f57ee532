namespace DdeLinux;

/// <summary>
/// Polling of receivers and transmitters (NAPI): an interrupt schedules a device's poll function, which runs as a softirq until it has nothing
/// left to do. Frames go straight to the domain's owner: nothing is merged (GRO), since whoever takes them does that better.
/// </summary>
internal sealed unsafe partial class Napi : IVariableOwner
{
    /// <summary>Frames that one softirq receives at most (net.core.netdev_budget).</summary>
    private const int Budget = 300;

    /// <summary>Room in the head of a frame that is put together from fragments (GRO_MAX_HEAD: MAX_HEADER of Debian's kernels and 128).</summary>
    private const uint FragmentHead = 320;

    private readonly LinuxKernel _kernel;
    private readonly ulong _scheduled = Bit("NAPI_STATE_SCHED");
    private readonly ulong _missed = Bit("NAPI_STATE_MISSED");
    private readonly ulong _disabling = Bit("NAPI_STATE_DISABLE");
    private readonly ulong _noService = Bit("NAPI_STATE_NPSVC");
    private readonly int _normal = (int)KernelTypes.Current.EnumValue("GRO_NORMAL");
    private readonly int _dropped = (int)KernelTypes.Current.EnumValue("GRO_CONSUMED");
    private readonly List<nint> _polled = [];
    private readonly List<nint> _held = [];
    private readonly List<LinuxNetworkDevice> _woken = [];
    private readonly List<LinuxNetworkDevice> _batches = [];
    private byte* _more;

    internal Napi(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        // Inlined netdev_xmit_more() reads one byte of it.
        nint address = variables.DefinePerCpu("softnet_data", KernelTypes.Current.SizeOf("softnet_data"), 64);
        _more = (byte*)address + KernelTypes.Current.OffsetOf("softnet_data", "xmit.more", sizeof(byte));
    }

    /// <summary>Whether another frame follows the one that a driver is being handed.</summary>
    internal bool TransmitsMore
    {
        set => *_more = value ? (byte)1 : (byte)0;
    }

    /// <summary>Has the device's owner told, as a softirq, that its transmitter takes frames again.</summary>
    internal void WakeTransmitter(LinuxNetworkDevice device)
    {
        if (!_woken.Contains(device))
            _woken.Add(device);
        _kernel.SoftInterrupts.Raise();
    }

    /// <summary>A device's owner was told something; the end of that run is told by the next softirq that ends.</summary>
    internal void BeginBatch(LinuxNetworkDevice device)
    {
        _batches.Add(device);
        _kernel.SoftInterrupts.Raise();
    }

    /// <summary>The device's owner takes frames again: what was held back is polled by the next softirq.</summary>
    internal void Resume(LinuxNetworkDevice device)
    {
        for (int index = _held.Count - 1; index >= 0; index--)
        {
            if (new NapiStruct(_held[index]).dev == device.Device.Address)
                Release(index);
        }
    }

    /// <summary>The transmit softirq.</summary>
    internal void RunTransmit()
    {
        // An owner that transmits may fill the queue and have it woken again: that is the next round's.
        for (int count = _woken.Count; count > 0; count--)
        {
            var device = _woken[0];
            _woken.RemoveAt(0);
            device.NotifyReady();
        }
        EndBatches();
    }

    /// <summary>The receive softirq.</summary>
    internal void RunReceive()
    {
        int left = Budget;
        while (left > 0 && _polled.Count > 0)
        {
            var napi = new NapiStruct(_kernel.Memory.Check(_polled[0], NapiStruct.Size));
            _polled.RemoveAt(0);
            left -= Poll(napi);
            EndBatches();
        }
        if (_polled.Count > 0)
            _kernel.SoftInterrupts.Raise();
    }

    [KernelFunction]
    public void netif_napi_add_weight(NetDevice device, NapiStruct napi, nint poll, int weight)
    {
        napi.poll_list.Initialize();
        napi.rx_list.Initialize();
        napi.skb = default;
        napi.poll = poll;
        napi.weight = weight;
        napi.dev = device.Address;
        napi.poll_owner = -1;
        // Enabled by napi_enable.
        napi.state = _scheduled | _noService;
        device.napi_list.Add(napi.dev_list);
    }

    [KernelFunction]
    public void napi_enable(NapiStruct napi)
    {
        if ((napi.state & _scheduled) == 0)
            throw new KernelFaultException($"poll function of 0x{napi.Address:x} is enabled while it is enabled");
        napi.state &= ~(_scheduled | _noService);
    }

    /// <summary>Waits until a poll function has run, and keeps it from running again.</summary>
    [KernelFunction]
    public void napi_disable(NapiStruct napi)
    {
        _kernel.Scheduler.RequireSleeper("napi_disable");
        napi.state |= _disabling;
        // Whoever is held back has to be polled once more to come to an end.
        if (_held.IndexOf(napi.Address) is >= 0 and var index)
            Release(index);
        while ((napi.state & (_scheduled | _noService)) != 0)
            _kernel.Scheduler.Sleep(1_000_000);
        napi.state = (napi.state | _scheduled | _noService) & ~_disabling;
    }

    /// <summary>Reserves the right to schedule; false when it is taken, and then the poll function will run once more.</summary>
    [KernelFunction]
    public bool napi_schedule_prep(NapiStruct napi)
    {
        ulong state = napi.state;
        if ((state & _disabling) != 0)
            return false;
        bool isScheduled = (state & _scheduled) != 0;
        napi.state = state | _scheduled | (isScheduled ? _missed : 0);
        return !isScheduled;
    }

    [KernelFunction]
    public void __napi_schedule(NapiStruct napi) => Schedule(napi);

    [KernelFunction]
    public void __napi_schedule_irqoff(NapiStruct napi) => Schedule(napi);

    /// <summary>The poll function has nothing left to do; false when it is to be called again all the same.</summary>
    [KernelFunction]
    public bool napi_complete_done(NapiStruct napi, int done)
    {
        ulong state = napi.state;
        if ((state & _noService) != 0)
            return false;
        if ((state & _scheduled) == 0)
            throw new KernelFaultException($"poll function of 0x{napi.Address:x} completes, but was not scheduled");
        if ((state & _missed) == 0)
        {
            napi.state = state & ~_scheduled;
            return true;
        }
        napi.state = state & ~_missed;
        Schedule(napi);
        return false;
    }

    [KernelFunction]
    public int napi_gro_receive(NapiStruct napi, SkBuff frame)
    {
        _kernel.NetDevices.Receive(frame);
        return _normal;
    }

    /// <summary>The frame that is being put together from fragments, or a new one.</summary>
    [KernelFunction]
    public SkBuff napi_get_frags(NapiStruct napi)
    {
        if (napi.skb.IsNull)
            napi.skb = _kernel.SkBuffs.__napi_alloc_skb(napi, FragmentHead, 0);
        return napi.skb;
    }

    /// <summary>Receives the frame that was put together from fragments, Ethernet header included.</summary>
    [KernelFunction]
    public int napi_gro_frags(NapiStruct napi)
    {
        var frame = napi.skb;
        napi.skb = default;
        if (frame.IsNull || frame.len < Ethernet.HeaderBytes || _kernel.SkBuffData.__pskb_pull_tail(frame, Math.Max(0, Ethernet.HeaderBytes - (int)frame.HeadLength)) == 0)
        {
            _kernel.SkBuffs.Free(frame);
            return _dropped;
        }
        frame.protocol = _kernel.Ethernet.eth_type_trans(frame, new NetDevice(_kernel.Memory.Check(napi.dev, NetDevice.Size)));
        _kernel.NetDevices.Receive(frame);
        return _normal;
    }

    [KernelFunction]
    public int netif_receive_skb(SkBuff frame)
    {
        _kernel.NetDevices.Receive(frame);
        return 0;
    }

    /// <summary>Receives a frame of a driver that does not poll. It is handed on at once: nothing that takes frames minds being called from an interrupt.</summary>
    [KernelFunction]
    public int netif_rx(SkBuff frame)
    {
        _kernel.NetDevices.Receive(frame);
        return 0;
    }

    /// <summary>Takes a device's poll functions out of the system: its memory goes.</summary>
    internal void RemoveAll(NetDevice device)
    {
        for (var node = device.napi_list.next; node.Address != device.napi_list.Address; node = device.napi_list.next)
        {
            var napi = new NapiStruct(node.Address - new NapiStruct(0).dev_list.Address);
            _polled.Remove(napi.Address);
            _held.Remove(napi.Address);
            _kernel.SkBuffs.Free(napi.skb);
            napi.skb = default;
            node.Remove();
        }
    }

    /// <summary>Forgets a device that is gone.</summary>
    internal void Forget(LinuxNetworkDevice device)
    {
        _woken.Remove(device);
        _batches.Remove(device);
    }

    private static ulong Bit(string name) => 1UL << (int)KernelTypes.Current.EnumValue(name);

    private void EndBatches()
    {
        for (int count = _batches.Count; count > 0; count--)
        {
            var device = _batches[0];
            _batches.RemoveAt(0);
            device.EndBatch();
        }
    }

    private void Release(int index)
    {
        _polled.Add(_held[index]);
        _held.RemoveAt(index);
        _kernel.SoftInterrupts.Raise();
    }

    private void Schedule(NapiStruct napi)
    {
        _polled.Add(napi.Address);
        _kernel.SoftInterrupts.Raise();
    }

    /// <summary>Calls a poll function, unless the device's owner has no room; the result is how many frames it received.</summary>
    private int Poll(NapiStruct napi)
    {
        int weight = RoomFor(napi);
        if (weight == 0)
        {
            _held.Add(napi.Address);
            return 0;
        }
        int done = unchecked((int)_kernel.Call(napi.poll, napi.Address, weight));
        if (done > weight)
            _kernel.Panic.Warn($"{_kernel.Describe(napi.poll)} received {done} frames, but {weight} were allowed");
        // All of its budget: it goes to the end of the line, unless somebody waits for it to end.
        if (done >= weight && (napi.state & _scheduled) != 0)
        {
            if ((napi.state & _disabling) != 0)
                napi_complete_done(napi, done);
            else if (!_polled.Contains(napi.Address))
                _polled.Add(napi.Address);
        }
        return Math.Max(done, 1);
    }

    private int RoomFor(NapiStruct napi) =>
        (napi.state & _disabling) == 0 && _kernel.NetworkOwner is { } owner && _kernel.NetDevices.FindOrNull(napi.dev) is { } device
            ? Math.Clamp(owner.ReceiveRoom(device, napi.weight), 0, napi.weight)
            : napi.weight;
}

public sealed partial class LinuxKernel
{
    internal Napi Napi => field ??= new Napi(this);
}
