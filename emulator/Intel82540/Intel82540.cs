using L4Io;

namespace Emulator;

/// <summary>
/// Intel 82540EM, a gigabit network card: "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", 317453, whose
/// sections are named here and in its parts. Not modelled, and reported when software asks for it: loopback and waking up.
/// </summary>
internal sealed class Intel82540 : NetworkFunction
{
    /// <summary>PCI vendor.</summary>
    public const ushort VendorId = 0x8086;

    /// <summary>PCI device: section 4.1.</summary>
    public const ushort DeviceId = 0x100e;

    /// <summary>Bytes of device memory: section 4.1.1.</summary>
    public const uint MemorySize = 128 * 1024;

    private const int DescriptorsOfABlock = 8;
    private const int DescriptorBytes = 16;

    // Base address registers of a card with 32-bit addresses and no flash: memory, nothing, ports (section 4.1.1).
    private const int MemoryBase = 0;
    private const int PortsBase = 2;

    private readonly Intel82540Registers _registers;
    private readonly Intel82540Phy _phy = new();
    private readonly MicrowireEeprom _eeprom;

    public Intel82540(NicSlot slot, NicDescription description)
        : base("e1000", slot, description, VendorId, DeviceId, revision: 2)
    {
        _registers = new Intel82540Registers(this);
        _eeprom = new MicrowireEeprom(Intel82540Eeprom.Contents(description.Address));
        Interrupts = new Intel82540Interrupts(this, _registers, Interrupt, Clock);
        Transmitter = new Intel82540Transmitter(this, _registers, Interrupts, Wire);
        Receiver = new Intel82540Receiver(this, _registers, Interrupts, Wire);
        Decode(MemoryBase, new DeviceMemory(_registers));
        Decode(PortsBase, new Intel82540Ports(this, _registers));
        LoadEeprom();
    }

    /// <summary>Causes and masks.</summary>
    public Intel82540Interrupts Interrupts { get; }

    /// <summary>The way to the wire.</summary>
    public Intel82540Transmitter Transmitter { get; }

    /// <summary>The way from the wire.</summary>
    public Intel82540Receiver Receiver { get; }

    /// <summary>Finds a descriptor ring in memory; false, with a report, when there is none that the device could use.</summary>
    public bool TryOpenRing(string kind, IDmaMemory memory, ulong address, uint blocks, uint head, uint tail, out Span<byte> ring)
    {
        uint count = blocks * DescriptorsOfABlock;
        ring = default;
        if (head >= count || tail >= count)
        {
            Report("bad-ring", $"{kind} ring at 0x{address:x} has {count} descriptors; head {head} and tail {tail} do not both lie in it");
            return false;
        }
        if (memory.TryAccess(address, (int)count * DescriptorBytes, DmaAccess.Read | DmaAccess.Write, out ring))
            return true;
        ReceivedMasterAbort();
        return false;
    }

    /// <summary>CTRL was written.</summary>
    public void WriteControl(uint written)
    {
        if ((written & Intel82540Registers.ControlPhyResetMask) != 0)
            _phy.Reset();
        if ((written & Intel82540Registers.ControlResetMask) != 0)
            ResetDevice();
        else
            UpdateLink();
    }

    /// <summary>EECD was written.</summary>
    public void SetEepromPins()
    {
        _registers.EepromControlGrant = _registers.EepromControlRequest;
        // Only who was granted the pins drives them (section 5.3.1).
        if (!_registers.EepromControlGrant)
            return;
        _eeprom.SetPins(_registers.EepromControlSelect, _registers.EepromControlClock, _registers.EepromControlDataIn);
        _registers.EepromControlDataOut = _eeprom.DataOut;
    }

    /// <summary>EERD was written.</summary>
    public void ReadEeprom(uint written)
    {
        if ((written & Intel82540Registers.EepromReadStartMask) == 0)
            return;
        // While software has the pins, the device's own reads wait for it for ever.
        if (_registers.EepromControlRequest)
        {
            Report("eeprom-busy", "EERD.START while EECD.REQ holds the EEPROM");
            _registers.EepromReadDone = false;
            return;
        }
        _registers.EepromReadData = _eeprom[(int)_registers.EepromReadAddress];
        _registers.EepromReadDone = true;
    }

    /// <summary>What the device takes from the EEPROM after power-on and reset: its first station address (section 5.6.1).</summary>
    public void LoadEeprom()
    {
        _registers.SetReceiveAddressLowAddress(0, _eeprom[0] | (uint)_eeprom[1] << 16);
        _registers.SetReceiveAddressHighAddress(0, _eeprom[2]);
        _registers.SetReceiveAddressHighValid(0, true);
        Receiver.AddressesChanged();
    }

    /// <summary>MDIC was written (section 13.4.8).</summary>
    public void AccessPhy()
    {
        const uint Write = 1;
        const uint Read = 2;
        uint operation = _registers.PhyAccessOperation;
        int register = (int)_registers.PhyAccessRegisterAddress;
        _registers.PhyAccessReady = true;
        _registers.PhyAccessError = _registers.PhyAccessPhyAddress != Intel82540Phy.Address || operation is not (Read or Write);
        if (_registers.PhyAccessError)
            Report("phy-error", $"MDIC: operation {operation} of register {register} at PHY address {_registers.PhyAccessPhyAddress}");
        else if (operation == Read)
            _registers.PhyAccessData = _phy.Read(register);
        else if (_phy.Write(register, (ushort)_registers.PhyAccessData))
            UpdateLink();
        else
            Report("read-only-write", $"write of 0x{_registers.PhyAccessData:x} to PHY register {register}");
        if (_registers.PhyAccessInterruptEnable)
            Interrupts.Raise(Intel82540Registers.InterruptCauseMdioAccessCompleteMask);
    }

    /// <summary>Something changed that decides whether frames are received.</summary>
    public void ReceiverChanged()
    {
        Listen(_registers.ReceiveControlEnable && CanMaster);
        Receiver.Run();
    }

    /// <inheritdoc />
    public override void ResetFunction()
    {
        _phy.Reset();
        ResetDevice();
    }

    /// <inheritdoc />
    protected override long Serve()
    {
        UpdateLink();
        ReceiverChanged();
        Transmitter.Run();
        Interrupts.Expire();
        return Interrupts.NextDeadline;
    }

    private void ResetDevice()
    {
        _registers.Reset();
        Transmitter.Reset();
        Interrupts.Reset();
        LoadEeprom();
        ReceiverChanged();
        UpdateLink();
    }

    private void UpdateLink()
    {
        _phy.HasCarrier = Wire.IsLinkUp;
        bool up = _phy.IsLinkUp && _registers.ControlSetLinkUp;
        if (up == _registers.StatusLinkUp)
            return;
        _registers.StatusLinkUp = up;
        Interrupts.Raise(Intel82540Registers.InterruptCauseLinkStatusChangeMask);
    }

    private sealed class DeviceMemory(Intel82540Registers registers) : MemoryRange("e1000", MemorySize)
    {
        public override ulong Read(int offset, int width) => registers.Read(offset, width);

        public override void Write(int offset, int width, ulong value) => registers.Write(offset, width, unchecked((uint)value));
    }
}
