using System.Runtime.InteropServices;

namespace DdeKit.Foreign;

/// <summary>What becomes of foreign code that trapped.</summary>
public enum TrapOutcome
{
    /// <summary>It goes on with the registers of the frame.</summary>
    Resume,

    /// <summary>Its domain dies: the innermost entry is given up.</summary>
    Abort,
}

/// <summary>Decides about traps in a domain's foreign code.</summary>
public interface ITrapHandler
{
    /// <summary>
    /// Called on the host thread that trapped, on the foreign code's stack, in ordinary context: it may allocate, block and call
    /// foreign code. It may change the frame. To give a reason for <see cref="TrapOutcome.Abort"/>, call <see cref="ForeignCpu.Abort"/>
    /// first, or throw.
    /// </summary>
    TrapOutcome Handle(ForeignCpu cpu, ref RegisterFrame frame);
}

/// <summary>The registers of foreign code where it trapped, and what the host's kernel said about it. Layout: what the trap entry pushes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RegisterFrame
{
    public ulong R15;
    public ulong R14;
    public ulong R13;
    public ulong R12;
    public ulong R11;
    public ulong R10;
    public ulong R9;
    public ulong R8;
    public ulong Rdi;
    public ulong Rsi;
    public ulong Rbp;
    public ulong Rbx;
    public ulong Rdx;
    public ulong Rcx;
    public ulong Rax;

    /// <summary>The instruction that trapped, and where to go on.</summary>
    public ulong Rip;

    /// <summary>The stack pointer.</summary>
    public ulong Rsp;

    /// <summary>The flags.</summary>
    public ulong Rflags;

    /// <summary>Number of the host's signal: 4 SIGILL, 5 SIGTRAP, 7 SIGBUS, 8 SIGFPE, 11 SIGSEGV. Not changed on resume.</summary>
    public ulong Signal;

    /// <summary>The address that was accessed; 0 when the processor does not tell.</summary>
    public ulong FaultAddress;

    /// <summary>The processor's exception number. Intel SDM volume 3, table 6-1: 0 divide, 6 invalid opcode, 13 protection, 14 page.</summary>
    public ulong ExceptionNumber;

    /// <summary>The processor's error code. Intel SDM volume 3, figure 4-12 for page faults: bit 1 write, bit 4 instruction fetch.</summary>
    public ulong ErrorCode;
}
