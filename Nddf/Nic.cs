using L4;

namespace Nddf;

/// <summary>A card that a driver brought.</summary>
internal sealed class Nic(string name, AttachedDriver driver, uint index, NicDescription description)
{
    private readonly Lock _lock = new();
    private readonly List<NicSession> _sessions = [];
    private NicReading? _last;
    private NicReading? _first;
    private HardwareAddress? _address;
    private ulong _lostBefore;
    private string? _gone;

    public string Name => name;

    /// <summary>Who drives it, or did last.</summary>
    public AttachedDriver Driver { get; private set; } = driver;

    /// <summary>The card's number at its driver.</summary>
    public uint Index { get; private set; } = index;

    public NicDescription Description { get; private set; } = description;

    public DeviceState State => Gone is not null ? DeviceState.GivenUp : Driver.IsLost ? DeviceState.Recovering : DeviceState.Running;

    /// <summary>Why it cannot be used any more; null while it can.</summary>
    public string? Gone => Volatile.Read(ref _gone);

    /// <summary>Describes it; a card that is not served as it was when its driver was last asked.</summary>
    public NicInfo Describe()
    {
        var reading = Read();
        return new NicInfo(name, Description.Driver, reading.Address, reading.Mtu, reading.IsLinkUp && State == DeviceState.Running,
            State, _lostBefore + Sessions().Aggregate(0UL, (lost, session) => lost + session.FramesLost), Gone);
    }

    /// <summary>Asks the driver; without one, what was answered last.</summary>
    public NicReading Read()
    {
        if (State != DeviceState.Running)
            return _last!;
        try
        {
            _last = Driver.Service.Read(Index);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone && Driver.IsReplaceable && _last is not null)
        {
            // It died over it.
        }
        _first ??= _last;
        return _last!;
    }

    /// <summary>Gives the card another address, which the next driver gives it too.</summary>
    public void SetAddress(HardwareAddress address)
    {
        Driver.Service.SetAddress(Index, address);
        _address = address;
    }

    /// <summary>Has all sessions wait until another driver comes.</summary>
    public void Stall()
    {
        foreach (var session in Sessions())
            session.Stall();
    }

    /// <summary>Goes over to another driver, and has that bring the card into the state that it had. The sessions go on with
    /// <see cref="NicSession.Resume"/>.</summary>
    /// <returns>What keeps the driver's card from being this one; null when it is.</returns>
    /// <exception cref="ServiceException">The driver refuses, or is gone.</exception>
    public string? MoveTo(AttachedDriver other, uint number, NicDescription found)
    {
        var known = _last!;
        var reading = other.Service.Read(number);
        // The address of its own, which a card has after a reset, is all there is to know it by.
        if (reading.Address != _first!.Address)
            return $"the card has the address {reading.Address}, not {_first.Address}";
        if (_address is { } address && address != reading.Address)
            other.Service.SetAddress(number, address);
        if (reading.Mtu != known.Mtu)
            other.Service.SetMtu(number, known.Mtu);
        (Driver, Index, Description) = (other, number, found);
        return null;
    }

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
        // The driver may have died between the session's making and here.
        if (Driver.IsLost)
            session.Stall();
    }

    public void Remove(NicSession session)
    {
        lock (_lock)
            _sessions.Remove(session);
        _lostBefore += session.FramesLost;
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
