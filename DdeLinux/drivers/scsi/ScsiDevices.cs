using System.Text;

namespace DdeLinux;

/// <summary>Logical units: found, asked what they are, referred to, removed.</summary>
internal sealed partial class ScsiDevices(LinuxKernel kernel)
{
    /// <summary>Shortest standard INQUIRY data (SPC-4, 6.6.2).</summary>
    private const int ShortInquiry = 36;

    /// <summary>The kernel's type for a unit that was not asked yet.</summary>
    private const byte UnknownType = 0xff;

    private readonly Dictionary<nint, ScsiUnit> _units = [];

    /// <summary>Looks for a unit, and makes it if it is there. The result has a reference for the caller; an error is in the pointer.</summary>
    [KernelFunction]
    public nint __scsi_add_device(ScsiHost host, uint channel, uint id, ulong lun, nint hostData)
    {
        var adapter = kernel.ScsiHosts.Of(host);
        kernel.Mutexes.mutex_lock(host.scan_mutex);
        var unit = host.shost_state is ScsiHostState.Running or ScsiHostState.Recovery ? FindOrMake(adapter, channel, id, lun) : null;
        if (unit is not null)
            DriverCore.Get(unit.Device.sdev_gendev);
        kernel.Mutexes.mutex_unlock(host.scan_mutex);
        if (unit is null)
            return -Errno.ENODEV;
        if (unit.Disk is null && unit.Device.type is 0)
            DiskProbe.Attach(kernel, unit);
        return unit.Device.Address;
    }

    [KernelFunction]
    public int scsi_device_get(ScsiDevice device)
    {
        if (device.sdev_state is ScsiDeviceState.Cancel or ScsiDeviceState.Deleted)
            return -Errno.ENXIO;
        DriverCore.Get(device.sdev_gendev);
        return 0;
    }

    [KernelFunction]
    public void scsi_device_put(ScsiDevice device) => kernel.DriverCore.put_device(device.sdev_gendev);

    /// <summary>Changes a unit's state if the kernel's rules allow it (drivers/scsi/scsi_lib.c, scsi_device_set_state).</summary>
    [KernelFunction]
    public int scsi_device_set_state(ScsiDevice device, ScsiDeviceState state)
    {
        var old = device.sdev_state;
        bool isLegal = state == old || (state, old) is
            (ScsiDeviceState.Running, ScsiDeviceState.Created or ScsiDeviceState.Offline or ScsiDeviceState.TransportOffline or ScsiDeviceState.Quiesce
                or ScsiDeviceState.Blocked)
            or (ScsiDeviceState.Quiesce, ScsiDeviceState.Running or ScsiDeviceState.Offline or ScsiDeviceState.TransportOffline)
            or (ScsiDeviceState.Offline or ScsiDeviceState.TransportOffline, ScsiDeviceState.Created or ScsiDeviceState.Running or ScsiDeviceState.Quiesce
                or ScsiDeviceState.Blocked)
            or (ScsiDeviceState.Blocked, ScsiDeviceState.Running or ScsiDeviceState.CreatedBlocked or ScsiDeviceState.Quiesce or ScsiDeviceState.Offline)
            or (ScsiDeviceState.CreatedBlocked, ScsiDeviceState.Created)
            or (ScsiDeviceState.Cancel, ScsiDeviceState.Created or ScsiDeviceState.Running or ScsiDeviceState.Quiesce or ScsiDeviceState.Offline
                or ScsiDeviceState.TransportOffline or ScsiDeviceState.Blocked)
            or (ScsiDeviceState.Deleted, ScsiDeviceState.Created or ScsiDeviceState.Running or ScsiDeviceState.Offline or ScsiDeviceState.TransportOffline
                or ScsiDeviceState.Cancel or ScsiDeviceState.Blocked or ScsiDeviceState.CreatedBlocked);
        if (!isLegal)
            return -Errno.EINVAL;
        device.sdev_state = state;
        // Requests that wait must fail now, or may go on now. The caller holds locks, so the event loop sees to it.
        Of(device).Adapter.DispatchSoon();
        return 0;
    }

    [KernelFunction]
    public void scsi_remove_device(ScsiDevice device)
    {
        var mutex = device.host.scan_mutex;
        kernel.Mutexes.mutex_lock(mutex);
        Remove(Of(device));
        kernel.Mutexes.mutex_unlock(mutex);
    }

    /// <summary>Sets how many commands a unit may be sent at once; the result is what it is then.</summary>
    [KernelFunction]
    public int scsi_change_queue_depth(ScsiDevice device, int depth)
    {
        if (depth > 0)
            device.queue_depth = (ushort)Math.Min(depth, ushort.MaxValue);
        return device.queue_depth;
    }

