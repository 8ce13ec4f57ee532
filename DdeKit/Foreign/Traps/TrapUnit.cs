using System.ComponentModel;
using System.Runtime.InteropServices;
using L4;

namespace DdeKit.Foreign;

/// <summary>
/// Takes the signals that foreign code causes, for the whole process. The handler is emitted machine code: when the instruction
/// that trapped lies in a registered range (or was fetched from nowhere by a call out of one) it redirects the thread to the trap
/// entry, which asks the domain's <see cref="ITrapHandler"/> in ordinary context; anything else goes to the handler that was there
/// before, so that .NET's own exceptions keep working. A thread that runs code of a registered range has to be attached.
/// </summary>
public static unsafe class TrapUnit
{
    /// <summary>The signal of <see cref="ForeignCpu.Interrupt"/>: one of those that neither the C library nor .NET uses.</summary>
    internal const int InterruptSignal = 42;

    private const int RangeLimit = 1024;
    private const ulong SignalCount = 65;

    // Linux x86-64, struct ucontext: offsets of the saved registers that are used here.
    private const int ContextRsp = 160;
    private const int ContextRip = 168;
    private const int ContextError = 192;
    private const int ContextTrapNumber = 200;

    /// <summary>Offset of si_addr in siginfo_t.</summary>
    private const byte InformationAddress = 16;

    private static readonly int[] s_signals = [4, 5, 7, 8, 11];
    private static readonly Lock s_lock = new();

    // The range table is read by the signal handler at any moment: pairs (first, count), ended by a count of 0. A free pair in
    // between has the count 1 at an address that no instruction has.
    private static readonly ulong* s_ranges;
    private static int s_used;
    private static nint s_interruptHandler;

    static TrapUnit()
    {
        var memory = new LowMemory();
        s_ranges = (ulong*)memory.Allocate((RangeLimit + 1) * 16UL, LowAccess.Data).Address;
        var previous = memory.Allocate(SignalCount * 8, LowAccess.Data);
        nint handler = Emit(EntryCode.End, previous.Address);
        PatchedEntry = EmitPatchedEntry(EntryCode.End);
        foreach (int signal in s_signals)
            Install(signal, handler, (nint*)previous.Address + signal);
        InstallInterrupt(s_interruptHandler);
    }

    /// <summary>Where stubs jump to for an access on a <see cref="RegisterFrame"/>: the way of a trap without the signal. By then they have
    /// noted their stack pointer in <see cref="CpuSlots.ResumeRsp"/>, left the red zone alone and pushed the site's number.</summary>
    internal static nint PatchedEntry { get; }

    /// <summary>Makes traps at these addresses the business of the domain that the trapping thread is attached to, until the result is
    /// disposed.</summary>
    /// <exception cref="InvalidOperationException">Too many ranges.</exception>
    public static IDisposable Register(Extent code)
    {
        ArgumentOutOfRangeException.ThrowIfZero(code.Count);
        lock (s_lock)
        {
            int index = 0;
            while (index < s_used && s_ranges[2 * index] != ulong.MaxValue)
                index++;
            if (index == RangeLimit)
                throw new InvalidOperationException($"more than {RangeLimit} ranges of foreign code in one process");
            s_used = Math.Max(s_used, index + 1);
            // The count last: until then the pair matches at most the first address.
            Volatile.Write(ref s_ranges[2 * index], code.First);
            Volatile.Write(ref s_ranges[2 * index + 1], code.Count);
            return new Registration(index);
        }
    }

