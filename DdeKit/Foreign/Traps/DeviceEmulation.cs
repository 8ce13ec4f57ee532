using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>What became of a trapped instruction that may have been a device access.</summary>
internal enum EmulationResult
{
    /// <summary>It was carried out; the frame is past it.</summary>
    Done,

    /// <summary>It is no device access.</summary>
    NotDevice,

    /// <summary>It is a device access of a form that is not emulated.</summary>
    Unsupported,

    /// <summary>A string instruction names memory that is not there.</summary>
    BadMemory,
}

/// <summary>Carries out device accesses by instruction: port instructions (Intel SDM volume 2, IN, INS, OUT, OUTS), and whatever has an
/// operand in a device window. Used by the holder of the baton; a device may run foreign code, and so this, before it answers.</summary>
internal sealed class DeviceEmulation
{
    private readonly IDeviceAccess _device;
    private readonly DeviceWindows _windows;
    private readonly StringEmulation _strings;

    public DeviceEmulation(IDeviceAccess device, DeviceWindows windows)
    {
        _device = device;
        _windows = windows;
        _strings = new StringEmulation(device, windows);
        Replay = new InstructionReplay(windows.Memory);
    }

    /// <summary>What instructions other than moves are run by.</summary>
    public InstructionReplay Replay { get; }

    /// <summary>Carries an instruction out.</summary>
    /// <param name="frame">The registers; changed when the result is <see cref="EmulationResult.Done"/>.</param>
    /// <param name="instruction">What is to be done.</param>
    /// <param name="prepared">The instruction as <see cref="Replay"/> prepared it; the default lets it be prepared when it is needed.</param>
    public EmulationResult Emulate(ref RegisterFrame frame, in Instruction instruction, in ReplayedInstruction prepared = default)
    {
        var result = instruction.Mnemonic switch
        {
            Mnemonic.In => In(ref frame, in instruction),
            Mnemonic.Out => Out(ref frame, in instruction),
            Mnemonic.Insb => _strings.Port(ref frame, in instruction, 1, input: true),
            Mnemonic.Insw => _strings.Port(ref frame, in instruction, 2, input: true),
            Mnemonic.Insd => _strings.Port(ref frame, in instruction, 4, input: true),
            Mnemonic.Outsb => _strings.Port(ref frame, in instruction, 1, input: false),
            Mnemonic.Outsw => _strings.Port(ref frame, in instruction, 2, input: false),
            Mnemonic.Outsd => _strings.Port(ref frame, in instruction, 4, input: false),
            _ when StringEmulation.IsMemoryString(in instruction) => _strings.Memory(ref frame, in instruction),
            _ => Operand(ref frame, in instruction, in prepared),
        };
        if (result == EmulationResult.Done)
            frame.Rip = instruction.NextIP;
        return result;
    }

    /// <summary>The address that an instruction's memory operand names.</summary>
    public static ulong EffectiveAddress(ref RegisterFrame frame, in Instruction instruction)
    {
        ulong address = instruction.MemoryDisplacement64;
        var (first, second) = (instruction.MemoryBase, instruction.MemoryIndex);
        if (first is Register.RIP or Register.EIP)
            return address;
        bool isShort = false;
        if (first != Register.None)
        {
            address = unchecked(address + RegisterFile.Read(ref frame, first));
            isShort = first.IsGPR32();
        }
        if (second != Register.None)
        {
            address = unchecked(address + RegisterFile.Read(ref frame, second) * (ulong)instruction.MemoryIndexScale);
            isShort |= second.IsGPR32();
        }
        return isShort ? RegisterFile.Truncate(address, sizeof(uint)) : address;
    }

    private EmulationResult In(ref RegisterFrame frame, in Instruction instruction)
    {
        var register = instruction.Op0Register;
        RegisterFile.Write(ref frame, register, _device.ReadPort(Port(ref frame, in instruction, 1), register.GetSize()));
        return EmulationResult.Done;
    }

    private EmulationResult Out(ref RegisterFrame frame, in Instruction instruction)
    {
        var register = instruction.Op1Register;
        _device.WritePort(Port(ref frame, in instruction, 0), register.GetSize(), (uint)RegisterFile.Read(ref frame, register));
        return EmulationResult.Done;
    }

