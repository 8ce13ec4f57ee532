using System.Globalization;
using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>
/// mutex(9). A domain has one processor, and a thread keeps it until it sleeps; sleeping with a mutex is forbidden. So a mutex is always free when
/// somebody else asks for it, and one that is not means a broken rule: the domain ends with both names.
/// </summary>
internal sealed unsafe class Mutexes(BsdKernel kernel)
{
    private const uint Initialized = 1;
    private const uint Spin = 2;
    private const uint Recursable = 4;

    // sys/mutex.h: MTX_SPIN, MTX_RECURSE; MA_OWNED, MA_RECURSED, MA_NOTRECURSED.
    private const int OptionSpin = 0x1;
    private const int OptionRecurse = 0x4;
    private const int AssertOwned = 0x1;
    private const int AssertRecursed = 0x4;
    private const int AssertNotRecursed = 0x8;

    private readonly List<nint> _held = [];
    private nint _giant;

    /// <summary>How many mutexes are held by whoever runs.</summary>
    internal int Held => _held.Count;

    /// <summary>The lock of code that has none of its own.</summary>
    internal nint Giant => _giant;

    /// <summary>Makes <c>Giant</c> ready.</summary>
    internal void Boot()
    {
        _giant = kernel.Symbols.Require("Giant");
        Initialize(_giant, kernel.Malloc.AllocateText("Giant"), 0, OptionRecurse);
    }

    /// <summary>Names of the mutexes that are held, for messages.</summary>
    internal string DescribeHeld() => string.Join(", ", _held.Select(mutex => $"mutex '{NameOf(mutex)}'"));

    [KernelFunction]
    public void mtx_init(nint mutex, nint name, nint type, int options) => Initialize(mutex, name, type, options);

    [KernelFunction]
    public void mtx_sysinit(nint arguments)
    {
        ref var wanted = ref kernel.Memory.At<MutexArguments>(arguments);
        Initialize(wanted.ma_mtx, wanted.ma_desc, 0, wanted.ma_opts);
    }

    [KernelFunction]
    public void mtx_destroy(nint mutex)
    {
        ref var state = ref Find(mutex, "mtx_destroy", 0, 0);
        if (state.mtx_lock != 0)
            Unlock(mutex, 0, 0);
        state = default;
    }

    [KernelFunction("_mtx_lock_flags")]
    public void LockFlags(nint mutex, int options, nint file, int line) => Lock(mutex, file, line);

    [KernelFunction("_mtx_unlock_flags")]
    public void UnlockFlags(nint mutex, int options, nint file, int line) => Unlock(mutex, file, line);

    // A spin mutex keeps interrupts away; so does every mutex here, because interrupts are delivered only where none is held.
    [KernelFunction("_mtx_lock_spin_flags")]
    public void LockSpin(nint mutex, int options, nint file, int line) => Lock(mutex, file, line);

    [KernelFunction("_mtx_unlock_spin_flags")]
    public void UnlockSpin(nint mutex, int options, nint file, int line) => Unlock(mutex, file, line);

    [KernelFunction("_mtx_trylock")]
    public int TryLock(nint mutex, int options, nint file, int line)
    {
        ref var state = ref Find(mutex, "mtx_trylock", file, line);
        if (state.mtx_lock != 0 && ((state.lo_flags & Recursable) == 0 || state.mtx_lock != kernel.Threads.CurrentAddress))
            return 0;
        Lock(mutex, file, line);
        return 1;
    }

    [KernelFunction]
    public int mtx_owned(nint mutex) => Find(mutex, "mtx_owned", 0, 0).mtx_lock == kernel.Threads.CurrentAddress ? 1 : 0;

    [KernelFunction("_mtx_assert")]
    public void Assert(nint mutex, int what, nint file, int line)
    {
        ref var state = ref Find(mutex, "mtx_assert", file, line);
        bool isOwned = state.mtx_lock == kernel.Threads.CurrentAddress;
        string? problem = (what & AssertOwned) == 0 ? (isOwned ? "is owned" : null)
            : !isOwned ? "is not owned"
            : (what & AssertRecursed) != 0 && state.mtx_recurse == 0 ? "is not recursed"
            : (what & AssertNotRecursed) != 0 && state.mtx_recurse != 0 ? "is recursed" : null;
        if (problem is not null)
            throw new KernelFaultException($"mutex '{NameOf(mutex)}' {problem}{Place(file, line)}");
    }

    /// <summary>Takes a mutex.</summary>
    /// <param name="mutex">The mutex.</param>
    /// <param name="file">The caller's source, a C string; 0 when unknown.</param>
    /// <param name="line">The line there.</param>
    internal void Lock(nint mutex, nint file, int line)
    {
        ref var state = ref Find(mutex, "mtx_lock", file, line);
        nint self = kernel.Threads.CurrentAddress;
        if (state.mtx_lock == 0)
        {
            state.mtx_lock = self;
            _held.Add(mutex);
            return;
        }
        if (state.mtx_lock != self)
            throw new KernelFaultException($"mutex '{NameOf(mutex)}' is wanted{Place(file, line)}, but who holds it was interrupted or sleeps");
        if ((state.lo_flags & Recursable) == 0)
            throw new KernelFaultException($"mutex '{NameOf(mutex)}' is locked again{Place(file, line)} by its owner, and was not made for that");
        state.mtx_recurse++;
    }

    /// <summary>Gives a mutex back.</summary>
    /// <inheritdoc cref="Lock"/>
    internal void Unlock(nint mutex, nint file, int line)
    {
        ref var state = ref Find(mutex, "mtx_unlock", file, line);
        if (state.mtx_lock == 0 || state.mtx_lock != kernel.Threads.CurrentAddress)
            throw new KernelFaultException($"mutex '{NameOf(mutex)}' is unlocked{Place(file, line)} by somebody who does not hold it");
        if (state.mtx_recurse > 0)
        {
            state.mtx_recurse--;
            return;
        }
        state.mtx_lock = 0;
        _held.Remove(mutex);
    }

    private void Initialize(nint mutex, nint name, nint type, int options)
    {
        kernel.Memory.At<MutexObject>(mutex) = new MutexObject
        {
            lo_name = name,
            lo_type = type != 0 ? type : name,
            lo_flags = Initialized | ((options & OptionSpin) != 0 ? Spin : 0) | ((options & OptionRecurse) != 0 ? Recursable : 0),
        };
    }

    private ref MutexObject Find(nint mutex, string operation, nint file, int line)
    {
        ref var state = ref kernel.Memory.At<MutexObject>(mutex);
        if ((state.lo_flags & Initialized) == 0)
            throw new KernelFaultException($"{operation} of 0x{mutex:x}{Place(file, line)}, which is no mutex or was destroyed");
        return ref state;
    }

    private string NameOf(nint mutex) => kernel.Memory.CheckString(kernel.Memory.At<MutexObject>(mutex).lo_name).ToString();

    private string Place(nint file, int line) =>
        file == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" at {kernel.Memory.CheckString(file)}:{line}");
}

public sealed partial class BsdKernel
{
    internal Mutexes Mutexes => field ??= new Mutexes(this);
}