    private static nint Emit(CodeBuffer code, nint previous)
    {
        nint entry = EmitEntry(code);

        // Lookup: carry is set when the address in rax lies in a range.
        code.Align();
        nint lookup = code.Position;
        code.With32((int)(nint)s_ranges, 0xb9)                                              // mov ecx, ranges
            .Bytes(0x4c, 0x8b, 0x41, 0x08, 0x4d, 0x85, 0xc0, 0x74, 0x11)                    // next: mov r8, [rcx+8]; test r8, r8; je out
            .Bytes(0x49, 0x89, 0xc1, 0x4c, 0x2b, 0x09, 0x4d, 0x39, 0xc1, 0x72, 0x06)        // mov r9, rax; sub r9, [rcx]; cmp r9, r8; jb out
            .Bytes(0x48, 0x83, 0xc1, 0x10, 0xeb, 0xe6, 0xc3);                               // add rcx, 16; jmp next; out: ret

        // Lost: the trap hit the code here, which touches the stack and nothing else that can trap.
        code.Align();
        nint lost = code.Position;
        code.With32((int)EntryCode.Abort, 0xb9)                                             // mov ecx, Abort
            .With32(ContextRip, 0x48, 0x89, 0x8a).Bytes(0xc3);                              // mov [rdx+Rip], rcx; ret

        code.Align();
        nint ours = code.Position;
        code.With32(ContextRip, 0x48, 0x8b, 0x82).With32(CpuSlots.TrapRip, 0x65, 0x48, 0x89, 0x04, 0x25)
            .With32(CpuSlots.TrapSignal, 0x65, 0x48, 0x89, 0x3c, 0x25)                      // mov gs:[TrapSignal], rdi
            .Bytes(0x48, 0x8b, 0x46, InformationAddress).With32(CpuSlots.TrapAddress, 0x65, 0x48, 0x89, 0x04, 0x25)
            .With32(ContextTrapNumber, 0x48, 0x8b, 0x82).With32(CpuSlots.TrapNumber, 0x65, 0x48, 0x89, 0x04, 0x25)
            .With32(ContextError, 0x48, 0x8b, 0x82).With32(CpuSlots.TrapError, 0x65, 0x48, 0x89, 0x04, 0x25)
            .With32((int)entry, 0xb9)                                                       // mov ecx, entry
            .With32(ContextRip, 0x48, 0x89, 0x8a).Bytes(0xc3);                              // mov [rdx+Rip], rcx; ret

        code.Align();
        nint others = code.Position;
        code.With32((int)previous, 0xb8).Bytes(0x89, 0xff, 0xff, 0x24, 0xf8);               // mov eax, previous; mov edi, edi; jmp [rax+rdi*8]

        // The handler of interruptions: what does not lie in a range goes on as if nothing had happened.
        code.Align();
        s_interruptHandler = code.Position;
        code.With32(ContextRip, 0x48, 0x8b, 0x82).Branch(lookup, 0xe8).Branch(ours, 0x0f, 0x82) // mov rax, [rdx+Rip]; call lookup; jb ours
            .Bytes(0xc3);                                                                   // ret

        // The handler: edi signal, rsi siginfo_t, rdx ucontext.
        code.Align();
        nint handler = code.Position;
        code.With32(ContextRip, 0x48, 0x8b, 0x82)                                           // mov rax, [rdx+Rip]
            .Branch(lookup, 0xe8).Branch(ours, 0x0f, 0x82);                                 // call lookup; jb ours
        JumpIfEntryCode(code, lost);
        code.With32(ContextError, 0xf6, 0x82).Bytes(0x10).Branch(others, 0x0f, 0x84)        // test byte [rdx+Error], 16 (a fetch); je others
            .With32(ContextRsp, 0x48, 0x8b, 0x82).Bytes(0x48, 0x8b, 0x00)                   // mov rax, [rdx+Rsp]; mov rax, [rax]
            .Branch(lookup, 0xe8).Branch(ours, 0x0f, 0x82);                                 // call lookup; jb ours
        JumpIfEntryCode(code, ours);
        code.Branch(others, 0xe9);                                                          // jmp others
        return handler;
    }

    private static void JumpIfEntryCode(CodeBuffer code, nint target) => code
        .Bytes(0x48, 0x89, 0xc1).With32((int)EntryCode.Extent.First, 0x48, 0x81, 0xe9)      // mov rcx, rax; sub rcx, first
        .With32((int)EntryCode.Extent.Count, 0x48, 0x81, 0xf9).Branch(target, 0x0f, 0x82);  // cmp rcx, count; jb target

    // Builds a RegisterFrame below the red zone, asks, and goes on with what the frame then says, or gives up the entry.
    private static nint EmitEntry(CodeBuffer code)
    {
        code.Align();
        nint entry = code.Position;
        code.With32(CpuSlots.ResumeRsp, 0x65, 0x48, 0x89, 0x24, 0x25)                       // mov gs:[ResumeRsp], rsp
            .Bytes(0x48, 0x8d, 0x64, 0x24, 0x80)                                            // lea rsp, [rsp-128]
            .With32(CpuSlots.TrapError, 0x65, 0xff, 0x34, 0x25).With32(CpuSlots.TrapNumber, 0x65, 0xff, 0x34, 0x25)
            .With32(CpuSlots.TrapAddress, 0x65, 0xff, 0x34, 0x25).With32(CpuSlots.TrapSignal, 0x65, 0xff, 0x34, 0x25)
            .Bytes(0x9c, 0xfc)                                                              // pushfq; cld
            .With32(CpuSlots.ResumeRsp, 0x65, 0xff, 0x34, 0x25).With32(CpuSlots.TrapRip, 0x65, 0xff, 0x34, 0x25);
        EmitFrameCall(code, (nint)(delegate* unmanaged<RegisterFrame*, int>)&Dispatch);
        return entry;
    }

    // The same frame with the site's number for the error code.
    private static nint EmitPatchedEntry(CodeBuffer code)
    {
        code.Align();
        nint entry = code.Position;
        code.Bytes(0x6a, 0, 0x6a, 0, 0x6a, 0, 0x9c, 0xfc)                                   // push 0 (number, address, signal); pushfq; cld
            .With32(CpuSlots.ResumeRsp, 0x65, 0xff, 0x34, 0x25).Bytes(0x6a, 0);             // push gs:[ResumeRsp]; push 0 (rip)
        EmitFrameCall(code, Foreign.PatchedEntry.Emulate);
        return entry;
    }

