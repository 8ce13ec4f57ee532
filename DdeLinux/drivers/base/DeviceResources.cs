using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>
/// Device resources: what a driver acquired for a device and need not give back itself. Undone in reverse order when the driver leaves
/// the device, when the device goes, or group by group.
/// </summary>
internal sealed partial class DeviceResources(LinuxKernel kernel)
{
    private readonly Dictionary<nint, List<Entry>> _devices = [];
    private readonly Dictionary<nint, Entry> _byData = [];

    /// <summary>One resource: memory with a release function of the driver's, something that C# undoes, or the beginning of a group.</summary>
    internal sealed class Entry
    {
        internal nint Data { get; init; }

        internal nint ReleaseFunction { get; init; }

        internal Action? Undo { get; init; }

        internal nint Group { get; init; }
    }

    /// <summary>Memory that a release function gets when the resource goes: void (*)(struct device *, void *).</summary>
    [KernelFunction]
    public nint __devres_alloc_node(nint release, nuint size, uint flags, int node, KernelString name)
    {
        nint data = kernel.Slab.Allocate(Math.Max(size, 1), flags | Slab.Zero);
        if (data != 0)
            _byData.Add(data, new Entry { Data = data, ReleaseFunction = release });
        return data;
    }

    [KernelFunction]
    public void devres_add(Device device, nint data) => Of(device).Add(Find(data));

    /// <summary>Frees what was allocated but not added.</summary>
    [KernelFunction]
    public void devres_free(nint data)
    {
        if (data == 0)
            return;
        var entry = Find(data);
        if (_devices.Values.Any(list => list.Contains(entry)))
            throw new KernelFaultException($"devres_free of 0x{data:x}, which still belongs to a device");
        _byData.Remove(data);
        kernel.Slab.kfree(data);
    }

    /// <summary>Begins a group; the result names it.</summary>
    [KernelFunction]
    public nint devres_open_group(Device device, nint id, uint flags)
    {
        nint own = kernel.Slab.Allocate(1, flags);
        if (own == 0)
            return 0;
        nint group = id == 0 ? own : id;
        Of(device).Add(new Entry { Group = group, Undo = () => kernel.Slab.kfree(own) });
        return group;
    }

    /// <summary>Forgets a group, the newest open one if none is named; its resources stay.</summary>
    [KernelFunction]
    public void devres_remove_group(Device device, nint id)
    {
        var list = Of(device);
        int open = FindGroup(device, list, id);
        var mark = list[open];
        list.Remove(mark);
        mark.Undo!();
    }

    /// <summary>Releases a group, the newest open one if none is named. The result is how many resources it had.</summary>
    [KernelFunction]
    public int devres_release_group(Device device, nint id)
    {
        var list = Of(device);
        int open = FindGroup(device, list, id);
        var group = list.GetRange(open, list.Count - open);
        list.RemoveRange(open, group.Count);
        ReleaseEntries(device, group);
        return group.Count(entry => entry.Group == 0);
    }

    [KernelFunction]
    public nint devm_kmalloc(Device device, nuint size, uint flags)
    {
        if (size == 0)
            return Slab.ZeroSizePointer;
        nint data = kernel.Slab.Allocate(size, flags);
        if (data != 0)
            Add(device, () => kernel.Slab.kfree(data));
        return data;
    }

    [KernelFunction(Variadic = true)]
    public nint devm_kasprintf(Device device, uint flags, KernelString format, VariadicArguments arguments)
    {
        nint text = kernel.CopyString(KernelFormat.ToText(kernel, format.Bytes, arguments));
        Add(device, () => kernel.Slab.kfree(text));
        return text;
    }

    /// <summary>Adds something that C# undoes.</summary>
    internal Entry Add(Device device, Action undo)
    {
        var entry = new Entry { Undo = undo };
        Of(device).Add(entry);
        return entry;
    }

    /// <summary>Undoes one resource ahead of its time.</summary>
    internal void Release(Device device, Entry entry)
    {
        if (Of(device).Remove(entry))
            entry.Undo!();
    }

    /// <summary>Undoes all of a device's resources, newest first.</summary>
    internal void ReleaseAll(Device device)
    {
        if (_devices.Remove(device.Address, out var list))
            ReleaseEntries(device, list);
    }

    private void ReleaseEntries(Device device, List<Entry> entries)
    {
        for (int index = entries.Count - 1; index >= 0; index--)
        {
            var entry = entries[index];
            entry.Undo?.Invoke();
            if (entry.Data == 0)
                continue;
            kernel.Call(entry.ReleaseFunction, device.Address, entry.Data);
            _byData.Remove(entry.Data);
            kernel.Slab.kfree(entry.Data);
        }
    }

    private List<Entry> Of(Device device)
    {
        if (!_devices.TryGetValue(device.Address, out var list))
            _devices.Add(device.Address, list = []);
        return list;
    }

    private Entry Find(nint data) => _byData.TryGetValue(data, out var entry)
        ? entry
        : throw new KernelFaultException($"0x{data:x} is no device resource");

    private int FindGroup(Device device, List<Entry> list, nint id)
    {
        // Nobody closes a group here (devres_close_group is not supplied), so each reaches to the end of the list.
        int index = list.FindLastIndex(entry => entry.Group != 0 && (id == 0 || entry.Group == id));
        return index >= 0
            ? index
            : throw new KernelFaultException($"device '{kernel.DriverCore.NameOf(device)}' has no {(id == 0 ? "resource group" : $"resource group 0x{id:x}")}");
    }
}

public sealed partial class LinuxKernel
{
    internal DeviceResources DeviceResources => field ??= new DeviceResources(this);
}
