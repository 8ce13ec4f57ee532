namespace DdeLinux;

/// <summary>Configuration space, and what the kernel does with it for drivers (PCI Local Bus 3.0, 6.2).</summary>
internal sealed partial class PciConfiguration(LinuxKernel kernel)
{
    private const int Command = 0x04;
    private const uint CommandPorts = 1 << 0;
    private const uint CommandMemory = 1 << 1;
    private const uint CommandMaster = 1 << 2;
    private const uint CommandInvalidate = 1 << 4;
    private const uint CommandInterruptDisable = 1 << 10;
    private const int SavedWords = 16;

    /// <summary>PCIBIOS_BAD_REGISTER_NUMBER (linux/pci.h).</summary>
    private const int BadRegister = 0x87;

    private bool _isPinned;

    [KernelFunction]
    public int pci_read_config_byte(PciDev device, int offset, nint value)
    {
        if (!IsRegister(device, offset, 1))
            return BadRegister;
        kernel.Memory.At<byte>(value) = (byte)kernel.Pci.ReadConfig(offset, 1);
        return 0;
    }

    [KernelFunction]
    public int pci_read_config_word(PciDev device, int offset, nint value)
    {
        if (!IsRegister(device, offset, 2))
            return BadRegister;
        kernel.Memory.At<ushort>(value) = (ushort)kernel.Pci.ReadConfig(offset, 2);
        return 0;
    }

    [KernelFunction]
    public int pci_read_config_dword(PciDev device, int offset, nint value)
    {
        if (!IsRegister(device, offset, 4))
            return BadRegister;
        kernel.Memory.At<uint>(value) = kernel.Pci.ReadConfig(offset, 4);
        return 0;
    }

    [KernelFunction]
    public int pci_write_config_byte(PciDev device, int offset, byte value) => Write(device, offset, 1, value);

    [KernelFunction]
    public int pci_write_config_word(PciDev device, int offset, ushort value) => Write(device, offset, 2, value);

    [KernelFunction]
    public int pci_write_config_dword(PciDev device, int offset, uint value) => Write(device, offset, 4, value);

    [KernelFunction]
    public void pci_set_master(PciDev device)
    {
        ChangeCommand(CommandMaster, true);
        device.is_busmaster = true;
    }

    [KernelFunction]
    public void pci_intx(PciDev device, int enable) => ChangeCommand(CommandInterruptDisable, enable == 0);

    /// <summary>Enables a function, and disables it again when the driver leaves it.</summary>
    [KernelFunction]
    public int pcim_enable_device(PciDev device)
    {
        if (device.enable_cnt++ > 0)
            return 0;
        Enable(device, CommandPorts | CommandMemory);
        if (!device.is_managed)
        {
            device.is_managed = true;
            kernel.DeviceResources.Add(device.dev, () => Unmanage(device));
        }
        return 0;
    }

    [KernelFunction]
    public int pci_enable_device(PciDev device)
    {
        if (device.enable_cnt++ == 0)
            Enable(device, CommandPorts | CommandMemory);
        return 0;
    }

    /// <summary>Enables a function's memory, not its ports.</summary>
    [KernelFunction]
    public int pci_enable_device_mem(PciDev device)
    {
        if (device.enable_cnt++ == 0)
            Enable(device, CommandMemory);
        return 0;
    }

    /// <summary>Lets the function write whole cache lines at once.</summary>
    [KernelFunction]
    public int pci_set_mwi(PciDev device)
    {
        ChangeCommand(CommandInvalidate, true);
        return 0;
    }

    [KernelFunction]
    public void pci_clear_mwi(PciDev device) => ChangeCommand(CommandInvalidate, false);

    /// <summary>Lets the function wake the machine. Without a power management capability it cannot.</summary>
    [KernelFunction]
    public int pci_enable_wake(PciDev device, int state, bool enable) => enable ? -Errno.EINVAL : 0;

    /// <inheritdoc cref="pci_enable_wake"/>
    [KernelFunction]
    public int pci_wake_from_d3(PciDev device, bool enable) => enable ? -Errno.EINVAL : 0;

    /// <summary>Leaves a function enabled when the driver leaves it.</summary>
    [KernelFunction]
    public void pcim_pin_device(PciDev device) => _isPinned = true;

    [KernelFunction]
    public void pci_disable_device(PciDev device)
    {
        if (device.enable_cnt <= 0)
        {
            kernel.Panic.Warn($"pci_disable_device of {kernel.DriverCore.NameOf(device.dev)}, which is not enabled");
            return;
        }
        if (--device.enable_cnt > 0)
            return;
        ChangeCommand(CommandMaster, false);
        device.is_busmaster = false;
    }

    /// <summary>Enables a function again that was enabled before it lost its state.</summary>
    [KernelFunction]
    public int pci_reenable_device(PciDev device)
    {
        if (device.enable_cnt > 0)
            Enable(device, CommandPorts | CommandMemory);
        return 0;
    }

    [KernelFunction]
    public int pci_save_state(PciDev device)
    {
        var saved = kernel.Memory.Span<uint>(device.saved_config_space, SavedWords);
        for (int word = 0; word < SavedWords; word++)
            saved[word] = kernel.Pci.ReadConfig(word * 4, 4);
        device.state_saved = true;
        return 0;
    }

    [KernelFunction]
    public void pci_restore_state(PciDev device)
    {
        if (!device.state_saved)
            return;
        var saved = kernel.Memory.Span<uint>(device.saved_config_space, SavedWords);
        // Downwards, so that the command register enables what the others describe; what did not change is not written.
        for (int word = SavedWords - 1; word >= 0; word--)
        {
            if (kernel.Pci.ReadConfig(word * 4, 4) != saved[word])
                kernel.Pci.WriteConfig(word * 4, 4, saved[word]);
        }
        device.state_saved = false;
    }

    /// <summary>Changes the power state. Functions with a power management capability are not supported, and without one only D0 exists.</summary>
    [KernelFunction]
    public int pci_set_power_state(PciDev device, int state) => state == device.current_state ? 0 : -Errno.EIO;

    private static bool IsRegister(PciDev device, int offset, int width) => offset >= 0 && offset % width == 0 && offset < device.cfg_size;

    private int Write(PciDev device, int offset, int width, uint value)
    {
        if (!IsRegister(device, offset, width))
            return BadRegister;
        kernel.Pci.WriteConfig(offset, width, value);
        return 0;
    }

    private void Enable(PciDev device, uint kinds)
    {
        uint bits = 0;
        foreach (var resource in kernel.Pci.Info.Resources)
        {
            bits |= resource.Kind switch
            {
                L4Io.ResourceKind.Ports => CommandPorts,
                L4Io.ResourceKind.Memory => CommandMemory,
                _ => 0,
            };
        }
        ChangeCommand(bits & kinds, true);
    }

    private void Unmanage(PciDev device)
    {
        device.is_managed = false;
        if (!_isPinned && device.enable_cnt > 0)
            pci_disable_device(device);
    }

    private void ChangeCommand(uint bits, bool set)
    {
        uint command = kernel.Pci.ReadConfig(Command, 2);
        uint changed = set ? command | bits : command & ~bits;
        if (changed != command)
            kernel.Pci.WriteConfig(Command, 2, changed);
    }
}

public sealed partial class LinuxKernel
{
    internal PciConfiguration PciConfiguration => field ??= new PciConfiguration(this);
}