    private static ushort Port(ref RegisterFrame frame, in Instruction instruction, int operand) =>
        instruction.GetOpKind(operand) == OpKind.Immediate8 ? instruction.Immediate8 : unchecked((ushort)frame.Rdx);

    private EmulationResult Operand(ref RegisterFrame frame, in Instruction instruction, in ReplayedInstruction prepared)
    {
        int width = instruction.MemorySize.GetSize();
        bool isMemory = instruction.Op0Kind == OpKind.Memory || instruction.Op1Kind == OpKind.Memory;
        if (!isMemory || instruction.SegmentPrefix is Register.FS or Register.GS)
            return EmulationResult.NotDevice;
        ulong address = EffectiveAddress(ref frame, in instruction);
        bool isBitString = HasBitString(in instruction);
        if (isBitString)
            address = unchecked(address + (ulong)(BitIndex(ref frame, in instruction) >> 3 & -width));
        if (!_windows.TryTranslate(address, Math.Max(width, 1), out ulong physical))
            return EmulationResult.NotDevice;
        if (width is not (1 or 2 or 4 or 8))
            return EmulationResult.Unsupported;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Memory:
                return Store(ref frame, in instruction, physical, width);
            case Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd:
                return Load(ref frame, in instruction, physical, width);
            default:
                break;
        }
        return Run(ref frame, in instruction, in prepared, physical, width, isBitString);
    }

    private EmulationResult Store(ref RegisterFrame frame, in Instruction instruction, ulong physical, int width)
    {
        if (instruction.Op1Kind != OpKind.Register)
            _device.WriteMemory(physical, width, RegisterFile.Truncate(instruction.GetImmediate(1), width));
        else if (RegisterFile.Has(instruction.Op1Register))
            _device.WriteMemory(physical, width, RegisterFile.Read(ref frame, instruction.Op1Register));
        else
            return EmulationResult.Unsupported;
        return EmulationResult.Done;
    }

    private EmulationResult Load(ref RegisterFrame frame, in Instruction instruction, ulong physical, int width)
    {
        var register = instruction.Op0Register;
        if (!RegisterFile.Has(register))
            return EmulationResult.Unsupported;
        ulong value = _device.ReadMemory(physical, width);
        RegisterFile.Write(ref frame, register, instruction.Mnemonic is Mnemonic.Movsx or Mnemonic.Movsxd ? RegisterFile.SignExtend(value, width) : value);
        return EmulationResult.Done;
    }

    private EmulationResult Run(
        ref RegisterFrame frame, in Instruction instruction, in ReplayedInstruction prepared, ulong physical, int width, bool isBitString)
    {
        var replayed = prepared;
        bool isTransient = replayed.Code == 0;
        if (isTransient && !Replay.TryPrepare(in instruction, out replayed))
            return EmulationResult.Unsupported;
        ulong value = replayed.Reads ? _device.ReadMemory(physical, width) : 0;
        // A device may run foreign code before it answers, which may have been replayed too.
        if (isTransient)
            Replay.TryPrepare(in instruction, out replayed);
        Replay.Word = value;
        if (isBitString)
        {
            // Only the place in the word is left of the bit's number.
            var register = instruction.Op1Register.GetFullRegister();
            ulong kept = RegisterFile.Read(ref frame, register);
            RegisterFile.Write(ref frame, register, kept & ((ulong)width * 8 - 1));
            Replay.Run(ref frame, in replayed);
            RegisterFile.Write(ref frame, register, kept);
        }
        else
            Replay.Run(ref frame, in replayed);
        if (replayed.Writes)
            _device.WriteMemory(physical, width, RegisterFile.Truncate(Replay.Word, width));
        return EmulationResult.Done;
    }

    // The bit's number in a register reaches beyond the operand. Intel SDM volume 2, BT.
    private static bool HasBitString(in Instruction instruction) =>
        instruction.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && instruction.Op1Kind == OpKind.Register;

    private static long BitIndex(ref RegisterFrame frame, in Instruction instruction) => unchecked(
        (long)RegisterFile.SignExtend(RegisterFile.Read(ref frame, instruction.Op1Register), instruction.Op1Register.GetSize()));
}
