using L4;

namespace L4Io;

/// <summary>The I/O server: owns the machine and grants it piece by piece. Runs in a task of its own, on that task's server thread.</summary>
public sealed class IoServer : IIoServer, IDisposable
{
    private readonly L4Task _task;
    private readonly IMachine _machine;
    private readonly List<PciFunctionInfo> _functions;
    private readonly Dictionary<PciAddress, IFunctionGuard> _guards = [];
    private readonly Dictionary<PciAddress, PciFunction> _granted = [];
    private readonly List<Claim> _claims = [];

    private IoServer(L4Task task, IMachine machine, IGuardMaker? guards)
    {
        _task = task;
        _machine = machine;
        _functions = new PciScan(machine).Run();
        foreach (var function in _functions)
        {
            if (guards?.TryMake(task, function, machine) is { } guard)
                _guards.Add(function.Address, guard);
        }
    }

    /// <summary>A piece of the machine and who has it.</summary>
    internal sealed record Claim(ResourceKind Kind, Extent Extent, PciFunction Function);

    /// <summary>Scans the bus and makes the gate for <see cref="IIoServer"/>, a capability of <paramref name="task"/>. The server owns the
    /// machine from now on; it is disposed after its task.</summary>
    /// <param name="task">The I/O server's task.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="guards">Makes guards for functions; null for none.</param>
    public static (IoServer Server, Capability Gate) Start(L4Task task, IMachine machine, IGuardMaker? guards = null)
    {
        var server = new IoServer(task, machine, guards);
        return (server, task.CreateGate(new IoServerDispatcher(server)));
    }

    /// <inheritdoc />
    public PciFunctionInfo[] List() =>
        [.. _functions.Select(f => f with { Holder = _granted.TryGetValue(f.Address, out var granted) ? granted.Holder : null })];

    /// <inheritdoc />
    public Capability Grant(PciAddress address, string holder)
    {
        var info = _functions.Find(f => f.Address == address)
            ?? throw new ServiceException(ServiceError.NotFound, $"no PCI function at {address}");
        if (_granted.TryGetValue(address, out var granted))
            throw new ServiceException(ServiceError.Busy, $"PCI function {address} is held by '{granted.Holder}'");
        var function = new PciFunction(this, _task, _machine, _guards.GetValueOrDefault(address), info, holder);
        _granted.Add(address, function);
        return function.Gate;
    }

    /// <inheritdoc />
    public Capability GuardOf(PciAddress address) => _guards.TryGetValue(address, out var guard) ? guard.Gate : Capability.Null;

    /// <inheritdoc />
    public void Revoke(PciAddress address)
    {
        if (!_granted.Remove(address, out var function))
            throw new ServiceException(ServiceError.NotFound, $"PCI function {address} is granted to nobody");
        function.Revoke();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var function in _granted.Values)
            function.Revoke();
        _granted.Clear();
        _machine.Dispose();
    }

    /// <summary>Takes a piece for <paramref name="function"/>, or says who has it.</summary>
    internal Claim TakeClaim(ResourceKind kind, Extent wanted, PciFunction function)
    {
        var taken = _claims.Find(c => c.Kind == kind && c.Extent.Overlaps(wanted));
        if (taken is not null)
            throw new ServiceException(ServiceError.Busy, $"{Name(kind, wanted)}: {Name(kind, taken.Extent)} is claimed by '{taken.Function.Holder}' for {taken.Function.Address}");
        if (!function.Owns(kind, wanted))
        {
            var owner = _functions.Find(f => f.Resources.Any(r => r.Kind == kind && r.Extent.Overlaps(wanted)));
            string whose = owner is null
                ? "belongs to no PCI function"
                : $"belongs to {owner.Address}, " + (_granted.TryGetValue(owner.Address, out var granted) ? $"held by '{granted.Holder}'" : "held by nobody");
            throw new ServiceException(ServiceError.AccessDenied, $"'{function.Holder}' asked for {Name(kind, wanted)}, which is not part of {function.Address} and {whose}");
        }
        var claim = new Claim(kind, wanted, function);
        _claims.Add(claim);
        return claim;
    }

    internal void ReturnClaim(Claim claim) => _claims.Remove(claim);

    private static string Name(ResourceKind kind, Extent extent) => kind switch
    {
        ResourceKind.Ports => $"ports 0x{extent.First:x}-0x{extent.Last:x}",
        ResourceKind.Memory => $"device memory 0x{extent.First:x}-0x{extent.Last:x}",
        _ => $"interrupt line {extent.First}",
    };
}
