using L4;

namespace Bddf;

/// <summary>A driver in service, and the thread that waits for its death.</summary>
#pragma warning disable CA1001 // The watch ends with Forget.
internal sealed class AttachedDriver
#pragma warning restore CA1001
{
    private readonly Lock _stalling = new();
    private readonly L4Task _task;
    private readonly Capability _gate;
    private ServerWatch? _watch;
    private bool _isLost;
    private string? _complaint;

    /// <param name="task">The framework's task.</param>
    /// <param name="name">The driver's name.</param>
    /// <param name="gate">Its gate of <see cref="IDiskDriver"/>; from here on this object's.</param>
    /// <param name="isReplaceable">Whether another will come should it die.</param>
    /// <param name="guard">What stands below it; null for nothing.</param>
    public AttachedDriver(L4Task task, string name, Capability gate, bool isReplaceable, DriverGuard? guard)
    {
        Guard = guard;
        IsReplaceable = isReplaceable;
        _task = task;
        _gate = gate;
        Name = name;
        Service = new DiskDriverProxy(task, gate);
    }

    public string Name { get; }

    public IDiskDriver Service { get; }

    /// <summary>Whether sessions wait for another driver when this one dies, or end.</summary>
    public bool IsReplaceable { get; }

    /// <summary>Whether it does requests no more, and another is to come.</summary>
    public bool IsLost => Volatile.Read(ref _isLost);

    /// <summary>What stands below it; null for nothing.</summary>
    public DriverGuard? Guard { get; }

    /// <summary>What it was caught at; null while it seems honest.</summary>
    public string? Complaint => Volatile.Read(ref _complaint);

    public IReadOnlyList<Disk> Disks { get; set; } = [];

    /// <summary>Waits for the driver's death from now on, and marks its disks.</summary>
    public void Watch() => _watch = new ServerWatch(_task, Name, _gate, cause =>
    {
        string disks = string.Join(", ", Disks.Select(d => d.Name));
        if (IsReplaceable)
        {
            _task.System.Events.Report("bddf", "driver-lost", $"driver '{Name}': {cause}; requests to {disks} wait for another");
            Stall();
            return;
        }
        _task.System.Events.Report("bddf", "driver-gone", $"driver '{Name}' of {disks}: {cause}");
        foreach (var disk in Disks)
            disk.MarkGone(cause);
    });

    /// <summary>Has all sessions keep their requests until another driver comes.</summary>
    public void Stall()
    {
        // Once: the thread that watches may come late, when the disks have another driver.
        lock (_stalling)
        {
            if (_isLost)
                return;
            Volatile.Write(ref _isLost, true);
            foreach (var disk in Disks)
            {
                if (disk.Driver == this)
                    disk.Stall();
            }
        }
    }

    /// <summary>The driver was caught at something that only another driver can mend. Told once. On any thread.</summary>
    public void Complain(string text)
    {
        if (Interlocked.CompareExchange(ref _complaint, text, null) is not null)
            return;
        _task.System.Events.Report("bddf", "false-completion", $"driver '{Name}': {text}");
        Guard!.Complain();
    }

    /// <summary>What it has to do.</summary>
    public DriverLoad Load(long now) =>
        Disks.SelectMany(disk => disk.Sessions()).Aggregate(new DriverLoad(0, 0, 0, 0, Complaint), (load, session) => session.AddLoad(load, now));

    /// <summary>Waits no more, and gives the driver up.</summary>
    public void Forget()
    {
        _watch?.Dispose();
        _task.Release(_gate);
    }
}
