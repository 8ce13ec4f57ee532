using System.Globalization;
using System.Numerics;
using DdeKit.Foreign;
using L4;

namespace DdeBsd;

/// <summary>The types of resources (machine/resource.h).</summary>
internal enum ResourceType
{
    Interrupt = 1,
    DmaRequest = 2,
    Memory = 3,
    Ports = 4,
}

/// <summary>Flags of resources (sys/rman.h).</summary>
[Flags]
internal enum ResourceFlags : uint
{
    None = 0,
    Allocated = 0x1,
    Active = 0x2,
    Shareable = 0x4,
}

/// <summary>A piece of ports, device memory or interrupts that a driver holds.</summary>
internal sealed class Resource(nint address, ResourceManager? manager, Extent extent, Device? owner)
{
    /// <summary>The driver's <c>struct resource</c>.</summary>
    internal nint Address { get; } = address;

    internal ResourceManager? Manager { get; } = manager;

    internal Extent Extent { get; set; } = extent;

    internal Device? Owner { get; set; } = owner;

    internal ResourceType Type { get; init; }

    internal int Rid { get; set; }

    internal ResourceFlags Flags { get; set; }

    internal nint Virtual { get; set; }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type} 0x{Extent.First:x}+{Extent.Count} (rid 0x{Rid:x})");
}

/// <summary>A manager of a driver's own: regions, and what is reserved of them.</summary>
internal sealed class ResourceManager
{
    internal List<Extent> Regions { get; } = [];

    internal List<Resource> Reserved { get; } = [];
}

/// <summary>rman(9): resources, and the managers from which buses give them out.</summary>
internal sealed unsafe class Resources(BsdKernel kernel)
{
    // sys/rman.h: RF_ALIGNMENT_SHIFT, RF_ALIGNMENT_MASK.
    private const int AlignmentShift = 10;
    private const uint AlignmentMask = 0x3f;

    private readonly Dictionary<nint, Resource> _resources = [];
    private readonly Dictionary<nint, ResourceManager> _managers = [];
    private nint _nextManager = 1;

    /// <summary>The resource that a driver names.</summary>
    internal Resource Find(nint resource) =>
        _resources.GetValueOrDefault(resource) ?? throw new KernelFaultException($"0x{resource:x} is no resource, or was released");

    /// <summary>Makes a resource that no manager has.</summary>
    internal Resource Make(ResourceType type, Extent extent, int rid, Device owner)
    {
        var made = new Resource(kernel.Malloc.AllocateOwn(sizeof(ResourceHandle)), null, extent, owner) { Type = type, Rid = rid, Flags = ResourceFlags.Allocated };
        _resources.Add(made.Address, made);
        owner.Resources.Add(made);
        return made;
    }

    /// <summary>Forgets a resource.</summary>
    internal void Free(Resource resource)
    {
        resource.Owner?.Resources.Remove(resource);
        _resources.Remove(resource.Address);
        kernel.Malloc.FreeOwn(resource.Address);
    }

    [KernelFunction]
    public int rman_init(nint manager)
    {
        nint number = _nextManager++;
        _managers.Add(number, new ResourceManager());
        kernel.Memory.At<ResourceManagerHandle>(manager).rm_private = number;
        return 0;
    }

    [KernelFunction]
    public int rman_fini(nint manager)
    {
        if (FindManager(manager).Reserved.Count > 0)
            return Errno.EBUSY;
        _managers.Remove(kernel.Memory.At<ResourceManagerHandle>(manager).rm_private);
        return 0;
    }

    [KernelFunction]
    public int rman_manage_region(nint manager, ulong start, ulong end)
    {
        var target = FindManager(manager);
        if (end < start || end - start == ulong.MaxValue)
            return Errno.EINVAL;
        var region = new Extent(start, end - start + 1);
        if (target.Regions.Exists(other => Overlap(other, region)))
            return Errno.EBUSY;
        target.Regions.Add(region);
        target.Regions.Sort(static (left, right) => left.First.CompareTo(right.First));
        return 0;
    }