    /// <summary>Asks a unit again what it is.</summary>
    [KernelFunction]
    public int scsi_rescan_device(ScsiDevice device)
    {
        if (device.sdev_state != ScsiDeviceState.Running)
            return -Errno.ENXIO;
        Of(device).Disk?.Revalidate();
        return 0;
    }

    /// <summary>Restarts a unit after a system sleep, of which there is none: a disk that runs needs nothing.</summary>
    [KernelFunction]
    public int scsi_resume_device(ScsiDevice device) => 0;

    [KernelFunction]
    public void sdev_disable_disk_events(ScsiDevice device) => device.disk_events_disable_depth++;

    [KernelFunction]
    public void sdev_enable_disk_events(ScsiDevice device)
    {
        if (device.disk_events_disable_depth > 0)
            device.disk_events_disable_depth--;
    }

    /// <summary>An event of a unit, such as a changed medium. Fixed disks have none; it is reported and changes nothing.</summary>
    [KernelFunction]
    public void sdev_evt_send_simple(ScsiDevice device, int kind, uint flags) =>
        kernel.Events.Report(kernel.Task.Name, "scsi-event", $"{kernel.DriverCore.NameOf(device.sdev_gendev)}: event {kind}");

    /// <summary>Takes a unit out of service: waiting requests fail, commands in flight are waited for. The caller holds the scan mutex.</summary>
    internal void Remove(ScsiUnit unit)
    {
        var device = unit.Device;
        if (device.sdev_state is ScsiDeviceState.Cancel or ScsiDeviceState.Deleted)
            return;
        device.sdev_state = ScsiDeviceState.Cancel;
        kernel.DriverCore.device_del(device.sdev_gendev);
        device.sdev_state = ScsiDeviceState.Deleted;
        unit.FailWaiting();
        while (unit.Active > 0)
            kernel.Scheduler.Sleep(Timekeeping.TickNanoseconds);
        if (unit.Disk is { } disk)
        {
            unit.Disk = null;
            disk.Detach();
        }
        if (device.host.hostt.slave_destroy is not 0 and var destroy)
            kernel.Call(destroy, device.Address);
        unit.Adapter.Remove(unit);
        device.siblings.Remove();
        device.same_target_siblings.Remove();
        device.sdev_target.siblings.Remove();
        kernel.DriverCore.put_device(device.sdev_gendev);
    }

    private ScsiUnit Of(ScsiDevice device) => _units.TryGetValue(device.Address, out var unit)
        ? unit
        : throw new KernelFaultException($"0x{device.Address:x} is no SCSI device");

    private ScsiUnit? FindOrMake(ScsiAdapter adapter, uint channel, uint id, ulong lun)
    {
        foreach (var known in adapter.Units)
        {
            if (known.Device.channel == channel && known.Device.id == id && known.Device.lun == lun)
                return known;
        }
        var unit = Allocate(adapter, channel, id, lun);
        var template = adapter.Host.hostt;
        if (template.slave_alloc is not 0 and var allocate && unchecked((int)kernel.Call(allocate, unit.Device.Address)) != 0)
        {
            Remove(unit);
            return null;
        }
        if (!TryInquire(unit) || !TryConfigure(unit, template))
        {
            Remove(unit);
            return null;
        }
        return unit;
    }

    private ScsiUnit Allocate(ScsiAdapter adapter, uint channel, uint id, ulong lun)
    {
        var host = adapter.Host;
        var core = kernel.DriverCore;
        var target = new ScsiTarget(kernel.AllocateOrPanic(ScsiTarget.Size, "struct scsi_target")) { channel = channel, id = id };
        target.siblings.Initialize();
        target.devices.Initialize();
        core.device_initialize(target.dev);
        core.SetName(target.dev, $"target{host.host_no}:{channel}:{id}");
        core.OwnRelease(target.dev, () => kernel.Slab.kfree(target.Address));
        host.targets.AddTail(target.siblings);

        int extra = host.transportt.IsNull ? 0 : host.transportt.device_size;
        var queue = MakeQueue(host);
        var device = new ScsiDevice(kernel.AllocateOrPanic(ScsiDevice.Size + extra, "struct scsi_device"))
        {
            host = host,
            request_queue = queue,
            channel = channel,
            id = id,
            lun = lun,
            type = UnknownType,
            borken = true,
            sdev_state = ScsiDeviceState.Created,
            sdev_target = target,
            queue_depth = (ushort)Math.Max(host.cmd_per_lun, (short)1),
            max_device_blocked = 3,
        };
        device.max_queue_depth = device.queue_depth;
        queue.queuedata = device.Address;
        device.siblings.Initialize();
        device.same_target_siblings.Initialize();
        device.starved_entry.Initialize();
        device.event_list.Initialize();
        kernel.Mutexes.__mutex_init(device.inquiry_mutex, 0, 0);
        kernel.Mutexes.__mutex_init(device.state_mutex, 0, 0);
        var generic = device.sdev_gendev;
        core.device_initialize(generic);
        generic.parent = host.shost_gendev;
        core.SetName(generic, $"{host.host_no}:{channel}:{id}:{lun}");
        core.OwnRelease(generic, () => Free(device, target));
        core.device_add(generic);
        host.devices.AddTail(device.siblings);
        target.devices.AddTail(device.same_target_siblings);
        var unit = new ScsiUnit(adapter, device, queue);
        _units.Add(device.Address, unit);
        adapter.Add(unit);
        return unit;
    }

