namespace Emulator;

/// <summary>
/// The internal PHY, a Marvell 88E1011 at address 1: IEEE 802.3 clause 22 registers, and section 13.4.8 for those of its own. The wire
/// is always a gigabit one whose partner negotiates everything, at once.
/// </summary>
internal sealed class Intel82540Phy
{
    /// <summary>Its address on the management interface.</summary>
    public const int Address = 1;

    private const int Control = 0;
    private const int Status = 1;
    private const int PartnerAbility = 5;
    private const int Expansion = 6;
    private const int GigabitStatus = 10;
    private const int SpecificStatus = 17;
    private const int RegisterCount = 32;

    private const ushort ControlReset = 1 << 15;
    private const ushort ControlPowerDown = 1 << 11;
    private const ushort ControlRestart = 1 << 9;
    private const ushort StatusLink = 1 << 2;
    private const ushort StatusNegotiated = 1 << 5;
    private const ushort SpecificStatusLink = 1 << 10;

    /// <summary>Registers that are what the hardware says: status, identifiers, partner, expansion, next page of the partner, gigabit
    /// status, extended status, PHY-specific status, interrupt status, receive errors.</summary>
    private const uint ReadOnly = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 15 | 1 << 17 | 1 << 19 | 1 << 21;

    private readonly ushort[] _registers = new ushort[RegisterCount];
    private bool _linkWasDown;

    public Intel82540Phy() => Reset();

    /// <summary>Whether the other end of the wire is there.</summary>
    public bool HasCarrier
    {
        get;
        set
        {
            field = value;
            _linkWasDown |= !value;
        }
    }

    /// <summary>Whether the PHY reports a link.</summary>
    public bool IsLinkUp => HasCarrier && (_registers[Control] & ControlPowerDown) == 0;

    /// <summary>All registers as after power-on.</summary>
    public void Reset()
    {
        Array.Clear(_registers);
        _registers[Control] = 0x1140; // negotiation on, full duplex, 1000 Mb/s
        _registers[Status] = 0x7949; // every mode of 10 and 100 Mb/s, extended status, preamble suppression, can negotiate, extended registers
        _registers[2] = 0x0141; // Marvell
        _registers[3] = 0x0c20; // 88E1011
        _registers[4] = 0x01e1; // advertises every mode of 10 and 100 Mb/s
        _registers[9] = 0x0300; // and of 1000 Mb/s
        _registers[15] = 0x3000; // 1000BASE-T in both duplexes
        _registers[16] = 0x0068; // crossover detection, energy detection as the strapping has it
        _registers[20] = 0x0d60; // 25 MHz transmit clock, no downshift
        _linkWasDown = true;
    }

    /// <summary>Software reads a register.</summary>
    public ushort Read(int register)
    {
        switch (register)
        {
            case Status:
                // Link status stays zero until it is read, once the link was down (22.2.4.2.13).
                bool link = IsLinkUp && !_linkWasDown;
                _linkWasDown = !IsLinkUp;
                return (ushort)(_registers[Status] | (link ? StatusLink : 0) | (IsLinkUp ? StatusNegotiated : 0));
            case PartnerAbility:
                return (ushort)(IsLinkUp ? 0xc5e1 : 0); // next page, acknowledged, pause, every mode of 10 and 100 Mb/s
            case Expansion:
                return (ushort)(IsLinkUp ? 0x000f : 0x0004);
            case GigabitStatus:
                return (ushort)(IsLinkUp ? 0x3c00 : 0); // both receivers are good, the partner does 1000BASE-T in both duplexes
            case SpecificStatus:
                return (ushort)(IsLinkUp ? 0xa800 | SpecificStatusLink : 0); // 1000 Mb/s, full duplex, resolved
            default:
                return _registers[register % RegisterCount];
        }
    }

    /// <summary>Software writes a register. False when it is read-only.</summary>
    public bool Write(int register, ushort value)
    {
        if ((ReadOnly >> register & 1) != 0)
            return false;
        if (register != Control)
        {
            _registers[register] = value;
            return true;
        }

        if ((value & ControlReset) != 0)
            Reset();
        else
            _registers[Control] = (ushort)(value & ~ControlRestart);
        return true;
    }
}
