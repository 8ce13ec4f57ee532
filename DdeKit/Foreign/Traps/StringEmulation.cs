using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>Carries out string instructions whose one end is a port or a device window. Intel SDM volume 2, INS, OUTS, MOVS, STOS, LODS,
/// REP.</summary>
internal sealed unsafe class StringEmulation
{
    private const ulong DirectionFlag = 1 << 10;

    private readonly IDeviceAccess _device;
    private readonly DeviceWindows _windows;

    public StringEmulation(IDeviceAccess device, DeviceWindows windows)
    {
        _device = device;
        _windows = windows;
    }

    /// <summary>One run over memory, as the registers describe it.</summary>
    private readonly ref struct Run
    {
        public Run(ref RegisterFrame frame, in Instruction instruction, int width)
        {
            Width = width;
            IsRepeated = instruction.HasRepPrefix || instruction.HasRepnePrefix;
            Count = IsRepeated ? frame.Rcx : 1;
            IsDown = (frame.Rflags & DirectionFlag) != 0;
        }

        public int Width { get; }

        public bool IsRepeated { get; }

        public ulong Count { get; }

        public bool IsDown { get; }

        public int Length => (int)Count * Width;

        /// <summary>The lowest address of a run that begins at <paramref name="first"/>; false when the run leaves the address space or is
        /// too long for anything that is there.</summary>
        public bool TryLowest(ulong first, out ulong lowest)
        {
            lowest = first;
            if (Count > (ulong)(int.MaxValue / Width))
                return false;
            ulong distance = (ulong)Width * (Count - 1);
            if (IsDown && distance > first)
                return false;
            lowest = IsDown ? first - distance : first;
            return true;
        }

        public ulong Step(ulong address) => unchecked(IsDown ? address - (ulong)Width : address + (ulong)Width);

        public ulong Past(ulong first) => unchecked(IsDown ? first - (ulong)Length : first + (ulong)Length);
    }

    /// <summary>Whether the instruction is one of those carried out here, other than by a port.</summary>
    public static bool IsMemoryString(in Instruction instruction) => instruction.Mnemonic is
        Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq or Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd
        or Mnemonic.Stosq or Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq && instruction.IsStringInstruction;

    /// <summary>Input to or output from memory through the port in DX.</summary>
    public EmulationResult Port(ref RegisterFrame frame, in Instruction instruction, int width, bool input)
    {
        bool longAddress = instruction.Op0Kind == OpKind.MemoryESRDI || instruction.Op1Kind == OpKind.MemorySegRSI;
        if (!longAddress || instruction.SegmentPrefix != Register.None)
            return EmulationResult.Unsupported;
        var run = new Run(ref frame, in instruction, width);
        if (run.Count == 0)
            return EmulationResult.Done;
        ref ulong address = ref input ? ref frame.Rdi : ref frame.Rsi;
        if (!run.TryLowest(address, out ulong lowest) || !ForeignMemory.IsAccessible(unchecked((nint)lowest), run.Length, write: input))
            return EmulationResult.BadMemory;
        ushort port = unchecked((ushort)frame.Rdx);
        var bytes = new Span<byte>((void*)lowest, run.Length);
        if (!run.IsDown)
            TransferPort(port, width, bytes, input);
        else
        {
            for (int at = run.Length - width; at >= 0; at -= width)
                TransferPort(port, width, bytes.Slice(at, width), input);
        }
        address = run.Past(address);
        if (run.IsRepeated)
            frame.Rcx = 0;
        return EmulationResult.Done;
    }

    /// <summary>MOVS, STOS or LODS with a device window at one end or both.</summary>
    public EmulationResult Memory(ref RegisterFrame frame, in Instruction instruction)
    {
        bool longAddress = instruction.Op0Kind is OpKind.MemoryESRDI or OpKind.Register && instruction.Op1Kind is OpKind.MemorySegRSI or OpKind.Register;
        if (!longAddress || instruction.SegmentPrefix is Register.FS or Register.GS)
            return EmulationResult.NotDevice;
        bool fromMemory = instruction.Mnemonic is not (Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq);
        bool toMemory = instruction.Mnemonic is not (Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq);
        var run = new Run(ref frame, in instruction, instruction.MemorySize.GetSize());
        if (run.Count == 0)
            return EmulationResult.Done;
        End source = default, target = default;
        if (fromMemory && !TryFind(frame.Rsi, in run, write: false, out source) || toMemory && !TryFind(frame.Rdi, in run, write: true, out target))
            return source.IsDevice || target.IsDevice ? EmulationResult.BadMemory : EmulationResult.NotDevice;
        if (!source.IsDevice && !target.IsDevice)
            return EmulationResult.NotDevice;
        for (ulong index = 0; index < run.Count; index++)
        {
            ulong value = fromMemory ? Read(source.Address, run.Width, source.IsDevice) : RegisterFile.Truncate(frame.Rax, run.Width);
            if (toMemory)
                Write(target.Address, run.Width, value, target.IsDevice);
            else
                RegisterFile.Write(ref frame, instruction.Op0Register, value);
            source = source with { Address = run.Step(source.Address) };
            target = target with { Address = run.Step(target.Address) };
        }
        if (fromMemory)
            frame.Rsi = run.Past(frame.Rsi);
        if (toMemory)
            frame.Rdi = run.Past(frame.Rdi);
        if (run.IsRepeated)
            frame.Rcx = 0;
        return EmulationResult.Done;
    }

    // One end of a transfer: a physical address in a window, or an address of memory.
    private readonly record struct End(ulong Address, bool IsDevice);

    private bool TryFind(ulong first, in Run run, bool write, out End end)
    {
        end = new End(first, false);
        if (!run.TryLowest(first, out ulong lowest))
            return false;
        if (_windows.TryTranslate(lowest, run.Length, out ulong physical))
        {
            end = new End(physical + (first - lowest), true);
            return true;
        }
        return ForeignMemory.IsAccessible(unchecked((nint)lowest), run.Length, write);
    }

    private ulong Read(ulong address, int width, bool isDevice)
    {
        if (isDevice)
            return _device.ReadMemory(address, width);
        ulong value = 0;
        Buffer.MemoryCopy((void*)address, &value, sizeof(ulong), width);
        return value;
    }

    private void Write(ulong address, int width, ulong value, bool isDevice)
    {
        if (isDevice)
            _device.WriteMemory(address, width, value);
        else
            Buffer.MemoryCopy(&value, (void*)address, width, width);
    }

    private void TransferPort(ushort port, int width, Span<byte> bytes, bool input)
    {
        if (input)
            _device.ReadPortBlock(port, width, bytes);
        else
            _device.WritePortBlock(port, width, bytes);
    }
}
