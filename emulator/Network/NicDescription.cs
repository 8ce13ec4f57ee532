using System.Net.NetworkInformation;

namespace Emulator;

/// <summary>Which network card.</summary>
public enum NicModel
{
    /// <summary>Intel 82540EM, gigabit: Linux's <c>e1000</c>.</summary>
    E1000,

    /// <summary>Realtek RTL8029AS, an NE2000 of 10 Mb/s: Linux's <c>ne2k-pci</c>.</summary>
    Ne2000,

    /// <summary>Realtek RTL8139C, fast Ethernet with one receive buffer and four transmit slots: Linux's <c>8139too</c>.</summary>
    Rtl8139,

    /// <summary>Realtek RTL8139C+, which has descriptor rings: Linux's <c>8139cp</c>.</summary>
    Rtl8139CPlus,
}

/// <summary>A network card to be put into a machine.</summary>
public sealed record NicDescription
{
    /// <param name="model">Which card.</param>
    /// <param name="address">Its station address: 6 bytes, not a group address.</param>
    /// <param name="wire">The end of the wire in its socket; null when nothing is plugged in.</param>
    /// <exception cref="MachineDescriptionException">The address is none that a station can have.</exception>
    public NicDescription(NicModel model, PhysicalAddress address, WireEnd? wire)
    {
        ArgumentNullException.ThrowIfNull(address);
        byte[] bytes = address.GetAddressBytes();
        if (bytes.Length != 6 || (bytes[0] & 1) != 0 || !bytes.AsSpan().ContainsAnyExcept((byte)0))
            throw new MachineDescriptionException($"network address '{address}': 6 bytes that are not all zero are needed, the first of them even");
        Model = model;
        Address = address;
        Wire = wire;
    }

    /// <summary>Which card.</summary>
    public NicModel Model { get; }

    /// <summary>Its station address.</summary>
    public PhysicalAddress Address { get; }

    /// <summary>The end of the wire in its socket.</summary>
    public WireEnd? Wire { get; }

    /// <summary>What is wrong with the card: nothing unless a test says so. Each card has its own.</summary>
    public NicFaults Faults { get; init; } = new();
}
