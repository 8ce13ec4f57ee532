using System.Collections.Concurrent;

namespace L4;

/// <summary>Names for services: who holds a capability publishes it, who needs it looks it up.</summary>
[Service]
public interface INameService
{
    /// <summary>Publishes <paramref name="capability"/> as <paramref name="name"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.Busy"/>: the name is taken.</exception>
    void Register(string name, Capability capability);

    /// <summary>Takes a name back.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: nobody registered it.</exception>
    void Unregister(string name);

    /// <summary>A capability for the service.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: nobody registered it.</exception>
    Capability Lookup(string name);

    /// <summary>All names, sorted.</summary>
    string[] List();
}

/// <summary>The name service, in the root task.</summary>
internal sealed class NameService : INameService
{
    private readonly ConcurrentDictionary<string, Capability> _names = new(StringComparer.Ordinal);
    private readonly L4Task _task;

    internal NameService(L4Task task) => _task = task;

    public void Register(string name, Capability capability)
    {
        if (capability.IsNull)
            throw new ServiceException(ServiceError.BadArgument, $"name '{name}' was to be registered for the null capability");
        if (!_names.TryAdd(name, capability))
        {
            _task.Release(capability);
            throw new ServiceException(ServiceError.Busy, $"name '{name}' is registered already");
        }
    }

    public void Unregister(string name)
    {
        if (!_names.TryRemove(name, out var capability))
            throw new ServiceException(ServiceError.NotFound, $"name '{name}' is not registered");
        _task.Release(capability);
    }

    public Capability Lookup(string name) =>
        _names.TryGetValue(name, out var capability)
            ? capability
            : throw new ServiceException(ServiceError.NotFound, $"name '{name}' is not registered; there are: {string.Join(", ", List())}");

    public string[] List() => [.. _names.Keys.Order(StringComparer.Ordinal)];
}
