namespace DdeLinux;

/// <summary>
/// The SCSI mid-layer towards host adapters' drivers: hosts, the end of commands, error handling. It is the cut between the driver's
/// code and the shim: above it there is no block layer but <see cref="LinuxDisk"/>.
/// </summary>
internal sealed partial class ScsiHosts(LinuxKernel kernel)
{
    /// <summary>SCSI_DEFAULT_MAX_SECTORS (scsi/scsi_host.h).</summary>
    private const uint DefaultSectors = 1024;

    /// <summary>BLK_MAX_SEGMENT_SIZE (linux/blkdev.h).</summary>
    private const uint DefaultSegmentBytes = 65536;

    /// <summary>SCSI_DEFAULT_HOST_BLOCKED.</summary>
    private const uint DefaultBlocked = 7;

    private readonly Dictionary<nint, ScsiAdapter> _adapters = [];
    private readonly List<ScsiSlot?> _slots = [];
    private uint _nextNumber;

    /// <summary>The hosts that are there.</summary>
    internal IReadOnlyCollection<ScsiAdapter> Adapters => _adapters.Values;

    /// <summary>Allocates a host with <paramref name="privateBytes"/> for the driver behind it, as its template says.</summary>
    [KernelFunction]
    public ScsiHost scsi_host_alloc(ScsiHostTemplate template, int privateBytes)
    {
        nint memory = kernel.Slab.Allocate((nuint)(ScsiHost.Size + privateBytes), Slab.Zero);
        if (memory == 0)
            return default;
        var host = new ScsiHost(memory)
        {
            shost_state = ScsiHostState.Created,
            host_no = _nextNumber++,
            dma_channel = 0xff,
            max_id = 8,
            max_lun = 8,
            max_cmd_len = 12,
            hostt = template,
            this_id = template.this_id,
            can_queue = template.can_queue,
            sg_tablesize = template.sg_tablesize,
            cmd_per_lun = template.cmd_per_lun,
            eh_deadline = -1,
            max_host_blocked = OrDefault(template.max_host_blocked, DefaultBlocked),
            max_sectors = OrDefault(template.max_sectors, DefaultSectors),
            max_segment_size = OrDefault(template.max_segment_size, DefaultSegmentBytes),
            dma_boundary = template.dma_boundary == 0 ? uint.MaxValue : template.dma_boundary,
        };
        host.host_lock = host.default_lock;
        host.devices.Initialize();
        host.targets.Initialize();
        host.starved_list.Initialize();
        host.eh_abort_list.Initialize();
        host.eh_cmd_q.Initialize();
        kernel.WaitQueues.__init_waitqueue_head(host.host_wait, 0, 0);
        kernel.Mutexes.__mutex_init(host.scan_mutex, 0, 0);
        var adapter = new ScsiAdapter(kernel, host);
        _adapters.Add(host.Address, adapter);
        var device = host.shost_gendev;
        kernel.DriverCore.device_initialize(device);
        kernel.DriverCore.SetName(device, $"host{host.host_no}");
        kernel.DriverCore.OwnRelease(device, () => Release(adapter));
        host.ehandler = adapter.StartErrorHandler();
        return host;
    }

    /// <summary>Puts a host into service.</summary>
    [KernelFunction]
    public int scsi_add_host_with_dma(ScsiHost host, Device parent, Device dmaDevice)
    {
        var adapter = Of(host);
        kernel.Log.Write(LogLevel.Information, $"scsi host{host.host_no}: {host.hostt.name}");
        if (host.can_queue <= 0)
        {
            kernel.Log.Write(LogLevel.Error, $"scsi host{host.host_no}: can_queue = {host.can_queue} is not supported");
            return -Errno.EINVAL;
        }
        host.cmd_per_lun = (short)Math.Min(host.cmd_per_lun, host.can_queue);
        var device = host.shost_gendev;
        if (device.parent.IsNull)
            device.parent = parent;
        host.dma_dev = dmaDevice.IsNull ? device.parent : dmaDevice;
        int error = kernel.DriverCore.device_add(device);
        if (error != 0)
            return error;
        // A registered host keeps its parent until it is released, not only until it is removed.
        DriverCore.Get(device.parent);
        adapter.Start(_slots);
        adapter.TrySetState(ScsiHostState.Running);
        return 0;
    }

