namespace Emulator;

/// <summary>Intel 82540EM, a gigabit network card. "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", 317453.</summary>
internal sealed class Intel82540 : NetworkFunction
{
    /// <summary>Bytes of device memory: section 4.1, "Memory Register Base Address".</summary>
    public const uint MemorySize = 128 * 1024;

    public Intel82540(NicSlot slot, NicDescription description)
        : base("e1000", slot, description, NetworkRegisters.Header(0x8086, 0x100e, 0x02, slot.InterruptNumber, (PciRegister.BaseAddress0, MemorySize, false)))
    {
        Decode(PciRegister.BaseAddress0, new Registers(this));
    }

    private sealed class Registers(Intel82540 card) : MemoryRange("e1000", MemorySize)
    {
        public override ulong Read(int offset, int width)
        {
            card.Report("unknown-register", $"{width}-byte read of register 0x{offset:x}");
            return 0;
        }

        public override void Write(int offset, int width, ulong value) =>
            card.Report("unknown-register", $"{width}-byte write of 0x{value:x} to register 0x{offset:x}");
    }
}
