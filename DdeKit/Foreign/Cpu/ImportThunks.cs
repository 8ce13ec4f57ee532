using L4;

namespace DdeKit.Foreign;

/// <summary>
/// The code that foreign code calls for its imports, in low memory. Each thunk aligns the stack as C# wants it (kernel code keeps
/// 8 bytes only), calls an unmanaged function pointer, and on the way back gives up the entry when the domain is dying.
/// Targets must let no exception out: their wrapper catches it and calls <see cref="ForeignCpu.Abort"/>.
/// Creation is for one thread at a time; thunks live as long as the memory.
/// </summary>
public sealed class ImportThunks
{
    private const int ChunkSize = 64 * 1024;
    private const int LargestThunk = 512;

    /// <summary>Arguments in registers: rdi, rsi, rdx, rcx, r8, r9. x86-64 psABI 1.0, section 3.2.3.</summary>
    private const int RegisterArguments = 6;

    private readonly LowMemory _memory;
    private readonly SortedList<nint, string> _names = [];
    private readonly List<Extent> _extents = [];
    private CodeBuffer? _code;

    /// <param name="memory">Where the thunks go.</param>
    public ImportThunks(LowMemory memory) => _memory = memory;

    /// <summary>Raised with the addresses of each new piece of memory for thunks, before any of it can run: traps in there are the
    /// domain's too (<see cref="TrapUnit.Register(Extent)"/>).</summary>
    public event Action<Extent>? Extended;

    /// <summary>Whether the functions that are made from now on note who called them: <see cref="ForeignCpu.Caller"/>.</summary>
    public bool KeepsCallers { get; set; }

    /// <summary>Addresses of all thunks so far.</summary>
    public IReadOnlyList<Extent> Extents => _extents;

