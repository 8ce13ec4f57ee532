using L4;

namespace L4Io;

/// <summary>One granted function: what its driver holds of it. Runs on the I/O server's thread.</summary>
internal sealed class PciFunction : IPciFunction
{
    private static readonly Extent s_bars = new(PciScan.FirstBar, PciScan.BarCount * 4);
    private static readonly Extent s_expansionRom = new(PciScan.ExpansionRom, 4);

    private readonly IoServer _server;
    private readonly L4Task _task;
    private readonly IMachine _machine;
    private readonly PciFunctionInfo _info;
    private readonly DmaMemory _memory;
    private readonly uint _command;
    private readonly Dictionary<IoServer.Claim, (Capability Capability, Action TakeBack)> _held = [];
    private readonly IFunctionGuard? _guard;
    private (Capability Capability, ServicePortal Portal)? _service;

    internal PciFunction(IoServer server, L4Task task, IMachine machine, IFunctionGuard? guard, PciFunctionInfo info, string holder)
    {
        _guard = guard;
        _server = server;
        _task = task;
        _machine = machine;
        _info = info with { Holder = holder };
        Holder = holder;
        _command = machine.ReadConfig(info.Address, PciScan.Command, 2) & ~PciScan.CommandBusMaster;
        _memory = new DmaMemory(task, info.Address, guard);
        machine.SetDmaMemory(info.Address, _memory);
        guard?.Granted(_memory);
        Gate = task.CreateGate(new PciFunctionDispatcher(this));
    }

    internal string Holder { get; }

    internal PciAddress Address => _info.Address;

    internal Capability Gate { get; }

    internal bool Owns(ResourceKind kind, Extent wanted) => _info.Resources.Any(r => r.Kind == kind && r.Extent.Contains(wanted));

    /// <inheritdoc />
    public PciFunctionInfo Describe() => _info;

    /// <inheritdoc />
    public uint ReadConfig(ushort offset, byte width)
    {
        CheckConfig(offset, width);
        return _machine.ReadConfig(Address, offset, width);
    }

    /// <inheritdoc />
    public void WriteConfig(ushort offset, byte width, uint value)
    {
        CheckConfig(offset, width);
        var written = new Extent(offset, width);
        if (s_bars.Overlaps(written) || s_expansionRom.Overlaps(written))
        {
            throw new ServiceException(ServiceError.AccessDenied,
                $"{Address}: '{Holder}' may not move base address registers (write of 0x{value:x} to configuration offset 0x{offset:x})");
        }
        _machine.WriteConfig(Address, offset, width, value);
    }

    /// <inheritdoc />
    public Capability RequestPorts(ushort first, ushort count)
    {
        var claim = Take(ResourceKind.Ports, first, count);
        var portal = new PortPortal(_guard ?? (IPortAccess)_machine, _memory, claim.Extent);
        return Hold(claim, _task.CreatePortal(portal), portal.Revoke);
    }

    /// <inheritdoc />
    public void ReleasePorts(ushort first, ushort count) => Release(ResourceKind.Ports, new Extent(first, count));

    /// <inheritdoc />
    public Capability RequestMemory(ulong address, ulong length)
    {
        if (length > RegisterWord.RegisterLimit)
            throw new ServiceException(ServiceError.BadArgument, $"{Address}: {length} bytes of device memory are more than one portal spans ({RegisterWord.RegisterLimit})");
        var claim = Take(ResourceKind.Memory, address, length);
        var portal = new MemoryPortal(_machine, claim.Extent);
        return Hold(claim, _task.CreatePortal(portal), portal.Revoke);
    }

    /// <inheritdoc />
    public void ReleaseMemory(ulong address, ulong length) => Release(ResourceKind.Memory, new Extent(address, length));

    /// <inheritdoc />
    public Capability RequestInterrupt(uint line, Capability notification, ulong bits)
    {
        try
        {
            _task.Open<Notification>(notification, CapabilityRights.Write);
            var claim = Take(ResourceKind.Interrupt, line, 1);
            var capability = _task.CreateInterrupt(notification, bits);
            var interrupt = _task.Open<Interrupt>(capability);
            _machine.ConnectInterrupt(line, new InterruptLine(interrupt));
            return Hold(claim, capability, () =>
            {
                _machine.ConnectInterrupt(line, null);
                interrupt.Disconnect();
            });
        }
        finally
        {
            // The interrupt keeps the notification; the capability was only needed to find it.
            if (!notification.IsNull)
                _task.Release(notification);
        }
    }

