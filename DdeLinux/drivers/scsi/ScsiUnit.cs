namespace DdeLinux;

/// <summary>A logical unit as the shim keeps it: its struct scsi_device, its queue of requests, and what is in flight.</summary>
internal sealed class ScsiUnit
{
    internal ScsiUnit(ScsiAdapter adapter, ScsiDevice device, RequestQueue queue)
    {
        Adapter = adapter;
        Device = device;
        Queue = queue;
    }

    internal ScsiAdapter Adapter { get; }

    internal ScsiDevice Device { get; }

    internal RequestQueue Queue { get; }

    /// <summary>What waits for a slot.</summary>
    internal ScsiRequestQueue Waiting { get; } = new();

    /// <summary>Commands that have slots.</summary>
    internal int Active { get; set; }

    /// <summary>Whether the driver refused a command and is to be asked again later.</summary>
    internal bool IsBlocked { get; set; }

    /// <summary>The disk on it, if it is one.</summary>
    internal LinuxDisk? Disk { get; set; }

    /// <summary>Whether a command may be sent now.</summary>
    internal bool IsReady => !Waiting.IsEmpty && !IsBlocked && Active < Device.queue_depth;

    /// <summary>Queues a request and sends what can be sent.</summary>
    internal void Submit(ScsiRequest request)
    {
        Waiting.AddLast(request);
        Adapter.Dispatch();
    }

    /// <summary>Lets all waiting requests fail, because the unit is gone.</summary>
    internal void FailWaiting()
    {
        while (Waiting.RemoveFirst() is { } request)
            request.Finish(this, null);
    }
}