    /// <summary>A function with a fixed number of integer or pointer arguments.</summary>
    /// <param name="name">For messages and reports.</param>
    /// <param name="target">A <c>delegate* unmanaged</c>, such as the address of an <c>UnmanagedCallersOnly</c> method.</param>
    /// <param name="arguments">How many arguments; those after the sixth come on the stack.</param>
    /// <returns>The value for the symbol.</returns>
    public nint Function(string name, nint target, int arguments)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arguments);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments, 32);
        var code = Begin(name, out nint start);
        int onStack = Math.Max(0, arguments - RegisterArguments);
        Open(code);
        if (onStack % 2 != 0)
            code.Bytes(0x50);                                                               // push rax, to stay aligned
        for (int index = onStack - 1; index >= 0; index--)
            code.With32(16 + 8 * index, 0xff, 0xb5);                                        // push [rbp+16+8*index]
        CallAndReturn(code, target);
        return start;
    }

    /// <summary>
    /// A function with a variable number of arguments. The target gets (pointer to the six register arguments, pointer to the stack
    /// arguments), both valid until it returns: see <see cref="VariadicArguments"/>.
    /// </summary>
    public nint Variadic(string name, nint target)
    {
        var code = Begin(name, out nint start);
        Open(code);
        code.Bytes(0x48, 0x83, 0xec, 0x30)                                                  // sub rsp, 48
            .Bytes(0x48, 0x89, 0x3c, 0x24, 0x48, 0x89, 0x74, 0x24, 0x08)                    // mov [rsp], rdi; mov [rsp+8], rsi
            .Bytes(0x48, 0x89, 0x54, 0x24, 0x10, 0x48, 0x89, 0x4c, 0x24, 0x18)              // mov [rsp+16], rdx; mov [rsp+24], rcx
            .Bytes(0x4c, 0x89, 0x44, 0x24, 0x20, 0x4c, 0x89, 0x4c, 0x24, 0x28)              // mov [rsp+32], r8; mov [rsp+40], r9
            .Bytes(0x48, 0x89, 0xe7, 0x48, 0x8d, 0x75, 0x10);                               // mov rdi, rsp; lea rsi, [rbp+16]
        CallAndReturn(code, target);
        return start;
    }

    /// <summary>As <see cref="Function"/> with up to six arguments, for call sites that rely on every register but RAX being kept
    /// (the callee-save slots of Linux' <c>pv_ops</c>).</summary>
    public nint Preserving(string name, nint target)
    {
        var code = Begin(name, out nint start);
        code.Bytes(0x55, 0x48, 0x89, 0xe5)                                                  // push rbp; mov rbp, rsp
            .Bytes(0x57, 0x56, 0x52, 0x51)                                                  // push rdi, rsi, rdx, rcx
            .Bytes(0x41, 0x50, 0x41, 0x51, 0x41, 0x52, 0x41, 0x53)                          // push r8, r9, r10, r11
            .With32(CpuSlots.UnwindStack, 0x65, 0xff, 0x34, 0x25)                           // push gs:[UnwindStack]
            .Bytes(0x48, 0x83, 0xe4, 0xf0)                                                  // and rsp, -16
            .With64(target, 0x48, 0xb8).Bytes(0xff, 0xd0)                                   // mov rax, target; call rax
            .Bytes(0x48, 0x8d, 0x65, 0xb8)                                                  // lea rsp, [rbp-72]
            .With32(CpuSlots.UnwindStack, 0x65, 0x8f, 0x04, 0x25)                           // pop gs:[UnwindStack]
            .Bytes(0x41, 0x5b, 0x41, 0x5a, 0x41, 0x59, 0x41, 0x58)                          // pop r11, r10, r9, r8
            .Bytes(0x59, 0x5a, 0x5e, 0x5f, 0x5d);                                           // pop rcx, rdx, rsi, rdi, rbp
        CheckAndReturn(code);
        return start;
    }

    /// <summary>A function that is not supplied: the target is a <c>delegate* unmanaged</c> that gets (<paramref name="token"/>, address of
    /// the caller) and is expected to end the domain with a cause that names both.</summary>
    public nint Missing(string name, nint target, int token)
    {
        var code = Begin(name, out nint start);
        code.With32(token, 0xbf).Bytes(0x48, 0x8b, 0x34, 0x24);                             // mov edi, token; mov rsi, [rsp]
        Open(code);
        CallAndReturn(code, target);
        return start;
    }

    /// <summary>Machine code as given; it must not depend on where it lies. Up to 256 bytes.</summary>
    public nint Raw(string name, ReadOnlySpan<byte> instructions)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(instructions.Length, LargestThunk / 2);
        Begin(name, out nint start).Bytes(instructions);
        return start;
    }

    /// <summary>The stub of <see cref="MachineStubs"/> of that name.</summary>
    public bool TryMachineStub(string name, out nint address)
    {
        bool known = MachineStubs.TryGetCode(name, out var code);
        address = known ? Raw(name, code.Span) : 0;
        return known;
    }

    /// <summary>Names the thunk that an address lies in: <c>ioread8+0x1b</c>.</summary>
    public bool TryDescribe(nint address, out string text)
    {
        text = "";
        if (!_extents.Exists(extent => extent.Contains(unchecked((ulong)address))))
            return false;
        int low = 0, high = _names.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_names.GetKeyAtIndex(middle) <= address)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return false;
        nint offset = address - _names.GetKeyAtIndex(low - 1);
        text = offset == 0 ? _names.GetValueAtIndex(low - 1) : $"{_names.GetValueAtIndex(low - 1)}+0x{offset:x}";
        return true;
    }

    private CodeBuffer Begin(string name, out nint start)
    {
        if (_code is null || _code.Room < LargestThunk)
        {
            var region = _memory.Allocate(ChunkSize, LowAccess.Code);
            _extents.Add(region.Extent);
            _code = new CodeBuffer(region);
            Extended?.Invoke(region.Extent);
        }
        _code.Align();
        start = _code.Position;
        _names.Add(start, name);
        return _code;
    }

    // The slot is the host thread's own while it runs foreign code, and anybody's while it is in C#: others may have had the domain
    // by the time it comes back. So each way out keeps it on its own stack.
    private void Open(CodeBuffer code)
    {
        if (KeepsCallers)
        {
            code.Bytes(0x4c, 0x8b, 0x1c, 0x24)                                              // mov r11, [rsp]
                .With32(CpuSlots.Caller, 0x65, 0x4c, 0x89, 0x1c, 0x25);                     // mov gs:[Caller], r11
        }
        code.Bytes(0x55, 0x48, 0x89, 0xe5)                                                  // push rbp; mov rbp, rsp
            .With32(CpuSlots.UnwindStack, 0x65, 0xff, 0x34, 0x25)                           // push gs:[UnwindStack]
            .Bytes(0x48, 0x83, 0xe4, 0xf0);                                                 // and rsp, -16
    }

    private static void CallAndReturn(CodeBuffer code, nint target)
    {
        code.With64(target, 0x48, 0xb8).Bytes(0xff, 0xd0)                                   // mov rax, target; call rax
            .Bytes(0x4c, 0x8b, 0x5d, 0xf8)                                                  // mov r11, [rbp-8]
            .With32(CpuSlots.UnwindStack, 0x65, 0x4c, 0x89, 0x1c, 0x25)                     // mov gs:[UnwindStack], r11
            .Bytes(0xc9);                                                                   // leave
        CheckAndReturn(code);
    }

    private static void CheckAndReturn(CodeBuffer code) => code
        .With32(CpuSlots.Dying, 0x65, 0x83, 0x3c, 0x25).Bytes(0)                            // cmp dword gs:[Dying], 0
        .Branch(EntryCode.Abort, 0x0f, 0x85)                                                // jne Abort
        .Bytes(0xc3);                                                                       // ret
}
