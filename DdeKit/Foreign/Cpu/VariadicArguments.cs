namespace DdeKit.Foreign;

/// <summary>
/// Walks the arguments of a variadic function, or a <c>va_list</c> that foreign code made. Integers and pointers only: kernel code has
/// no others. x86-64 psABI 1.0, section 3.5.7. Valid until the function returns.
/// </summary>
public unsafe ref struct VariadicArguments
{
    private const int RegisterBytes = 48;

    private readonly byte* _registers;
    private nint* _stack;
    private int _offset;

    /// <param name="registers">The six register arguments.</param>
    /// <param name="stack">The stack arguments.</param>
    /// <param name="named">How many named arguments come first; they are skipped.</param>
    public VariadicArguments(nint* registers, nint* stack, int named)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(named);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(named, RegisterBytes / sizeof(nint));
        _registers = (byte*)registers;
        _stack = stack;
        _offset = named * sizeof(nint);
    }

    /// <summary>Reads a <c>va_list</c>: gp_offset and fp_offset (32 bits each), overflow_arg_area, reg_save_area. It is not advanced.</summary>
    /// <param name="list">Its address; the caller has checked that 24 bytes there can be read.</param>
    public VariadicArguments(nint list)
    {
        // An offset past the six registers, however large, means that they are used up.
        _offset = (int)Math.Min(*(uint*)list, RegisterBytes);
        _stack = *(nint**)(list + 8);
        _registers = *(byte**)(list + 16);
    }

    /// <summary>Takes the next argument.</summary>
    public nint Next()
    {
        if (_offset >= RegisterBytes)
            return *_stack++;
        nint value = *(nint*)(_registers + _offset);
        _offset += sizeof(nint);
        return value;
    }
}
