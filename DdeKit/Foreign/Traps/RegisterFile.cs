using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>Reads and writes the registers of a frame as instructions name them. Intel SDM volume 1, section 3.4.1.1.</summary>
internal static class RegisterFile
{
    /// <summary>Whether a frame has the register: a general one of 8, 16, 32 or 64 bits.</summary>
    public static bool Has(Register register) => register.IsGPR();

    /// <summary>The value, zero-extended.</summary>
    public static ulong Read(ref RegisterFrame frame, Register register)
    {
        ulong value = Full(ref frame, register);
        if (IsHighByte(register))
            value >>= 8;
        return Truncate(value, register.GetSize());
    }

    /// <summary>Writes the low bytes; 32-bit writes clear the upper half, smaller ones keep the rest.</summary>
    public static void Write(ref RegisterFrame frame, Register register, ulong value)
    {
        ref ulong full = ref Full(ref frame, register);
        int width = register.GetSize();
        full = width switch
        {
            8 => value,
            4 => Truncate(value, 4),
            2 => full & ~0xfffful | Truncate(value, 2),
            _ when IsHighByte(register) => full & ~0xff00ul | Truncate(value, 1) << 8,
            _ => full & ~0xfful | Truncate(value, 1),
        };
    }

    /// <summary>The low <paramref name="width"/> bytes.</summary>
    public static ulong Truncate(ulong value, int width) => width == 8 ? value : value & ((1ul << (8 * width)) - 1);

    /// <summary>The low <paramref name="width"/> bytes, sign-extended.</summary>
    public static ulong SignExtend(ulong value, int width)
    {
        int unused = 64 - 8 * width;
        return unchecked((ulong)((long)(value << unused) >> unused));
    }

    private static bool IsHighByte(Register register) => register is Register.AH or Register.CH or Register.DH or Register.BH;

    private static ref ulong Full(ref RegisterFrame frame, Register register)
    {
        switch (register.GetFullRegister())
        {
            case Register.RAX: return ref frame.Rax;
            case Register.RCX: return ref frame.Rcx;
            case Register.RDX: return ref frame.Rdx;
            case Register.RBX: return ref frame.Rbx;
            case Register.RSP: return ref frame.Rsp;
            case Register.RBP: return ref frame.Rbp;
            case Register.RSI: return ref frame.Rsi;
            case Register.RDI: return ref frame.Rdi;
            case Register.R8: return ref frame.R8;
            case Register.R9: return ref frame.R9;
            case Register.R10: return ref frame.R10;
            case Register.R11: return ref frame.R11;
            case Register.R12: return ref frame.R12;
            case Register.R13: return ref frame.R13;
            case Register.R14: return ref frame.R14;
            case Register.R15: return ref frame.R15;
            default: throw new ArgumentOutOfRangeException(nameof(register), register, "no general register");
        }
    }
}