    private static void EmitFrameCall(CodeBuffer code, nint target) => code
        .Bytes(0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57)                                    // push rax, rcx, rdx, rbx, rbp, rsi, rdi
        .Bytes(0x41, 0x50, 0x41, 0x51, 0x41, 0x52, 0x41, 0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57)
        .Bytes(0x48, 0x89, 0xe7, 0x48, 0x89, 0xe5)                                          // mov rdi, rsp; mov rbp, rsp
        .With32(CpuSlots.UnwindStack, 0x65, 0xff, 0x34, 0x25)                               // push gs:[UnwindStack]: as import thunks do
        .Bytes(0x48, 0x83, 0xe4, 0xf0)                                                      // and rsp, -16
        .With64(target, 0x48, 0xb8).Bytes(0xff, 0xd0)                                       // mov rax, target; call rax
        .Bytes(0x48, 0x8d, 0x65, 0xf8)                                                      // lea rsp, [rbp-8]
        .With32(CpuSlots.UnwindStack, 0x65, 0x8f, 0x04, 0x25)                               // pop gs:[UnwindStack]
        .Bytes(0x85, 0xc0).Branch(EntryCode.Abort, 0x0f, 0x85)                              // test eax, eax; jne Abort
        .With32(CpuSlots.Dying, 0x65, 0x83, 0x3c, 0x25).Bytes(0).Branch(EntryCode.Abort, 0x0f, 0x85)
        .Bytes(0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x41, 0x5b, 0x41, 0x5a, 0x41, 0x59, 0x41, 0x58)
        .Bytes(0x5f, 0x5e, 0x5d, 0x5b, 0x5a, 0x59, 0x58)                                    // pop rdi, rsi, rbp, rbx, rdx, rcx, rax
        .With32(CpuSlots.ResumeRip, 0x65, 0x8f, 0x04, 0x25).With32(CpuSlots.ResumeRsp, 0x65, 0x8f, 0x04, 0x25)
        .Bytes(0x9d)                                                                        // popfq
        .With32(CpuSlots.ResumeRsp, 0x65, 0x48, 0x8b, 0x24, 0x25)                           // mov rsp, gs:[ResumeRsp]
        .With32(CpuSlots.ResumeRip, 0x65, 0xff, 0x24, 0x25);                                // jmp gs:[ResumeRip]

    [UnmanagedCallersOnly]
    private static int Dispatch(RegisterFrame* frame)
    {
        // A thread that runs foreign code is attached, or it would not have found this entry's slots.
        var cpu = ForeignCpu.Current!;
        if ((nint)frame->Rip - ForeignMemory.ProbeStart is >= 0 and var offset && offset < ForeignMemory.ProbeEnd - ForeignMemory.ProbeStart)
        {
            frame->Rip = (ulong)ForeignMemory.ProbeEnd;
            return 0;
        }
        // An interruption, or a trap on the way out: nobody is asked any more.
        if (cpu.IsDying)
            return 1;
        try
        {
            if (cpu.TrapHandler?.Handle(cpu, ref *frame) == TrapOutcome.Resume)
                return 0;
            cpu.Abort(new InvalidOperationException(
                $"trap {frame->ExceptionNumber} (signal {frame->Signal}) at 0x{frame->Rip:x}, address 0x{frame->FaultAddress:x}"));
        }
        catch (Exception exception)
        {
            // No exception may pass the foreign frames below; it is the domain's cause of death instead.
            cpu.Abort(exception);
        }
        return 1;
    }

    private static void Install(int signal, nint handler, nint* previous)
    {
        LibC.SignalHandler action;
        if (LibC.SignalAction(signal, null, &action) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"reading the handler of signal {signal}");
        // 0 and 1 stand for the default action and for ignoring: code cannot pass a signal on to them.
        if (action.Handler is 0 or 1)
            throw new InvalidOperationException($"signal {signal} has no handler in this process to pass others' faults on to");
        *previous = action.Handler;
        action.Handler = handler;
        if (LibC.SignalAction(signal, &action, null) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"setting the handler of signal {signal}");
    }

    private static void InstallInterrupt(nint handler)
    {
        LibC.SignalHandler action = default;
        action.Handler = handler;
        action.Flags = LibC.SignalWithInformation | LibC.SignalOnStack | LibC.SignalRestart;
        if (LibC.SignalAction(InterruptSignal, &action, null) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"setting the handler of signal {InterruptSignal}");
    }

    private sealed class Registration(int index) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            lock (s_lock)
            {
                if (_disposed)
                    return;
                _disposed = true;
                Volatile.Write(ref s_ranges[2 * index + 1], 1);
                Volatile.Write(ref s_ranges[2 * index], ulong.MaxValue);
            }
        }
    }
}
