namespace DdeKit.Foreign;

/// <summary>
/// Where things lie in the area that <c>%gs</c> points to while foreign code runs. Machine code here names them by these offsets.
/// </summary>
internal static class CpuSlots
{
    /// <summary>The stack protector's canary. Fixed by the compiler: GCC x86-64, -mstack-protector-guard-offset, and by the kernel's
    /// struct fixed_percpu_data.</summary>
    public const int Canary = 40;

    /// <summary>32 bits: not 0 once the domain is dying.</summary>
    public const int Dying = 0x40;

    /// <summary>64 bits: the stack pointer of the innermost entry of the host thread that runs foreign code. Every way out of foreign code
    /// keeps it on the stack and puts it back, so host threads may take turns while they are in C#.</summary>
    public const int UnwindStack = 0x48;

    /// <summary>64 bits each: what the signal handler saw. Read by the trap entry before anything else can trap.</summary>
    public const int TrapRip = 0x58;
    public const int TrapSignal = 0x60;
    public const int TrapAddress = 0x68;
    public const int TrapNumber = 0x70;
    public const int TrapError = 0x78;

    /// <summary>64 bits each: where the trap entry continues.</summary>
    public const int ResumeRip = 0x80;
    public const int ResumeRsp = 0x88;

    /// <summary>64 bits: where the driver last called a thunk or trapped, while somebody wants to know.</summary>
    public const int Caller = 0x90;

    /// <summary>Per-CPU variables begin.</summary>
    public const int FirstVariable = 0x1000;
}
