using Registers;

namespace Emulator;

/// <summary>The registers in device memory: storage and access rules are generated, what an access starts is here.</summary>
[RegisterFile("e1000.rdl", "")]
internal sealed partial class Intel82540Registers(Intel82540 card)
{
    private partial void OnControlWritten(uint old, uint written, uint accessed) => card.WriteControl(written);

    private partial void OnEepromControlWritten(uint old, uint written, uint accessed) => card.SetEepromPins();

    private partial void OnEepromReadWritten(uint old, uint written, uint accessed) => card.ReadEeprom(written);

    private partial void OnExtendedControlWritten(uint old, uint written, uint accessed)
    {
        if ((written & ExtendedControlEepromResetMask) != 0)
            card.LoadEeprom();
    }

    private partial void OnPhyAccessWritten(uint old, uint written, uint accessed) => card.AccessPhy();

    private partial void OnInterruptCauseRead(uint accessed) => card.Interrupts.Update();

    private partial void OnInterruptCauseSetWritten(uint old, uint written, uint accessed) => card.Interrupts.Raise(InterruptCauseSetRegister);

    private partial void OnInterruptMaskWritten(uint old, uint written, uint accessed) => card.Interrupts.Update();

    private partial void OnInterruptMaskClearWritten(uint old, uint written, uint accessed)
    {
        InterruptMaskRegister &= ~written;
        card.Interrupts.Update();
    }

    private partial void OnReceiveControlWritten(uint old, uint written, uint accessed)
    {
        if (ReceiveControlLoopback != 0 && ((old ^ written) & ReceiveControlLoopbackMask) != 0)
            card.ReportUnmodelled("RCTL.LBM", written);
        card.ReceiverChanged();
    }

    private partial void OnTransmitControlWritten(uint old, uint written, uint accessed) => card.Transmitter.Run();

    private partial void OnReceiveRingTailWritten(uint old, uint written, uint accessed) => card.Receiver.Run();

    private partial void OnTransmitRingTailWritten(uint old, uint written, uint accessed) => card.Transmitter.Run();

    private partial void OnReceiveDelayWritten(uint old, uint written, uint accessed)
    {
        if ((written & ReceiveDelayFlushMask) != 0)
            card.Interrupts.FlushReceived();
    }

    private partial void OnReceiveAddressLowWritten(int index, uint old, uint written, uint accessed) => card.Receiver.AddressesChanged();

    private partial void OnReceiveAddressHighWritten(int index, uint old, uint written, uint accessed) => card.Receiver.AddressesChanged();

    private partial void OnWakeControlWritten(uint old, uint written, uint accessed)
    {
        if (WakeControlPowerEvents)
            card.ReportUnmodelled("WUC.PME_EN", written);
    }

    private partial void OnWakeFilterWritten(uint old, uint written, uint accessed)
    {
        if (WakeFilterRegister != 0)
            card.ReportUnmodelled("WUFC", written);
    }

    private partial void OnUndecodedRead(int offset, int width) => card.Report("unknown-register", $"{width}-byte read at 0x{offset:x}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) =>
        card.Report("unknown-register", $"{width}-byte write of 0x{value:x} at 0x{offset:x}");

    private partial void OnReservedWrite(int offset, uint bits) =>
        card.Report("reserved-write", $"{RegisterName(offset) ?? "register"} at 0x{offset:x}: reserved bits 0x{bits:x}");
}
