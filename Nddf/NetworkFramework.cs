using L4;

namespace Nddf;

/// <summary>
/// The network device driver framework: it stands between clients and the tasks that drive network cards, and decides who may send and
/// receive what.
/// </summary>
public sealed class NetworkFramework : INicAdmin
{
    /// <summary>How often a driver that is to be replaced is looked at.</summary>
    private const long SuspendStepNanoseconds = 1_000_000;

    private readonly Lock _lock = new();
    private readonly L4Task _task;
    private readonly List<AttachedDriver> _drivers = [];
    private readonly Dictionary<string, ClientGate> _clients = new(StringComparer.Ordinal);
    private int _nicCount;

    private NetworkFramework(L4Task task) => _task = task;

    /// <summary>All cards, in the order in which they came.</summary>
    internal IReadOnlyList<Nic> Nics
    {
        get
        {
            lock (_lock)
                return [.. _drivers.SelectMany(driver => driver.Nics)];
        }
    }

    /// <summary>Starts the framework in a task.</summary>
    /// <param name="task">A task that does nothing else.</param>
    /// <returns>A gate of <see cref="INicAdmin"/> in that task's capability space, for its maker to hand to the root.</returns>
    public static Capability Start(L4Task task) => task.CreateGate(new NicAdminDispatcher(new NetworkFramework(task)));

    /// <inheritdoc />
    public string[] AddDriver(string name, Capability nicDriver, bool isReplaceable)
    {
        if (_drivers.Exists(d => d.Name == name))
        {
            _task.Release(nicDriver);
            throw new ServiceException(ServiceError.Busy, $"there is a network driver '{name}' already");
        }
        var driver = new AttachedDriver(_task, name, nicDriver, isReplaceable);
        try
        {
            driver.Nics = [.. driver.Service.List().Select((description, index) => TakeIn(driver, (uint)index, description))];
        }
        catch
        {
            driver.Forget();
            throw;
        }
        lock (_lock)
            _drivers.Add(driver);
        driver.Watch();
        return [.. driver.Nics.Select(nic => nic.Name)];
    }

    /// <inheritdoc />
    public void ReplaceDriver(string name, Capability nicDriver)
    {
        AttachedDriver old;
        try
        {
            old = FindDriver(name);
        }
        catch
        {
            _task.Release(nicDriver);
            throw;
        }
        old.Stall();
        var driver = new AttachedDriver(_task, name, nicDriver, old.IsReplaceable);
        try
        {
            var descriptions = driver.Service.List();
            foreach (var nic in old.Nics.Where(nic => nic.Gone is null))
            {
                string? difference = nic.Index < descriptions.Length
                    ? nic.MoveTo(driver, nic.Index, descriptions[nic.Index])
                    : $"the driver found {descriptions.Length} cards";
                if (difference is not null)
                    nic.MarkGone($"it was not found again by driver '{name}': {difference}");
            }
            var resumed = old.Nics.Where(nic => nic.Driver == driver).ToArray();
            foreach (var session in resumed.SelectMany(nic => nic.Sessions()))
                session.Resume();
            foreach (var nic in resumed)
            {
                // What comes after the channels were opened is told by the driver.
                if (!nic.Read().IsLinkUp)
                    continue;
                foreach (var session in nic.Sessions())
                    session.ShowLinkUp();
            }
            driver.Nics = old.Nics;
            _task.System.Events.Report("nddf", "driver-back", $"driver '{name}' of {string.Join(", ", driver.Nics.Select(n => n.Name))}: {resumed.Sum(nic => nic.Sessions().Length)} sessions go on");
        }
        catch
        {
            // The cards may be half with the new driver: whoever comes next finds them where they are now.
            driver.Nics = old.Nics;
            driver.Stall();
            driver.Forget();
            throw;
        }
        lock (_lock)
            _drivers[_drivers.IndexOf(old)] = driver;
        old.Forget();
        driver.Watch();
    }

