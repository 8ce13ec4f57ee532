namespace DdeKit.Foreign;

/// <summary>
/// The machine code that every entry into foreign code goes through, one copy a process, never released: all that it keeps is on
/// the stack and in the domain's <c>%gs</c> area.
/// </summary>
internal static class EntryCode
{
    private const int RegionSize = 4096;

    static EntryCode()
    {
        var region = new LowMemory().Allocate(RegionSize, LowAccess.Code);
        Extent = region.Extent;
        var code = new CodeBuffer(region);

        // Enter(a0..a5, function): saves what the callee must keep, and what the previous entry of this thread left in its slot.
        Enter = code.Position;
        code.Bytes(0x55, 0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57)              // push rbp, rbx, r12, r13, r14, r15
            .With32(CpuSlots.UnwindStack, 0x65, 0xff, 0x34, 0x25)                           // push gs:[UnwindStack]
            .With32(CpuSlots.UnwindStack, 0x65, 0x48, 0x89, 0x24, 0x25)                     // mov gs:[UnwindStack], rsp
            .Bytes(0xff, 0x54, 0x24, 0x40);                                                 // call [rsp+64], the seventh argument
        nint leave = code.Position;
        code.With32(CpuSlots.UnwindStack, 0x65, 0x8f, 0x04, 0x25)                           // pop gs:[UnwindStack]
            .Bytes(0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, 0x5d, 0xc3);       // pop r15, r14, r13, r12, rbx, rbp; ret

        // Abort: drops every foreign frame above the innermost entry. Only unmanaged frames may lie there.
        code.Align();
        Abort = code.Position;
        code.With32(CpuSlots.Dying, 0x65, 0xc7, 0x04, 0x25).With32(1)                       // mov dword gs:[Dying], 1
            .With32(CpuSlots.UnwindStack, 0x65, 0x48, 0x8b, 0x24, 0x25)                     // mov rsp, gs:[UnwindStack]
            .Bytes(0xfc)                                                                    // cld
            .Branch(leave, 0xe9);                                                           // jmp leave
        code.Align();
        End = code;
    }

    /// <summary>Addresses of this code, and of what <see cref="TrapUnit"/> adds to it.</summary>
    public static L4.Extent Extent { get; }

    /// <summary><c>nint Enter(a0, a1, a2, a3, a4, a5, function)</c>.</summary>
    public static nint Enter { get; }

    /// <summary>Jumped to, to give up the innermost entry.</summary>
    public static nint Abort { get; }

    /// <summary>Where more code of this kind goes.</summary>
    internal static CodeBuffer End { get; }
}
