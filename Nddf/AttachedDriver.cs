using L4;

namespace Nddf;

/// <summary>A driver in service, and the thread that waits for its death.</summary>
/// <param name="task">The framework's task.</param>
/// <param name="name">The driver's name.</param>
/// <param name="gate">Its gate of <see cref="INicDriver"/>; from here on this object's.</param>
/// <param name="isReplaceable">Whether another will come should it die.</param>
#pragma warning disable CA1001 // The watch ends with Forget.
internal sealed class AttachedDriver(L4Task task, string name, Capability gate, bool isReplaceable)
#pragma warning restore CA1001
{
    private readonly Lock _stalling = new();
    private ServerWatch? _watch;
    private bool _isLost;

    public string Name => name;

    public INicDriver Service { get; } = new NicDriverProxy(task, gate);

    /// <summary>Whether sessions wait for another driver when this one dies, or end.</summary>
    public bool IsReplaceable => isReplaceable;

    /// <summary>Whether it works no more, and another is to come.</summary>
    public bool IsLost => Volatile.Read(ref _isLost);

    public IReadOnlyList<Nic> Nics { get; set; } = [];

    /// <summary>Waits for the driver's death from now on, and marks its cards.</summary>
    public void Watch() => _watch = new ServerWatch(task, name, gate, cause =>
    {
        string nics = string.Join(", ", Nics.Select(n => n.Name));
        if (isReplaceable)
        {
            task.System.Events.Report("nddf", "driver-lost", $"driver '{name}': {cause}; {nics} wait for another");
            Stall();
            return;
        }
        task.System.Events.Report("nddf", "driver-gone", $"driver '{name}' of {nics}: {cause}");
        foreach (var nic in Nics)
            nic.MarkGone(cause);
    });

    /// <summary>Has all sessions wait until another driver comes.</summary>
    public void Stall()
    {
        // Once: the thread that watches may come late, when the cards have another driver.
        lock (_stalling)
        {
            if (_isLost)
                return;
            Volatile.Write(ref _isLost, true);
            foreach (var nic in Nics)
            {
                if (nic.Driver == this)
                    nic.Stall();
            }
        }
    }

    /// <summary>Waits no more, and gives the driver up.</summary>
    public void Forget()
    {
        _watch?.Dispose();
        task.Release(gate);
    }
}
