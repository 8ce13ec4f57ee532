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

/// <summary>Carries out device accesses that trapped: port instructions (Intel SDM volume 2, IN, INS, OUT, OUTS) and moves from and to
/// device windows.</summary>
internal sealed unsafe class DeviceEmulation
{
    private const ulong DirectionFlag = 1 << 10;

    private readonly IDeviceAccess _device;
    private readonly DeviceWindows _windows;

    public DeviceEmulation(IDeviceAccess device, DeviceWindows windows)
    {
        _device = device;
        _windows = windows;
    }

    public EmulationResult Emulate(ref RegisterFrame frame, in Instruction instruction)
    {
        var result = instruction.Mnemonic switch
        {
            Mnemonic.In => In(ref frame, in instruction),
            Mnemonic.Out => Out(ref frame, in instruction),
            Mnemonic.Insb => String(ref frame, in instruction, 1, input: true),
            Mnemonic.Insw => String(ref frame, in instruction, 2, input: true),
            Mnemonic.Insd => String(ref frame, in instruction, 4, input: true),
            Mnemonic.Outsb => String(ref frame, in instruction, 1, input: false),
            Mnemonic.Outsw => String(ref frame, in instruction, 2, input: false),
            Mnemonic.Outsd => String(ref frame, in instruction, 4, input: false),
            _ => Move(ref frame, in instruction),
        };
        if (result == EmulationResult.Done)
            frame.Rip = instruction.NextIP;
        return result;
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

    private EmulationResult String(ref RegisterFrame frame, in Instruction instruction, int width, bool input)
    {
        bool longAddress = instruction.Op0Kind == OpKind.MemoryESRDI || instruction.Op1Kind == OpKind.MemorySegRSI;
        if (!longAddress || instruction.SegmentPrefix != Register.None)
            return EmulationResult.Unsupported;
        bool repeated = instruction.HasRepPrefix || instruction.HasRepnePrefix;
        ulong count = repeated ? frame.Rcx : 1;
        if (count == 0)
            return EmulationResult.Done;
        ref ulong address = ref input ? ref frame.Rdi : ref frame.Rsi;
        bool down = (frame.Rflags & DirectionFlag) != 0;
        ulong distance = (ulong)width * (count - 1);
        if (count > int.MaxValue / 4 || down && distance > address)
            return EmulationResult.BadMemory;
        ulong lowest = down ? address - distance : address;
        int length = (int)count * width;
        if (!ForeignMemory.IsAccessible(unchecked((nint)lowest), length, write: input))
            return EmulationResult.BadMemory;
        ushort port = unchecked((ushort)frame.Rdx);
        var bytes = new Span<byte>((void*)lowest, length);
        if (!down)
            Transfer(port, width, bytes, input);
        else
        {
            for (int at = length - width; at >= 0; at -= width)
                Transfer(port, width, bytes.Slice(at, width), input);
        }
        address = unchecked(down ? address - (ulong)length : address + (ulong)length);
        if (repeated)
            frame.Rcx = 0;
        return EmulationResult.Done;
    }

    private void Transfer(ushort port, int width, Span<byte> bytes, bool input)
    {
        if (input)
            _device.ReadPortBlock(port, width, bytes);
        else
            _device.WritePortBlock(port, width, bytes);
    }

    private EmulationResult Move(ref RegisterFrame frame, in Instruction instruction)
    {
        int width = instruction.MemorySize.GetSize();
        if (!_windows.TryTranslate(frame.FaultAddress, Math.Max(width, 1), out ulong physical))
            return EmulationResult.NotDevice;
        if (instruction.Op0Kind == OpKind.Memory && instruction.Mnemonic == Mnemonic.Mov)
        {
            if (instruction.Op1Kind != OpKind.Register)
                _device.WriteMemory(physical, width, RegisterFile.Truncate(instruction.GetImmediate(1), width));
            else if (RegisterFile.Has(instruction.Op1Register))
                _device.WriteMemory(physical, width, RegisterFile.Read(ref frame, instruction.Op1Register));
            else
                return EmulationResult.Unsupported;
            return EmulationResult.Done;
        }
        if (instruction.Op1Kind != OpKind.Memory || instruction.Op0Kind != OpKind.Register || !RegisterFile.Has(instruction.Op0Register))
            return EmulationResult.Unsupported;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Mov or Mnemonic.Movzx:
                RegisterFile.Write(ref frame, instruction.Op0Register, _device.ReadMemory(physical, width));
                return EmulationResult.Done;
            case Mnemonic.Movsx or Mnemonic.Movsxd:
                RegisterFile.Write(ref frame, instruction.Op0Register, RegisterFile.SignExtend(_device.ReadMemory(physical, width), width));
                return EmulationResult.Done;
            default:
                return EmulationResult.Unsupported;
        }
    }
}