    /// <inheritdoc />
    public uint SuspendDriver(string name, long nanoseconds)
    {
        var driver = FindDriver(name);
        driver.Stall();
        uint Busy() => (uint)driver.Nics.SelectMany(nic => nic.Sessions()).Count(session => !session.IsIdle);
        long end = _task.System.Clock.Now + nanoseconds;
        var capability = _task.CreateNotification();
        var tick = _task.Open<Notification>(capability);
        while (Busy() != 0 && _task.System.Clock.Now < end)
            tick.Wait(Math.Min(end, _task.System.Clock.Now + SuspendStepNanoseconds));
        _task.Release(capability);
        uint left = Busy();
        if (left == 0)
        {
            foreach (var session in driver.Nics.SelectMany(nic => nic.Sessions()))
                session.CloseChannels();
        }
        return left;
    }

    /// <inheritdoc />
    public void GiveUpDriver(string name, string cause)
    {
        var driver = FindDriver(name);
        driver.Stall();
        _task.System.Events.Report("nddf", "driver-gone", $"driver '{name}' of {string.Join(", ", driver.Nics.Select(n => n.Name))}: {cause}");
        foreach (var nic in driver.Nics)
            nic.MarkGone(cause);
    }

    /// <inheritdoc />
    public void RemoveDriver(string name)
    {
        var driver = FindDriver(name);
        lock (_lock)
            _drivers.Remove(driver);
        foreach (var session in driver.Nics.SelectMany(nic => nic.Sessions()))
            session.Close();
        driver.Forget();
    }

    /// <inheritdoc />
    public Capability CreateClient(string name, NicRights ceiling)
    {
        if (_clients.ContainsKey(name))
            throw new ServiceException(ServiceError.Busy, $"there is a client '{name}' already");
        var client = new ClientGate(_task, this, name, ceiling);
        _clients.Add(name, client);
        return client.Gate;
    }

    /// <inheritdoc />
    public void RemoveClient(string name)
    {
        if (!_clients.Remove(name, out var client))
            throw new ServiceException(ServiceError.NotFound, $"there is no client '{name}'; there are: {string.Join(", ", _clients.Keys)}");
        client.Remove();
    }

    /// <inheritdoc />
    public void SetAddress(string nic, HardwareAddress address)
    {
        if (!address.IsStation)
            throw new ServiceException(ServiceError.BadArgument, $"{nic} cannot have the address {address}, which is no station's");
        var found = Find(nic);
        found.SetAddress(address);
    }

    /// <inheritdoc />
    public void SetMtu(string nic, uint mtu)
    {
        var found = Find(nic);
        if (found.Sessions().Length is var sessions and not 0)
            throw new ServiceException(ServiceError.Busy, $"{nic} has {sessions} sessions; its MTU can change only without any");
        var range = found.Description;
        uint largest = Math.Min(range.MaximumMtu, FrameRing.SlotBytes - FrameRing.HeaderBytes);
        if (mtu < range.MinimumMtu || mtu > largest)
            throw new ServiceException(ServiceError.BadArgument, $"{nic} takes an MTU from {range.MinimumMtu} to {largest}; {mtu} was asked for");
        found.Driver.Service.SetMtu(found.Index, mtu);
        found.Read();
    }

    /// <summary>The card with this name.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>.</exception>
    internal Nic Find(string name) => Nics.FirstOrDefault(nic => nic.Name == name)
        ?? throw new ServiceException(ServiceError.NotFound, $"there is no network card '{name}'; there are: {string.Join(", ", Nics.Select(nic => nic.Name))}");

    private AttachedDriver FindDriver(string name) => _drivers.Find(d => d.Name == name)
        ?? throw new ServiceException(ServiceError.NotFound, $"there is no network driver '{name}'; there are: {string.Join(", ", _drivers.Select(d => d.Name))}");

    private Nic TakeIn(AttachedDriver driver, uint index, NicDescription description)
    {
        var nic = new Nic($"nic{_nicCount}", driver, index, description);
        var reading = nic.Read();
        if (!reading.Address.IsStation || description.MinimumMtu > description.MaximumMtu || reading.Mtu is 0 or > FrameRing.SlotBytes - FrameRing.HeaderBytes)
            throw new ServiceException(ServiceError.BadArgument,
                $"driver '{driver.Name}' describes a card with the address {reading.Address} and an MTU of {reading.Mtu} ({description.MinimumMtu} to {description.MaximumMtu}), which cannot be");
        _nicCount++;
        return nic;
    }
}
