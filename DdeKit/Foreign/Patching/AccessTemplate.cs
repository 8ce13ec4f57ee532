using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>
/// The short way for accesses that only move: what C# may change is kept on the stack, C# is called with an address and a value's place, and a
/// value read goes into the place of its register there, so that it is put back with the others.
/// </summary>
internal readonly struct AccessTemplate
{
    // What a C function may change (x86-64 psABI 1.0, section 3.2.1), in the order of the pushes; RBP holds the stack meanwhile.
    private static readonly Register[] s_kept =
    [
        Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11, Register.RBP,
    ];

    private const int RedZone = 128;

    private readonly Instruction _instruction;
    private readonly Register _register;
    private readonly Register _extra;
    private readonly bool _isLoad;
    private readonly bool _isPort;
    private readonly int _width;

    private AccessTemplate(in Instruction instruction, Register register, bool isLoad, bool isPort, int width)
    {
        _instruction = instruction;
        _register = register;
        _isLoad = isLoad;
        _isPort = isPort;
        _width = width;
        _extra = isLoad && Array.IndexOf(s_kept, register.GetFullRegister()) < 0 ? register.GetFullRegister() : Register.None;
    }

    /// <summary>Finds the template of an instruction; false when it is no plain move.</summary>
    public static bool TryMake(in Instruction instruction, out AccessTemplate template)
    {
        template = default;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.In:
                template = new AccessTemplate(in instruction, instruction.Op0Register, isLoad: true, isPort: true, instruction.Op0Register.GetSize());
                return true;
            case Mnemonic.Out:
                template = new AccessTemplate(in instruction, instruction.Op1Register, isLoad: false, isPort: true, instruction.Op1Register.GetSize());
                return true;
            case Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd:
                break;
            default:
                return false;
        }
        bool isLoad = instruction.Op1Kind == OpKind.Memory;
        if (!isLoad && instruction.Op0Kind != OpKind.Memory || !HasPlainAddress(in instruction))
            return false;
        var register = Register.None;
        int other = isLoad ? 0 : 1;
        if (instruction.GetOpKind(other) == OpKind.Register)
        {
            register = instruction.GetOpRegister(other);
            bool isHighByte = register is Register.AH or Register.CH or Register.DH or Register.BH;
            if (!RegisterFile.Has(register) || isHighByte || register.GetFullRegister() == Register.RSP)
                return false;
        }
        template = new AccessTemplate(in instruction, register, isLoad, isPort: false, instruction.MemorySize.GetSize());
        return true;
    }

    /// <summary>Writes everything up to the instruction behind the access.</summary>
    /// <param name="code">Where it goes.</param>
    /// <param name="encode">Encodes an instruction for a position.</param>
    /// <param name="toNative">The branch that is taken when the address is no device's; its target is still to be set. All registers but
    /// those that <see cref="WriteRestore"/> puts back, value dropped, are as they were.</param>
    public void WriteCall(CodeBuffer code, Func<Instruction, nint, byte[]> encode, out nint toNative)
    {
        code.Bytes(0x48, 0x8d, 0x64, 0x24, unchecked((byte)-RedZone)).Bytes(0x9c, 0xfc);    // lea rsp, [rsp-128]; pushfq; cld
        foreach (var register in s_kept)
            Push(code, register);
        if (_extra != Register.None)
            Push(code, _extra);
        WriteArguments(code, encode);
        code.With32(_width, 0xba).Bytes(0x48, 0x89, 0xe6, 0x48, 0x89, 0xe5)                 // mov edx, width; mov rsi, rsp; mov rbp, rsp
            .With32(CpuSlots.UnwindStack, 0x65, 0xff, 0x34, 0x25)                           // push gs:[UnwindStack]
            .Bytes(0x48, 0x83, 0xe4, 0xf0)                                                  // and rsp, -16
            .With64(Target, 0x48, 0xb8).Bytes(0xff, 0xd0)                                   // mov rax, target; call rax
            .Bytes(0x48, 0x8d, 0x65, 0xf8)                                                  // lea rsp, [rbp-8]
            .With32(CpuSlots.UnwindStack, 0x65, 0x8f, 0x04, 0x25)                           // pop gs:[UnwindStack]
            .With32(CpuSlots.Dying, 0x65, 0x83, 0x3c, 0x25).Bytes(0).Branch(EntryCode.Abort, 0x0f, 0x85)
            .Bytes(0x85, 0xc0).Branch(0, 0x0f, 0x84);                                       // test eax, eax; je native
        toNative = code.Position - sizeof(int);
        code.Bytes(0x58);                                                                   // pop rax
        if (_isLoad)
            WriteResult(code);
        WriteRestore(code, dropValue: false);
    }

    /// <summary>Puts back what the call may have changed, and the flags.</summary>
    public void WriteRestore(CodeBuffer code, bool dropValue)
    {
        if (dropValue)
            code.Bytes(0x48, 0x8d, 0x64, 0x24, 0x08);                                       // lea rsp, [rsp+8]
        if (_extra != Register.None)
            Pop(code, _extra);
        for (int index = s_kept.Length - 1; index >= 0; index--)
            Pop(code, s_kept[index]);
        code.Bytes(0x9d).With32(RedZone, 0x48, 0x8d, 0xa4, 0x24);                           // popfq; lea rsp, [rsp+128]
    }

    private nint Target => (_isPort, _isLoad) switch
    {
        (false, true) => PatchedEntry.ReadMemory,
        (false, false) => PatchedEntry.WriteMemory,
        (true, true) => PatchedEntry.ReadPort,
        (true, false) => PatchedEntry.WritePort,
    };

    private static bool HasPlainAddress(in Instruction instruction) =>
        instruction.SegmentPrefix is not (Register.FS or Register.GS)
        && instruction.MemoryBase is Register.None or (>= Register.RAX and <= Register.R15 and not Register.RSP)
        && instruction.MemoryIndex is Register.None or (>= Register.RAX and <= Register.R15)
        && instruction.MemoryDisplSize != sizeof(ulong);

    // The value's place, then the address in RDI: all registers are still the driver's but RSP.
    private void WriteArguments(CodeBuffer code, Func<Instruction, nint, byte[]> encode)
    {
        if (_isLoad)
            code.Bytes(0x6a, 0);                                                            // push 0
        else if (_register != Register.None)
            Push(code, _register.GetFullRegister());
        else
            code.With32(unchecked((int)_instruction.GetImmediate(1)), 0x68);                // push imm32
        if (!_isPort)
        {
            var address = new MemoryOperand(_instruction.MemoryBase, _instruction.MemoryIndex, _instruction.MemoryIndexScale,
                unchecked((long)_instruction.MemoryDisplacement64), _instruction.MemoryDisplSize, false, Register.None);
            code.Bytes(encode(Instruction.Create(Code.Lea_r64_m, Register.RDI, address), code.Position));
        }
        else if (_instruction.GetOpKind(_isLoad ? 1 : 0) == OpKind.Immediate8)
            code.With32(_instruction.Immediate8, 0xbf);                                     // mov edi, port
        else
            code.Bytes(0x0f, 0xb7, 0xfa);                                                   // movzx edi, dx
    }

    // The value is in RAX; the place of its register is on the stack.
    private void WriteResult(CodeBuffer code)
    {
        int size = _register.GetSize();
        if (_instruction.Mnemonic is Mnemonic.Movsx or Mnemonic.Movsxd)
        {
            if (size == 8)
                code.Bytes(0x48);
            if (_width == 4)
                code.Bytes(0x63, 0xc0);                                                     // movsxd rax, eax
            else
                code.Bytes(0x0f, _width == 1 ? (byte)0xbe : (byte)0xbf, 0xc0);              // movsx eax, al or ax
        }
        int index = Array.IndexOf(s_kept, _register.GetFullRegister());
        int pushed = s_kept.Length + (_extra == Register.None ? 0 : 1);
        byte offset = (byte)(8 * (pushed - 1 - (index < 0 ? s_kept.Length : index)));
        switch (size)
        {
            case 1:
                code.Bytes(0x88, 0x44, 0x24, offset);                                       // mov [rsp+offset], al
                break;
            case 2:
                code.Bytes(0x66, 0x89, 0x44, 0x24, offset);                                 // mov [rsp+offset], ax
                break;
            default:
                code.Bytes(0x48, 0x89, 0x44, 0x24, offset);                                 // mov [rsp+offset], rax
                break;
        }
    }

    private static void Push(CodeBuffer code, Register register) => WithNumber(code, 0x50, register);

    private static void Pop(CodeBuffer code, Register register) => WithNumber(code, 0x58, register);

    private static void WithNumber(CodeBuffer code, byte operation, Register register)
    {
        int number = register - Register.RAX;
        if (number >= 8)
            code.Bytes(0x41);
        code.Bytes((byte)(operation + (number & 7)));
    }
}
