using L4;

namespace Nddf;

/// <summary>A card that a driver brought.</summary>
internal sealed class Nic(string name, AttachedDriver driver, uint index, NicDescription description)
{
    private readonly Lock _lock = new();
    private readonly List<NicSession> _sessions = [];
    private NicReading? _last;
    private string? _gone;

    public string Name => name;

    public AttachedDriver Driver => driver;

    /// <summary>The card's number at its driver.</summary>
    public uint Index => index;

    public NicDescription Description => description;

    /// <summary>Why it cannot be used any more; null while it can.</summary>
    public string? Gone => Volatile.Read(ref _gone);

    /// <summary>Describes it; a card that is gone as it was when it was last asked.</summary>
    public NicInfo Describe()
    {
        var reading = Gone is null ? Read() : _last!;
        return new NicInfo(name, description.Driver, reading.Address, reading.Mtu, reading.IsLinkUp && Gone is null, Gone);
    }

    /// <summary>Asks the driver.</summary>
    public NicReading Read() => _last = driver.Service.Read(index);

    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>.</exception>
    public void CheckPresent()
    {
        if (Gone is { } cause)
            throw new ServiceException(ServiceError.ServerGone, $"{name} is gone: {cause}");
    }

    /// <summary>Counts a session in, so that it hears of the card's end.</summary>
    public void Add(NicSession session)
    {
        lock (_lock)
            _sessions.Add(session);
    }

    public void Remove(NicSession session)
    {
        lock (_lock)
            _sessions.Remove(session);
    }

    /// <summary>Marks the card as gone and gives all slots back.</summary>
    public void MarkGone(string cause)
    {
        Interlocked.CompareExchange(ref _gone, cause, null);
        foreach (var session in Sessions())
            session.NicGone();
    }

    /// <summary>The open sessions.</summary>
    public NicSession[] Sessions()
    {
        lock (_lock)
            return [.. _sessions];
    }
}

/// <summary>A driver in service.</summary>
#pragma warning disable CA1001 // The watch ends with Forget.
internal sealed class AttachedDriver(L4Task task, string name, Capability gate)
#pragma warning restore CA1001
{
    private ServerWatch? _watch;

    public string Name => name;

    public INicDriver Service { get; } = new NicDriverProxy(task, gate);

    public IReadOnlyList<Nic> Nics { get; set; } = [];

    /// <summary>Waits for the driver's death from now on, and marks its cards.</summary>
    public void Watch() => _watch = new ServerWatch(task, name, gate, cause =>
    {
        task.System.Events.Report("nddf", "driver-gone", $"driver '{name}' of {string.Join(", ", Nics.Select(n => n.Name))}: {cause}");
        foreach (var nic in Nics)
            nic.MarkGone(cause);
    });

    /// <summary>Waits no more, and gives the driver up.</summary>
    public void Forget()
    {
        _watch?.Dispose();
        task.Release(gate);
    }
}
