namespace L4;

/// <summary>Something that capabilities name: kept alive by the capability slots that hold it, released with the last.</summary>
public abstract class KernelObject
{
    private int _references;

    internal void AddReference() => Interlocked.Increment(ref _references);

    internal void RemoveReference()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Destroy();
    }

    /// <summary>Describes the object for another process and adds the descriptors that stand for it.</summary>
    /// <param name="rights">What the receiver may do.</param>
    /// <param name="descriptors">Where they go.</param>
    /// <exception cref="ServiceException">It cannot be sent.</exception>
    internal abstract CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors);

    /// <summary>Frees what the object holds. No slot names it any more.</summary>
    private protected virtual void Destroy()
    {
    }
}
