using L4;
using L4Io;

namespace DdeLinux;

/// <summary>
/// Which ports and which device memory the driver has, as the kernel's resource tree keeps it: what a driver requested is its own, what it
/// maps need not be requested before. Either claims the range from the I/O server; it is given back when neither wants it any more.
/// </summary>
internal sealed partial class IoRegions(LinuxKernel kernel) : IVariableOwner
{
    private readonly List<Region> _regions = [];
    private readonly Dictionary<(ulong First, ulong Count), nint> _resources = [];
    private Resource _ports;

    private sealed class Region(ResourceKind kind, Extent extent)
    {
        internal ResourceKind Kind => kind;

        internal Extent Extent => extent;

        internal bool IsRequested { get; set; }

        internal int Mappings { get; set; }
    }

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        _ports = new Resource(variables.Define("ioport_resource", Resource.Size));
        _ports.end = ushort.MaxValue;
        _ports.flags = Resource.Ports;
    }

    /// <summary>Requests ports by number; the result describes them, or is null when they are not to be had. Of the two roots only
    /// <c>ioport_resource</c> is supplied.</summary>
    [KernelFunction]
    public nint __request_region(Resource parent, ulong first, ulong count, KernelString name, int flags)
    {
        RequirePorts(parent, "__request_region");
        nint memory = kernel.Slab.Allocate((nuint)Resource.Size, Slab.Zero);
        if (memory == 0 || !TryRequest(ResourceKind.Ports, first, count))
        {
            kernel.Slab.kfree(memory);
            return 0;
        }
        var resource = new Resource(memory)
        {
            start = first,
            end = first + count - 1,
            name = name.Address,
            flags = Resource.Ports,
        };
        _resources.Add((first, count), resource.Address);
        return resource.Address;
    }

    [KernelFunction]
    public void __release_region(Resource parent, ulong first, ulong count)
    {
        RequirePorts(parent, "__release_region");
        if (!_resources.Remove((first, count), out nint resource))
            throw new KernelFaultException($"__release_region of ports 0x{first:x}+{count}, which were not requested");
        ReleaseRequest(ResourceKind.Ports, first, count);
        kernel.Slab.kfree(resource);
    }

    /// <summary>Makes a range the driver's own; false, with a line in the log, when it is not to be had.</summary>
    internal bool TryRequest(ResourceKind kind, ulong first, ulong count)
    {
        if (Find(kind, first, count) is { } region)
        {
            if (region.IsRequested)
                return false;
            region.IsRequested = true;
            return true;
        }
        return TryClaim(kind, first, count, requested: true);
    }

    /// <summary>Ends what <see cref="TryRequest"/> began.</summary>
    internal void ReleaseRequest(ResourceKind kind, ulong first, ulong count)
    {
        var region = Find(kind, first, count) is { IsRequested: true } found
            ? found
            : throw new KernelFaultException($"{kind} 0x{first:x}+{count} is given back, but was not requested");
        region.IsRequested = false;
        GiveBackUnused(region);
    }

    /// <summary>Makes sure that a range can be accessed; false, with a line in the log, when it is not to be had.</summary>
    internal bool TryMap(ResourceKind kind, ulong first, ulong count)
    {
        if (Find(kind, first, count) is not { } region)
            return TryClaim(kind, first, count, requested: false);
        region.Mappings++;
        return true;
    }

    /// <summary>Ends what <see cref="TryMap"/> began.</summary>
    internal void Unmap(ResourceKind kind, ulong first, ulong count)
    {
        var region = Find(kind, first, count) is { Mappings: > 0 } found
            ? found
            : throw new KernelFaultException($"{kind} 0x{first:x}+{count} is unmapped, but was not mapped");
        region.Mappings--;
        GiveBackUnused(region);
    }

    private void RequirePorts(Resource parent, string function)
    {
        if (parent.Address != _ports.Address)
            throw new KernelFaultException($"{function} below 0x{parent.Address:x}, which is not ioport_resource");
    }

    private Region? Find(ResourceKind kind, ulong first, ulong count) => _regions.Find(region => region.Kind == kind && region.Extent.Contains(first, count));

    private bool TryClaim(ResourceKind kind, ulong first, ulong count, bool requested)
    {
        try
        {
            if (kind == ResourceKind.Ports)
                kernel.Pci.Ports.Request(checked((ushort)first), checked((ushort)count));
            else
                kernel.Pci.Memory.Request(first, count);
        }
        catch (ServiceException exception)
        {
            kernel.Log.Write(LogLevel.Warning, $"{kind} 0x{first:x}+{count} cannot be claimed: {exception.Message}");
            return false;
        }
        _regions.Add(new Region(kind, new Extent(first, count)) { IsRequested = requested, Mappings = requested ? 0 : 1 });
        return true;
    }

    private void GiveBackUnused(Region region)
    {
        if (region.IsRequested || region.Mappings > 0)
            return;
        _regions.Remove(region);
        var (first, count) = (region.Extent.First, region.Extent.Count);
        if (region.Kind == ResourceKind.Ports)
            kernel.Pci.Ports.Release((ushort)first, (ushort)count);
        else
            kernel.Pci.Memory.Release(first, count);
    }
}

public sealed partial class LinuxKernel
{
    internal IoRegions IoRegions => field ??= new IoRegions(this);
}
