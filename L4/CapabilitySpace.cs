namespace L4;

/// <summary>
/// A task's table of capabilities. Look-ups take no lock; inserting and removing do. Slots are reused, so a stale
/// <see cref="Capability"/> may come to name another object of the same task, as in any L4.
/// </summary>
internal sealed class CapabilitySpace
{
    private const int Limit = 65536;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private readonly string _owner;
    private Entry?[] _entries = new Entry?[64];
    private int _used = 1;

    internal CapabilitySpace(string owner) => _owner = owner;

    /// <summary>A reference, replaced whole: a look-up beside a change never pairs one object with the rights to another.</summary>
    private sealed record Entry(KernelObject Object, CapabilityRights Rights);

    /// <summary>Copies a capability from one space into another, with the same rights.</summary>
    internal static Capability Transfer(Capability capability, CapabilitySpace from, CapabilitySpace to)
    {
        if (capability.IsNull)
            return Capability.Null;
        var entry = from.Find(capability);
        return to.Insert(entry.Object, entry.Rights);
    }

    internal Capability Insert(KernelObject target, CapabilityRights rights)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out int slot))
            {
                if (_used == Limit)
                    throw new ServiceException(ServiceError.Exhausted, $"task '{_owner}' holds {Limit} capabilities, the limit");
                slot = _used++;
                if (slot == _entries.Length)
                    Array.Resize(ref _entries, _entries.Length * 2);
            }
            target.AddReference();
            _entries[slot] = new Entry(target, rights);
            return new Capability(slot);
        }
    }

    internal T Lookup<T>(Capability capability, CapabilityRights needed) where T : KernelObject
    {
        var entry = Find(capability);
        if (entry.Object is not T target)
            throw new ServiceException(ServiceError.BadCapability,
                $"capability {capability.Slot} of task '{_owner}' names a {entry.Object.GetType().Name}, not a {typeof(T).Name}");
        if ((entry.Rights & needed) != needed)
            throw new ServiceException(ServiceError.AccessDenied,
                $"capability {capability.Slot} of task '{_owner}' has the rights {entry.Rights}; {needed} is needed");
        return target;
    }

    internal CapabilityRights RightsOf(Capability capability) => Find(capability).Rights;

    internal Capability Restrict(Capability capability, CapabilityRights rights)
    {
        var entry = Find(capability);
        return Insert(entry.Object, entry.Rights & rights);
    }

    /// <summary>Describes what a capability names for another process.</summary>
    internal CapabilityRecord Export(Capability capability, OutgoingDescriptors descriptors)
    {
        if (capability.IsNull)
            return default;
        var entry = Find(capability);
        var record = entry.Object.Export(entry.Rights, descriptors);
        record.Rights = (byte)entry.Rights;
        return record;
    }

    internal void Remove(Capability capability)
    {
        KernelObject target;
        lock (_lock)
        {
            target = Find(capability).Object;
            _entries[capability.Slot] = null;
            _free.Push(capability.Slot);
        }
        target.RemoveReference();
    }

    /// <summary>Removes a capability, unless the task gave it up itself meanwhile.</summary>
    internal void Discard(Capability capability)
    {
        lock (_lock)
        {
            if (_entries[capability.Slot] is null)
                return;
            Remove(capability);
        }
    }

    internal void Clear()
    {
        for (int slot = 1; slot < _used; slot++)
        {
            if (_entries[slot] is not null)
                Remove(new Capability(slot));
        }
    }

    /// <summary>How many slots are in use.</summary>
    internal int Count => _used - 1 - _free.Count;

    private Entry Find(Capability capability)
    {
        var entries = _entries;
        var entry = (uint)capability.Slot < (uint)entries.Length ? Volatile.Read(ref entries[capability.Slot]) : null;
        return entry ?? throw new ServiceException(ServiceError.BadCapability, $"task '{_owner}' has no capability {capability.Slot}");
    }
}