    /// <summary>Takes a host and its devices out of service. Sleeps until commands have ended.</summary>
    [KernelFunction]
    public void scsi_remove_host(ScsiHost host)
    {
        var adapter = Of(host);
        kernel.Mutexes.mutex_lock(host.scan_mutex);
        if (!adapter.TrySetState(ScsiHostState.Cancel) && !adapter.TrySetState(ScsiHostState.CancelRecovery))
        {
            kernel.Mutexes.mutex_unlock(host.scan_mutex);
            return;
        }
        foreach (var unit in adapter.Units.ToArray())
            kernel.ScsiDevices.Remove(unit);
        kernel.Mutexes.mutex_unlock(host.scan_mutex);
        if (!adapter.TrySetState(ScsiHostState.Deleted))
            adapter.TrySetState(ScsiHostState.DeleteRecovery);
        kernel.DriverCore.device_del(host.shost_gendev);
    }

    [KernelFunction]
    public void scsi_host_put(ScsiHost host) => kernel.DriverCore.put_device(host.shost_gendev);

    /// <summary>The driver is through with a command: the result stands in it.</summary>
    [KernelFunction]
    public void scsi_done(ScsiCommand command)
    {
        var slot = FindSlot(ScsiResult.RequestOf(command))
            ?? throw new KernelFaultException($"scsi_done of 0x{command.Address:x}, which is no command of the shim's");
        slot.Adapter.Done(slot);
    }

    [KernelFunction]
    public void scsi_schedule_eh(ScsiHost host) => Of(host).ScheduleErrorHandler();

    /// <summary>The error handler is through with a command; it stays in the handler's list until that is flushed.</summary>
    [KernelFunction]
    public void scsi_eh_finish_cmd(ScsiCommand command, ListHead done)
    {
        if (!command.eh_entry.IsEmpty)
            command.eh_entry.Remove();
        done.AddTail(command.eh_entry);
    }

    /// <summary>Sends the commands of the error handler's list again, or finishes them.</summary>
    [KernelFunction]
    public void scsi_eh_flush_done_q(ListHead done)
    {
        int offset = KernelTypes.Current.AddressOffset("scsi_cmnd", "eh_entry");
        while (!done.IsEmpty)
        {
            var node = done.next;
            var command = new ScsiCommand(kernel.Memory.Check(node.Address - offset, ScsiCommand.Size));
            node.Remove();
            var slot = FindSlot(ScsiResult.RequestOf(command))
                ?? throw new KernelFaultException($"the error handler's list has 0x{command.Address:x}, which is no command of the shim's");
            slot.Adapter.FinishHandled(slot);
        }
    }

    /// <summary>The slot of a request; null when it is none of the shim's.</summary>
    internal ScsiSlot? FindSlot(Request request)
    {
        int index = request.internal_tag;
        return (uint)index < (uint)_slots.Count && _slots[index] is { } slot && slot.Request.Address == request.Address ? slot : null;
    }

    /// <summary>What the shim keeps of a host.</summary>
    internal ScsiAdapter Of(ScsiHost host) => _adapters.TryGetValue(host.Address, out var adapter)
        ? adapter
        : throw new KernelFaultException($"0x{host.Address:x} is no SCSI host");

    private static uint OrDefault(uint value, uint fallback) => value == 0 ? fallback : value;

    private void Release(ScsiAdapter adapter)
    {
        var parent = adapter.Host.shost_gendev.parent;
        bool wasAdded = adapter.Host.shost_state != ScsiHostState.Created;
        adapter.StopErrorHandler();
        adapter.Stop(_slots);
        _adapters.Remove(adapter.Host.Address);
        kernel.Slab.kfree(adapter.Host.Address);
        if (wasAdded)
            kernel.DriverCore.put_device(parent);
    }
}

public sealed partial class LinuxKernel
{
    internal ScsiHosts ScsiHosts => field ??= new ScsiHosts(this);
}