    private RequestQueue MakeQueue(ScsiHost host)
    {
        var queue = new RequestQueue(kernel.AllocateOrPanic(RequestQueue.Size, "struct request_queue"))
        {
            rq_timeout = 30 * Timekeeping.TicksPerSecond,
            seg_boundary_mask = host.dma_boundary,
            max_segment_size = host.max_segment_size,
            logical_block_size = 512,
            // DMA in whole words, as the kernel sets it for hosts that say nothing (drivers/scsi/scsi_lib.c, __scsi_init_queue).
            dma_alignment = 3,
        };
        kernel.BlockLimits.blk_queue_max_segments(queue, host.sg_tablesize);
        kernel.BlockLimits.blk_queue_max_hw_sectors(queue, host.max_sectors);
        return queue;
    }

    private bool TryInquire(ScsiUnit unit)
    {
        const int Longest = 96;
        nint data = kernel.AllocateOrPanic(Longest, "INQUIRY data");
        var outcome = Inquire(unit, data, ShortInquiry);
        var bytes = kernel.Memory.Span<byte>(data, Longest);
        int length = Math.Min(bytes[4] + 5, Longest);
        if (outcome.IsGood && length > ShortInquiry)
            outcome = Inquire(unit, data, length);
        // Peripheral qualifier 3: no unit can be there (SPC-4, 6.6.2).
        if (!outcome.IsGood || bytes[0] >> 5 == 3)
        {
            kernel.Slab.kfree(data);
            return false;
        }
        var device = unit.Device;
        device.inquiry = data;
        device.inquiry_len = (byte)Math.Max(length, ShortInquiry);
        device.vendor = data + 8;
        device.model = data + 16;
        device.rev = data + 32;
        device.type = (byte)(bytes[0] & 0x1f);
        device.removable = (bytes[1] & 0x80) != 0;
        device.lockable = device.removable;
        // The kernel's level is the version plus one from version 2 on, for the sake of CCS.
        int version = bytes[2] & 7;
        device.scsi_level = (byte)(version >= 2 || (version == 1 && (bytes[3] & 0xf) == 1) ? version + 1 : version);
        return true;
    }

    private ScsiOutcome Inquire(ScsiUnit unit, nint data, int length) =>
        ScsiExecution.Run(kernel, unit, [ScsiOpcode.Inquiry, 0, 0, 0, (byte)length, 0], DataDirection.FromDevice, data, (uint)length, 20_000_000_000, 3);

    private bool TryConfigure(ScsiUnit unit, ScsiHostTemplate template)
    {
        var device = unit.Device;
        device.use_10_for_rw = true;
        device.sdev_state = ScsiDeviceState.Running;
        if (template.slave_configure is not 0 and var configure && unchecked((int)kernel.Call(configure, device.Address)) != 0)
            return false;
        var text = kernel.Memory.Span<byte>(device.inquiry, ShortInquiry);
        kernel.Log.Write(LogLevel.Information,
            $"scsi {kernel.DriverCore.NameOf(device.sdev_gendev)}: type {device.type} {Encoding.ASCII.GetString(text[8..16])} {Encoding.ASCII.GetString(text[16..32])} {Encoding.ASCII.GetString(text[32..36])}");
        return true;
    }

    private void Free(ScsiDevice device, ScsiTarget target)
    {
        _units.Remove(device.Address);
        kernel.Slab.kfree(device.inquiry);
        kernel.Slab.kfree(device.request_queue.Address);
        kernel.Slab.kfree(device.Address);
        kernel.DriverCore.put_device(target.dev);
    }
}

public sealed partial class LinuxKernel
{
    internal ScsiDevices ScsiDevices => field ??= new ScsiDevices(this);
}
