using Registers;

namespace Emulator;

/// <summary>The registers behind two I/O ports.</summary>
[RegisterFile("e1000-io.rdl", "")]
internal sealed partial class Intel82540Ports(Intel82540 card, Intel82540Registers registers) : PortRange("e1000-ports", PortCount)
{
    /// <summary>Ports of the base address register: section 4.1.1.</summary>
    public const int PortCount = 8;

    private partial uint LoadData(uint accessed) => IsRegister ? registers.Read((int)AddressTarget, 4) : 0;

    private partial void StoreData(uint value, uint accessed)
    {
        if (IsRegister)
            registers.Write((int)AddressTarget, 4, value);
    }

    private partial void OnUndecodedRead(int offset, int width) => card.Report("unknown-register", $"{width}-byte read of port 0x{offset:x}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) =>
        card.Report("unknown-register", $"{width}-byte write of 0x{value:x} to port 0x{offset:x}");

    private partial void OnReservedWrite(int offset, uint bits) => card.Report("reserved-write", $"port 0x{offset:x}: reserved bits 0x{bits:x}");

    /// <summary>Device memory ends at 128 KiB, and registers are doublewords.</summary>
    private bool IsRegister
    {
        get
        {
            if (AddressTarget < Intel82540.MemorySize && (AddressTarget & 3) == 0)
                return true;
            card.Report("unknown-register", $"IOADDR 0x{AddressTarget:x} names no register");
            return false;
        }
    }
}
