using L4Io;

namespace DdeKit.Pci;

/// <summary>
/// Sees every register access of a domain, whatever made it: a function that the driver called, or an instruction that trapped. Called by the
/// holder of the baton, on the thread that makes the access, after a read and before a write.
/// </summary>
public interface IRegisterTap
{
    /// <summary>A register was read.</summary>
    /// <param name="space">Ports or memory.</param>
    /// <param name="register">Port number, or physical address.</param>
    /// <param name="width">1, 2 or 4 bytes; 8 in memory.</param>
    /// <param name="value">What the device answered.</param>
    void Read(ResourceKind space, ulong register, int width, ulong value);

    /// <summary>A register is about to be written.</summary>
    /// <inheritdoc cref="Read"/>
    void Write(ResourceKind space, ulong register, int width, ulong value);

    /// <summary>One port filled memory.</summary>
    /// <param name="port">Port number.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    /// <param name="busAddress">Where the memory is, for the device.</param>
    /// <param name="bytes">How many.</param>
    void ReadBlock(uint port, int width, ulong busAddress, uint bytes);

    /// <summary>Memory is about to be written to one port.</summary>
    /// <inheritdoc cref="ReadBlock"/>
    void WriteBlock(uint port, int width, ulong busAddress, uint bytes);

    /// <summary>Configuration space was read.</summary>
    void ReadConfiguration(int offset, int width, uint value);

    /// <summary>Configuration space is about to be written.</summary>
    void WriteConfiguration(int offset, int width, uint value);
}
