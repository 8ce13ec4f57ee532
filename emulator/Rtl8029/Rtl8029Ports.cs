namespace Emulator;

/// <summary>The 32 ports: registers at 0 to 0Fh, the data port at 10h to 17h, the reset port at 18h to 1Fh.</summary>
internal sealed class Rtl8029Ports(Rtl8029 card, Rtl8029RemoteDma remote) : PortRange("ne2000", PortCount)
{
    /// <summary>Ports of the base address register.</summary>
    public const int PortCount = 32;

    private const int CommandPort = 0x00;
    private const int DataPort = 0x10;
    private const int ResetPort = 0x18;

    public override uint Read(int offset, int width)
    {
        if (offset >= ResetPort)
        {
            card.ResetController();
            return 0;
        }

        if (offset >= DataPort)
            return remote.Read(width);
        if (width == 1)
            return PageAt(offset).Read(offset, width);
        card.Report("bad-width", $"{width}-byte read of register 0x{offset:x}");
        return LittleEndian.AllOnes(width);
    }

    public override void Write(int offset, int width, uint value)
    {
        if (offset >= ResetPort)
            card.ResetController();
        else if (offset >= DataPort)
            remote.Write(width, value);
        else if (width == 1)
            PageAt(offset).Write(offset, width, value);
        else
            card.Report("bad-width", $"{width}-byte write of 0x{value:x} to register 0x{offset:x}");
    }

    public override void ReadBlock(int offset, int width, Span<byte> destination)
    {
        if (offset is >= DataPort and < ResetPort)
            remote.ReadBlock(width, destination);
        else
            base.ReadBlock(offset, width, destination);
    }

    public override void WriteBlock(int offset, int width, ReadOnlySpan<byte> source)
    {
        if (offset is >= DataPort and < ResetPort)
            remote.WriteBlock(width, source);
        else
            base.WriteBlock(offset, width, source);
    }

    private Rtl8029Page PageAt(int offset) => offset == CommandPort ? card.Command : card.Command.CommandPage switch
    {
        0 => card.Page0,
        1 => card.Page1,
        2 => card.Page2,
        _ => card.Page3,
    };
}