    /// <inheritdoc />
    public void ReleaseInterrupt(uint line) => Release(ResourceKind.Interrupt, new Extent(line, 1));

    /// <inheritdoc />
    public Capability RequestService(Capability notification, ulong bits)
    {
        try
        {
            if (_service is not null)
                throw new ServiceException(ServiceError.Busy, $"{Address}: the service is claimed already by '{Holder}'");
            var sink = new ServiceSink(_task.Open<Notification>(notification, CapabilityRights.Write), bits);
            var portal = new ServicePortal(_machine, Address);
            _service = (_task.CreatePortal(portal), portal);
            _machine.ConnectService(Address, sink);
            return _service.Value.Capability;
        }
        finally
        {
            // The sink keeps the notification; the capability was only needed to find it.
            if (!notification.IsNull)
                _task.Release(notification);
        }
    }

    /// <inheritdoc />
    public void MapDma(Capability dataspace, ulong offset, ulong length, ulong busAddress, DmaAccess access)
    {
        try
        {
            _memory.Open(dataspace, offset, length, busAddress, access);
        }
        finally
        {
            // The window's mapping keeps the memory; the capability was only needed to make it.
            if (!dataspace.IsNull)
                _task.Release(dataspace);
        }
    }

    /// <inheritdoc />
    public void UnmapDma(ulong busAddress, ulong length) => _memory.Close(busAddress, length);

    /// <summary>Ends the grant: the device is stopped before its memory goes. When this returns it does nothing any more that its driver told
    /// it, nor can that driver, if it still runs, tell it anything.</summary>
    internal void Revoke()
    {
        _machine.WriteConfig(Address, PciScan.Command, 2, _machine.ReadConfig(Address, PciScan.Command, 2) & ~PciScan.CommandBusMaster);
        if (_service is { } service)
        {
            _machine.ConnectService(Address, null);
            service.Portal.Revoke();
            GiveUp(service.Capability);
        }
        foreach (var claim in _held.Keys.ToArray())
            TakeBack(claim);
        _guard?.Revoked();
        _machine.SetDmaMemory(Address, null);
        _machine.Reset(Address);
        // As the next holder expects to find it.
        _machine.WriteConfig(Address, PciScan.Command, 2, _command);
        _memory.CloseAll();
        GiveUp(Gate);
    }

    private Capability Hold(IoServer.Claim claim, Capability capability, Action takeBack)
    {
        _held.Add(claim, (capability, takeBack));
        return capability;
    }

    private void TakeBack(IoServer.Claim claim)
    {
        _held.Remove(claim, out var held);
        held.TakeBack();
        _server.ReturnClaim(claim);
        GiveUp(held.Capability);
    }

    private void GiveUp(Capability capability)
    {
        // A dead task has given all its capabilities up.
        if (!_task.IsDead)
            _task.Release(capability);
    }

    private IoServer.Claim Take(ResourceKind kind, ulong first, ulong count) =>
        count == 0
            ? throw new ServiceException(ServiceError.BadArgument, $"{Address}: '{Holder}' asked for no {kind} at 0x{first:x}")
            : _server.TakeClaim(kind, new Extent(first, count), this);

    private void Release(ResourceKind kind, Extent extent)
    {
        var claim = _held.Keys.FirstOrDefault(c => c.Kind == kind && c.Extent == extent)
            ?? throw new ServiceException(ServiceError.NotFound, $"{Address}: '{Holder}' does not hold {kind} 0x{extent.First:x}+{extent.Count}");
        TakeBack(claim);
    }

    private void CheckConfig(ushort offset, byte width)
    {
        if (width is not (1 or 2 or 4) || offset % width != 0 || !new Extent(0, 256).Contains(offset, width))
            throw new ServiceException(ServiceError.BadArgument, $"{Address}: {width} bytes at configuration offset 0x{offset:x} are no register");
    }

    private sealed class InterruptLine(Interrupt interrupt) : IInterruptSink
    {
        public void SetLevel(bool asserted) => interrupt.SetLevel(asserted);
    }

    private sealed class ServiceSink(Notification notification, ulong bits) : IServiceSink
    {
        public void Request() => notification.Signal(bits);
    }
}
