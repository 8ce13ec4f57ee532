using L4;

namespace L4Io;

/// <summary>Ports granted to a driver, as a portal.</summary>
internal sealed class PortPortal : IPortalHandler
{
    private readonly IPortAccess _access;
    private readonly IDmaMemory _memory;
    private readonly Extent _ports;
    private uint _blockAddress;
    private RevocableEntry _entry;

    internal PortPortal(IPortAccess access, IDmaMemory memory, Extent ports)
    {
        _access = access;
        _memory = memory;
        _ports = ports;
    }

    internal void Revoke() => _entry.Revoke();

    /// <inheritdoc />
    public ulong Enter(ulong word)
    {
        bool isAllowed = _entry.Enter();
        try
        {
            return Access(word, isAllowed);
        }
        finally
        {
            _entry.Leave();
        }
    }

    private ulong Access(ulong word, bool isAllowed)
    {
        uint register = RegisterWord.RegisterOf(word);
        int width = RegisterWord.WidthOf(word);
        var kind = RegisterWord.KindOf(word);
        if (kind == RegisterWord.Kind.BlockAddress)
        {
            _blockAddress = RegisterWord.ValueOf(word);
            return 0;
        }
        if (!isAllowed || width is not (1 or 2 or 4) || !_ports.Contains(register, (ulong)width))
            throw Refuse(register, width);
        switch (kind)
        {
            case RegisterWord.Kind.Read:
                return _access.ReadPort((ushort)register, width);
            case RegisterWord.Kind.Write:
                _access.WritePort((ushort)register, width, RegisterWord.ValueOf(word));
                return 0;
            default:
                TransferBlock(kind, (ushort)register, width, RegisterWord.ValueOf(word));
                return 0;
        }
    }

    private void TransferBlock(RegisterWord.Kind kind, ushort port, int width, uint bytes)
    {
        var access = kind == RegisterWord.Kind.ReadBlock ? DmaAccess.Write : DmaAccess.Read;
        if (bytes >= RegisterWord.BlockLimit || bytes % (uint)width != 0 || !_memory.TryAccess(_blockAddress, (int)bytes, access, out var memory))
            throw new ServiceException(ServiceError.BadArgument, $"a block of {bytes} bytes at bus address 0x{_blockAddress:x} lies outside the driver's own memory");
        if (kind == RegisterWord.Kind.ReadBlock)
            _access.ReadPortBlock(port, width, memory);
        else
            _access.WritePortBlock(port, width, memory);
    }

    private ServiceException Refuse(uint register, int width) => new(ServiceError.AccessDenied,
        _entry.IsRevoked ? $"ports 0x{_ports.First:x}+{_ports.Count} were taken back" : $"port 0x{register:x} ({width} bytes) is not in the granted ports 0x{_ports.First:x}+{_ports.Count}");
}

/// <summary>Device memory granted to a driver, as a portal. Registers are offsets from its start.</summary>
internal sealed class MemoryPortal : IPortalHandler
{
    private readonly IMachine _machine;
    private readonly Extent _memory;
    private RevocableEntry _entry;

    internal MemoryPortal(IMachine machine, Extent memory)
    {
        _machine = machine;
        _memory = memory;
    }

    internal void Revoke() => _entry.Revoke();

    /// <inheritdoc />
    public ulong Enter(ulong word)
    {
        bool isAllowed = _entry.Enter();
        try
        {
            return Access(word, isAllowed);
        }
        finally
        {
            _entry.Leave();
        }
    }

    private ulong Access(ulong word, bool isAllowed)
    {
        uint offset = RegisterWord.RegisterOf(word);
        int width = RegisterWord.WidthOf(word);
        var kind = RegisterWord.KindOf(word);
        if (!isAllowed || width is not (1 or 2 or 4) || kind is not (RegisterWord.Kind.Read or RegisterWord.Kind.Write)
            || !new Extent(0, _memory.Count).Contains(offset, (ulong)width))
        {
            throw new ServiceException(ServiceError.AccessDenied, $"{kind} of {width} bytes at offset 0x{offset:x} of device memory 0x{_memory.First:x}+{_memory.Count} is refused");
        }
        if (kind == RegisterWord.Kind.Read)
            return _machine.ReadMemory(_memory.First + offset, width);
        _machine.WriteMemory(_memory.First + offset, width, RegisterWord.ValueOf(word));
        return 0;
    }
}

/// <summary>The service of a granted function, as a portal.</summary>
internal sealed class ServicePortal : IPortalHandler
{
    private readonly IMachine _machine;
    private readonly PciAddress _address;
    private RevocableEntry _entry;

    internal ServicePortal(IMachine machine, PciAddress address)
    {
        _machine = machine;
        _address = address;
    }

    internal void Revoke() => _entry.Revoke();

    /// <inheritdoc />
    public ulong Enter(ulong word)
    {
        bool isAllowed = _entry.Enter();
        try
        {
            if (!isAllowed || word != RegisterWord.Service)
            {
                throw new ServiceException(ServiceError.AccessDenied,
                    isAllowed ? $"{_address}: word 0x{word:x} is no request for service" : $"{_address}: the service was taken back");
            }
            return (ulong)_machine.Service(_address);
        }
        finally
        {
            _entry.Leave();
        }
    }
}
