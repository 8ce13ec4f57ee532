namespace DdeLinux;

/// <summary>
/// A machine without ACPI: there are no ACPI objects, so nothing has a companion and no handle is valid. What takes a handle answers as
/// the kernel does for one that does not exist (ACPI 6.4 has no table here to find it in).
/// </summary>
internal sealed partial class Acpi(LinuxKernel kernel) : IVariableOwner
{
    /// <summary>AE_NOT_EXIST (acpi/acexcep.h).</summary>
    private const uint DoesNotExist = 6;

    /// <inheritdoc />
    public void Define(VariableTable variables) =>
        // All flags 0: nothing is known of the platform.
        variables.Define("acpi_gbl_FADT", KernelTypes.Current.SizeOf("acpi_table_fadt"));

    [KernelFunction]
    public bool is_acpi_device_node(nint node) => false;

    [KernelFunction]
    public nint acpi_find_child_device(nint parent, ulong address, bool checkChildren) => 0;

    [KernelFunction]
    public uint acpi_evaluate_object(nint handle, KernelString path, nint arguments, nint result) => DoesNotExist;

    [KernelFunction]
    public int acpi_bus_set_power(nint handle, int state) => -Errno.ENODEV;

    [KernelFunction]
    public int acpi_pm_device_sleep_state(Device device, nint minimum, int maximum) => -Errno.ENODEV;

    [KernelFunction]
    public int acpi_pm_set_device_wakeup(Device device, bool enable) => -Errno.EINVAL;

    [KernelFunction]
    public uint acpi_install_notify_handler(nint handle, uint type, nint handler, nint context) => DoesNotExist;

    [KernelFunction]
    public uint acpi_remove_notify_handler(nint handle, uint type, nint handler) => DoesNotExist;

    /// <summary>Takes a companion, and nothing has one.</summary>
    [KernelFunction]
    public void acpi_initialize_hp_context(nint companion, nint context, nint notify, nint uevent) =>
        throw new KernelFaultException($"hot-plug context for the ACPI device 0x{companion:x}: there is no ACPI ({kernel.Task.Name})");
}

public sealed partial class LinuxKernel
{
    internal Acpi Acpi => field ??= new Acpi(this);
}
