using L4Io;

namespace DdeLinux;

/// <summary>
/// ioremap: addresses that stand for device memory. Drivers load and store there by instructions of their own, which trap
/// (<see cref="DdeKit.Foreign.DeviceWindows"/>).
/// </summary>
internal sealed partial class IoRemap(LinuxKernel kernel)
{
    private readonly Dictionary<nint, (ulong Physical, ulong Length)> _mapped = [];

    /// <summary>Maps device memory of the function; 0, with a line in the log, when it is not to be had.</summary>
    [KernelFunction]
    public nint ioremap(ulong physical, ulong length)
    {
        if (length == 0 || !kernel.IoRegions.TryMap(ResourceKind.Memory, physical, length))
            return 0;
        nint address = kernel.Windows.Map(physical, length);
        _mapped.Add(address, (physical, length));
        return address;
    }

    /// <summary>Takes a mapping back. Null, which drivers pass for what they never mapped, is nothing.</summary>
    [KernelFunction]
    public void iounmap(nint address)
    {
        if (address == 0)
            return;
        if (!_mapped.Remove(address, out var range))
            throw new KernelFaultException($"iounmap of 0x{address:x}, where nothing is mapped");
        kernel.Windows.Unmap(address);
        kernel.IoRegions.Unmap(ResourceKind.Memory, range.Physical, range.Length);
    }
}

public sealed partial class LinuxKernel
{
    internal IoRemap IoRemap => field ??= new IoRemap(this);
}
