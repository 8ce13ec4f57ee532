using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DdeLinux;

/// <summary>
/// What inlined code calls instead of privileged instructions: the interrupt flag through <c>pv_ops</c> (which Debian's kernels have,
/// because they also run as Xen guests), and helpers with conventions of their own. All of it is machine code made here.
/// </summary>
internal sealed unsafe class Paravirt : IVariableOwner
{
    /// <summary>The interrupt flag in RFLAGS. Intel SDM volume 1, section 3.4.3.</summary>
    internal const ulong InterruptFlag = 0x200;

    private const int InterruptFlagShift = 9;

    private readonly LinuxKernel _kernel;

    internal Paravirt(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        var types = KernelTypes.Current;
        nint operations = variables.Define("pv_ops", types.SizeOf("paravirt_patch_template"), 16);
        SetSlot(operations, "irq.save_fl", SaveFlags());
        SetSlot(operations, "irq.irq_disable", DisableInterrupts());
        SetSlot(operations, "irq.irq_enable",
            _kernel.Thunks.Preserving("pv_ops.irq_enable", (nint)(delegate* unmanaged<void>)&EnableInterrupts));
        DefineStubs();
    }

    private static void SetSlot(nint operations, string slot, nint code) =>
        *(nint*)(operations + KernelTypes.Current.OffsetOf("paravirt_patch_template", $"{slot}.func", sizeof(nint))) = code;

    private void DefineStubs()
    {
        // Preemption is wanted by nobody (PerCpu.Preemptible), so there is nothing to do where a task could be switched.
        ReadOnlySpan<byte> nothing = [0xc3];
        _kernel.Symbols.DefineStub("__SCT__preempt_schedule", _kernel.Thunks.Raw("__SCT__preempt_schedule", nothing));
        _kernel.Symbols.DefineStub("__SCT__preempt_schedule_notrace", _kernel.Thunks.Raw("__SCT__preempt_schedule_notrace", nothing));
        // Likewise where a long loop would let others run: the result says whether it did.
        // xor eax, eax; ret
        _kernel.Symbols.DefineStub("__SCT__cond_resched", _kernel.Thunks.Raw("__SCT__cond_resched", [0x31, 0xc0, 0xc3]));
        // A domain has no user memory: whatever address is given, the store faults. The result is in ECX (arch/x86/lib/putuser.S).
        // mov ecx, -EFAULT; ret
        ReadOnlySpan<byte> fault = [0xb9, 0xf2, 0xff, 0xff, 0xff, 0xc3];
        foreach (string name in (string[])["__put_user_1", "__put_user_2", "__put_user_4", "__put_user_8"])
            _kernel.Symbols.DefineStub(name, _kernel.Thunks.Raw(name, fault));
    }

    // These slots keep every register but RAX.
    private nint SaveFlags() => _kernel.Thunks.Raw("pv_ops.save_fl",
        [0x48, 0xb8, .. FlagAddress(), 0x8b, 0x00, 0xc1, 0xe0, InterruptFlagShift, 0xc3]);     // mov rax, flag; mov eax, [rax]; shl eax, 9; ret

    private nint DisableInterrupts() => _kernel.Thunks.Raw("pv_ops.irq_disable",
        [0x48, 0xb8, .. FlagAddress(), 0xc7, 0x00, 0, 0, 0, 0, 0xc3]);                         // mov rax, flag; mov dword [rax], 0; ret

    private byte[] FlagAddress()
    {
        byte[] address = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(address, _kernel.Cpu.InterruptFlagAddress);
        return address;
    }

    [UnmanagedCallersOnly]
    private static void EnableInterrupts()
    {
        var kernel = LinuxKernel.Current;
        try
        {
            kernel.Cpu.EnableInterrupts();
        }
#pragma warning disable CA1031 // No exception may enter foreign frames; the domain ends of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            kernel.Fault(exception);
        }
    }
}

public sealed partial class LinuxKernel
{
    internal Paravirt Paravirt => field ??= new Paravirt(this);
}
