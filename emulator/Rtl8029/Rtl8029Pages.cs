using Registers;

namespace Emulator;

/// <summary>What the pages have alike.</summary>
internal abstract class Rtl8029Page(Rtl8029 card)
{
    /// <summary>The card.</summary>
    protected Rtl8029 Card { get; } = card;

    /// <summary>Reads a register.</summary>
    public abstract uint Read(int offset, int width);

    /// <summary>Writes a register.</summary>
    public abstract void Write(int offset, int width, uint value);

    protected void OnUndecodedRead(int offset, int width) =>
        Card.Report("unknown-register", $"{width}-byte read at 0x{offset:x} of page {Card.Command.CommandPage}");

    protected void OnUndecodedWrite(int offset, int width, uint value) =>
        Card.Report("unknown-register", $"{width}-byte write of 0x{value:x} at 0x{offset:x} of page {Card.Command.CommandPage}");

    protected void OnReservedWrite(int offset, uint bits) =>
        Card.Report("reserved-write", $"register 0x{offset:x} of page {Card.Command.CommandPage}: reserved bits 0x{bits:x}");
}

/// <summary>CR.</summary>
[RegisterFile("rtl8029.rdl", "common")]
internal sealed partial class Rtl8029Command(Rtl8029 card) : Rtl8029Page(card)
{
    private partial void OnCommandWritten(uint old, uint written, uint accessed) => Card.CommandWritten();
}

/// <summary>Page 0: rings, transmission, interrupts.</summary>
[RegisterFile("rtl8029.rdl", "page0")]
internal sealed partial class Rtl8029Page0(Rtl8029 card) : Rtl8029Page(card)
{
    // Local DMA has finished whenever software looks: its address is where the next frame will be.
    private partial uint LoadLocalAddressHigh(uint accessed) => Card.Page1.CurrentPage;

    private partial void OnBoundaryWritten(uint old, uint written, uint accessed) => Card.BoundaryWritten();

    private partial void OnInterruptStatusWritten(uint old, uint written, uint accessed) => Card.InterruptAcknowledged();

    private partial void OnInterruptMaskWritten(uint old, uint written, uint accessed) => Card.UpdateInterrupt();

    private partial void OnReceiveControlWritten(uint old, uint written, uint accessed) => Card.ReceiverChanged();

    private partial void OnTransmitControlWritten(uint old, uint written, uint accessed)
    {
        if (TransmitControlAutoDisable)
            Card.ReportUnmodelled("TCR.ATD", written);
        if (((old ^ written) & TransmitControlLoopbackMask) != 0)
            Card.ReceiverChanged();
    }

    private partial void OnDataControlWritten(uint old, uint written, uint accessed)
    {
        if (DataControlBigEndian)
            Card.ReportUnmodelled("DCR.BOS", written);
        if (DataControlLongAddress)
            Card.ReportUnmodelled("DCR.LAS", written);
    }
}

/// <summary>Page 1: addresses.</summary>
[RegisterFile("rtl8029.rdl", "page1")]
internal sealed partial class Rtl8029Page1(Rtl8029 card) : Rtl8029Page(card)
{
    private partial void OnCurrentWritten(uint old, uint written, uint accessed) => Card.BoundaryWritten();
}

/// <summary>Page 2: what page 0 was given.</summary>
[RegisterFile("rtl8029.rdl", "page2")]
internal sealed partial class Rtl8029Page2(Rtl8029 card) : Rtl8029Page(card)
{
    private partial uint LoadPageStart(uint accessed) => Card.Page0.PageStartPage;

    private partial uint LoadPageStop(uint accessed) => Card.Page0.PageStopPage;

    private partial uint LoadTransmitPage(uint accessed) => Card.Page0.TransmitPagePage;

    private partial uint LoadReceiveControl(uint accessed) => Card.Page0.ReceiveControlRegister;

    private partial uint LoadTransmitControl(uint accessed) => Card.Page0.TransmitControlRegister;

    private partial uint LoadDataControl(uint accessed) => Card.Page0.DataControlRegister;

    private partial uint LoadInterruptMask(uint accessed) => Card.Page0.InterruptMaskRegister;
}

/// <summary>Page 3: Realtek's configuration.</summary>
[RegisterFile("rtl8029.rdl", "page3")]
internal sealed partial class Rtl8029Page3(Rtl8029 card) : Rtl8029Page(card)
{
    private const uint Reload = 1;
    private const uint Programming = 2;
    private const uint ConfigurationWritable = 3;

    private partial void OnEepromControlWritten(uint old, uint written, uint accessed)
    {
        if (EepromControlMode == Programming)
            Card.ReportUnmodelled("9346CR.EEM", written);
        // The registers are as the EEPROM has them then, and the mode goes back to normal.
        if (EepromControlMode == Reload)
            Reset();
    }

    private partial void OnConfiguration2Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG2"))
            Configuration2Register = old;
    }

    private partial void OnConfiguration3Written(uint old, uint written, uint accessed)
    {
        if (!MayConfigure("CONFIG3"))
            Configuration3Register = old;
    }

    private bool MayConfigure(string register)
    {
        if (EepromControlMode == ConfigurationWritable)
            return true;
        Card.Report("write-protected", $"{register} was written while 9346CR.EEM is {EepromControlMode}, not {ConfigurationWritable}");
        return false;
    }
}