    /// <summary>Reserves numbers between start and end: the lowest that are free, or ones that are shared by everybody who has them.</summary>
    [KernelFunction]
    public nint rman_reserve_resource(nint manager, ulong start, ulong end, ulong count, uint flags, nint device)
    {
        var target = FindManager(manager);
        if (count == 0)
            return 0;
        ulong alignment = 1UL << (int)Math.Min(flags >> AlignmentShift & AlignmentMask, 63);
        bool isShareable = ((ResourceFlags)flags & ResourceFlags.Shareable) != 0;
        foreach (var region in target.Regions)
        {
            ulong last = Math.Min(end, region.First + (region.Count - 1));
            for (ulong first = AlignUp(Math.Max(start, region.First), alignment); first <= last && count - 1 <= last - first;)
            {
                var wanted = new Extent(first, count);
                var obstacle = target.Reserved.Find(other => Overlap(other.Extent, wanted) && !(isShareable && other.Extent == wanted && (other.Flags & ResourceFlags.Shareable) != 0));
                if (obstacle is null)
                    return Reserve(target, wanted, (ResourceFlags)flags, device).Address;
                first = AlignUp(obstacle.Extent.First + obstacle.Extent.Count, alignment);
            }
        }
        return 0;
    }

    [KernelFunction]
    public int rman_release_resource(nint resource)
    {
        var target = Find(resource);
        if (target.Manager is null)
            throw new KernelFaultException($"{target} was given by a bus and goes back to it, not to a resource manager");
        target.Manager.Reserved.Remove(target);
        Free(target);
        return 0;
    }

    [KernelFunction]
    public int rman_activate_resource(nint resource)
    {
        Find(resource).Flags |= ResourceFlags.Active;
        return 0;
    }

    [KernelFunction]
    public int rman_deactivate_resource(nint resource)
    {
        Find(resource).Flags &= ~ResourceFlags.Active;
        return 0;
    }

    [KernelFunction]
    public ulong rman_get_start(nint resource) => Find(resource).Extent.First;

    [KernelFunction]
    public ulong rman_get_end(nint resource) => Find(resource).Extent is var extent ? extent.First + (extent.Count - 1) : 0;

    [KernelFunction]
    public ulong rman_get_size(nint resource) => Find(resource).Extent.Count;

    [KernelFunction]
    public uint rman_get_flags(nint resource) => (uint)Find(resource).Flags;

    [KernelFunction]
    public nint rman_get_device(nint resource) => Find(resource).Owner?.Address ?? 0;

    [KernelFunction]
    public nint rman_get_virtual(nint resource) => Find(resource).Virtual;

    [KernelFunction]
    public void rman_set_virtual(nint resource, nint address) => Find(resource).Virtual = address;

    [KernelFunction]
    public int rman_get_rid(nint resource) => Find(resource).Rid;

    [KernelFunction]
    public void rman_set_rid(nint resource, int rid) => Find(resource).Rid = rid;

    // The three that drivers call for each register access read the driver's own structure.
    [KernelFunction]
    public int rman_get_bustag(nint resource) => kernel.Memory.At<ResourceHandle>(resource).r_bustag;

    [KernelFunction]
    public ulong rman_get_bushandle(nint resource) => kernel.Memory.At<ResourceHandle>(resource).r_bushandle;

    [KernelFunction]
    public void rman_set_bustag(nint resource, int tag) => kernel.Memory.At<ResourceHandle>(resource).r_bustag = tag;

    [KernelFunction]
    public void rman_set_bushandle(nint resource, ulong handle) => kernel.Memory.At<ResourceHandle>(resource).r_bushandle = handle;

    [KernelFunction]
    public uint rman_make_alignment_flags(uint size) => size <= 1 ? 0 : (uint)BitOperations.Log2(BitOperations.RoundUpToPowerOf2(size)) << AlignmentShift;

    private static ulong AlignUp(ulong value, ulong alignment) => unchecked((value + alignment - 1) & ~(alignment - 1));

    private static bool Overlap(Extent left, Extent right) => left.Contains(right.First) || right.Contains(left.First);

    private Resource Reserve(ResourceManager manager, Extent extent, ResourceFlags flags, nint device)
    {
        var made = new Resource(kernel.Malloc.AllocateOwn(sizeof(ResourceHandle)), manager, extent, device == 0 ? null : kernel.Devices.Find(device))
        {
            Flags = flags | ResourceFlags.Allocated,
        };
        _resources.Add(made.Address, made);
        manager.Reserved.Add(made);
        return made;
    }

    private ResourceManager FindManager(nint manager) =>
        _managers.GetValueOrDefault(kernel.Memory.At<ResourceManagerHandle>(manager).rm_private)
            ?? throw new KernelFaultException($"0x{manager:x} is no resource manager, or was never initialized");
}

public sealed partial class BsdKernel
{
    internal Resources Resources => field ??= new Resources(this);
}
