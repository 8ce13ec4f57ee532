namespace Registers;

/// <summary>The address spaces in which a PCI function has registers.</summary>
public enum PciSpace : byte
{
    /// <summary>Configuration space of the function; addresses are offsets.</summary>
    Configuration = 1,

    /// <summary>I/O ports.</summary>
    Ports = 2,

    /// <summary>Device memory; addresses are physical.</summary>
    Memory = 3,
}

/// <summary>Says when a block is there that shares its addresses with others: while the last byte written to a register of the device, masked, has a value.</summary>
/// <param name="Offset">The register's, from where the block's base address register points.</param>
/// <param name="Mask">The bits that choose.</param>
/// <param name="Value">What they are while the block is there.</param>
public sealed record RegisterBank(ulong Offset, byte Mask, byte Value);

/// <summary>Where a block of a device's registers is found.</summary>
/// <param name="Space">The address space.</param>
/// <param name="Bar">Index of the base address register that the block belongs to; an IDE function in compatibility mode has its legacy ports
/// at the indices 0 to 3. Of no meaning in configuration space.</param>
/// <param name="Offset">In bytes from where that base address register points; in configuration space from its start.</param>
/// <param name="Table">The registers.</param>
public sealed record RegisterRegion(PciSpace Space, byte Bar, ulong Offset, RegisterTable Table)
{
    /// <summary>When the block is there; null for always.</summary>
    public RegisterBank? Bank { get; init; }
}

/// <summary>All register blocks of a kind of device, and what its interrupt lines are called. Stands beside the device's description.</summary>
/// <param name="Name">What the device is called in traces; the name of the description's top.</param>
/// <param name="Vendor">PCI vendor id.</param>
/// <param name="Device">PCI device id.</param>
/// <param name="Regions">Its blocks.</param>
public sealed record DeviceRegisters(string Name, ushort Vendor, ushort Device, IReadOnlyList<RegisterRegion> Regions)
{
    /// <summary>Names of lines that are wired to a part of the device; any other line is called as the device.</summary>
    public IReadOnlyDictionary<uint, string> InterruptNames { get; init; } = new Dictionary<uint, string>();
}

/// <summary>A table where it lies in a running machine.</summary>
/// <param name="Space">The address space.</param>
/// <param name="Address">Of the table's first byte: an offset, a port, or a physical address.</param>
/// <param name="Table">The registers.</param>
public sealed record PlacedTable(PciSpace Space, ulong Address, RegisterTable Table)
{
    /// <summary>When it is there, with an address in the place of the offset; null for always.</summary>
    public RegisterBank? Bank { get; init; }
}
