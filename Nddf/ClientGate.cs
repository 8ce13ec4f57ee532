using L4;

namespace Nddf;

/// <summary>What one client sees of the framework.</summary>
internal sealed class ClientGate : INicServer
{
    /// <summary>Sessions that a client may have open.</summary>
    public const int SessionLimit = 64;

    private readonly L4Task _task;
    private readonly NetworkFramework _framework;
    private readonly string _name;
    private readonly NicRights _ceiling;
    private readonly List<NicSession> _sessions = [];
    private bool _removed;

    public ClientGate(L4Task task, NetworkFramework framework, string name, NicRights ceiling)
    {
        _task = task;
        _framework = framework;
        _name = name;
        _ceiling = ceiling;
        Gate = task.CreateGate(new NicServerDispatcher(this));
    }

    /// <summary>The client's way to this.</summary>
    public Capability Gate { get; }

    /// <inheritdoc />
    public string[] List() => [.. _framework.Nics.Select(nic => nic.Name)];

    /// <inheritdoc />
    public NicInfo Describe(string nic) => _framework.Find(nic).Describe();

    /// <inheritdoc />
    public NicStatistics ReadStatistics(string nic)
    {
        var found = _framework.Find(nic);
        found.CheckPresent();
        return found.Read().Statistics;
    }

    /// <inheritdoc />
    public Capability OpenSession(string nic, NicRights rights)
    {
        if (_removed)
            throw new ServiceException(ServiceError.AccessDenied, $"client '{_name}' was removed");
        if ((rights & (NicRights.Receive | NicRights.Transmit)) == 0 || (rights & ~NicRights.All) != 0)
            throw new ServiceException(ServiceError.BadArgument, $"a session with the rights {rights} was asked for; there are {NicRights.All}, and one of the first two is needed");
        if ((rights & ~_ceiling) != 0)
            throw new ServiceException(ServiceError.AccessDenied, $"client '{_name}' may have {_ceiling} of {nic}; {rights} was asked for");
        var found = _framework.Find(nic);
        found.CheckPresent();
        if (_sessions.Count == SessionLimit)
            throw new ServiceException(ServiceError.Exhausted, $"client '{_name}' has {SessionLimit} sessions, the limit");
        var reading = found.Read();
        var session = new NicSession(_task, found, _name, new NicSessionInfo(nic, reading.Address, reading.Mtu, rights), closed =>
        {
            found.Remove(closed);
            _sessions.Remove(closed);
        });
        _sessions.Add(session);
        found.Add(session);
        return session.Gate;
    }

    /// <summary>Ends all sessions and refuses new ones.</summary>
    public void Remove()
    {
        _removed = true;
        foreach (var session in _sessions.ToArray())
            session.Close();
        _task.Release(Gate);
    }
}
