using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DdeKit.Foreign;

/// <summary>
/// The one CPU that the foreign code of a domain sees: the area that <c>%gs</c> points to (stack canary, per-CPU variables, words of the
/// thunks), and the way in. Any number of host threads may attach; one at a time, the holder of the domain's baton, calls or uses
/// anything else here. The baton may change hands whenever its holder is in C#; nothing has to be saved for that. Calls nest: foreign
/// code calls shims, which call foreign code.
/// </summary>
public sealed unsafe class ForeignCpu
{
    private const int AreaSize = 64 * 1024;

    [ThreadStatic]
    private static ForeignCpu? t_current;

    private readonly LowRegion _region;
    private readonly Dictionary<string, nint> _variables = new(StringComparer.Ordinal);
    private readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint> _enter;
    private readonly int* _dying;
    private readonly HashSet<long> _threads = [];
    private nint _nextVariable = CpuSlots.FirstVariable;
    private Exception? _cause;

    /// <param name="memory">Owns the area; foreign code may run until it is disposed.</param>
    public ForeignCpu(LowMemory memory)
    {
        _region = memory.Allocate(AreaSize, LowAccess.Data);
        _enter = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, nint>)EntryCode.Enter;
        _dying = (int*)(Area + CpuSlots.Dying);
        // Linux keeps the canary's first byte 0, so that a string copy cannot carry it over.
        // It finds overruns and hides from nobody, least of all from the driver; a better generator is a native library to load.
        Random.Shared.NextBytes(_region.Bytes.Slice(CpuSlots.Canary + 1, 7));
    }

    /// <summary>The domain that the calling host thread is attached to, or null.</summary>
    public static ForeignCpu? Current => t_current;

    /// <summary>The address that <c>%gs</c> has: what is added to a per-CPU offset to get the variable's address.</summary>
    public nint Area => _region.Address;

    /// <summary>Whether the domain is dying: every way back into foreign code is then given up.</summary>
    public bool IsDying => Volatile.Read(ref *_dying) != 0;

    /// <summary>Why the domain is dying; null while it lives.</summary>
    public Exception? Cause => Volatile.Read(ref _cause);

    /// <summary>What is asked about traps in this domain's code; null lets every trap end the domain.</summary>
    public ITrapHandler? TrapHandler { get; set; }

    /// <summary>What stubs of patched sites work with; null when no site is patched.</summary>
    internal SitePatcher? Patcher { get; set; }

    /// <summary>Makes the calling host thread able to run this domain's code: sets <c>%gs</c>, which .NET itself does not use.</summary>
    public void Attach()
    {
        SetGs(Area);
        t_current = this;
        lock (_threads)
            _threads.Add(LibC.SystemCall(LibC.SystemCallGetThread, 0, 0));
    }

    /// <summary>Undoes <see cref="Attach"/> on the calling host thread.</summary>
    public static void Detach()
    {
        if (t_current is { } current)
        {
            lock (current._threads)
                current._threads.Remove(LibC.SystemCall(LibC.SystemCallGetThread, 0, 0));
        }
        t_current = null;
        SetGs(0);
    }

    /// <summary>Finds room for a per-CPU variable, zeroed.</summary>
    /// <param name="name">Its name; asked for again, the answer is the same.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="alignment">A power of two up to 4096.</param>
    /// <returns>The offset in the area: the value of the variable's symbol.</returns>
    /// <exception cref="InvalidOperationException">The area is full, or the variable has another size.</exception>
    public nint AllocatePerCpu(string name, int size, int alignment)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (!int.IsPow2(alignment) || alignment > (int)LowMemory.PageSize)
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, $"per-CPU variable {name} needs a power of two up to {LowMemory.PageSize}");
        if (_variables.TryGetValue(name, out nint known))
            return known;
        nint offset = (_nextVariable + alignment - 1) & -alignment;
        if (size > AreaSize - offset)
            throw new InvalidOperationException($"per-CPU variable {name} of {size} bytes does not fit the {AreaSize - offset} bytes left of {AreaSize}");
        _nextVariable = offset + size;
        _variables.Add(name, offset);
        return offset;
    }

    /// <summary>Where the foreign code that called last continues, or the instruction that trapped last; 0 before the first one. Thunks note it only
    /// with <see cref="ImportThunks.KeepsCallers"/>. Only for the code that was called, before it calls foreign code itself.</summary>
    public nint Caller
    {
        get => Variable<nint>(CpuSlots.Caller);
        internal set => Variable<nint>(CpuSlots.Caller) = value;
    }

    /// <summary>The bytes of a per-CPU variable, in place.</summary>
    public ref T Variable<T>(nint offset) where T : unmanaged => ref Unsafe.AsRef<T>((void*)(Area + offset));

    /// <summary>Calls foreign code with up to six integer or pointer arguments and returns what it left in RAX. Costs a few nanoseconds.</summary>
    /// <exception cref="ForeignAbortException">The domain is dying; the call may have happened in part.</exception>
    /// <exception cref="InvalidOperationException">The calling host thread is not attached.</exception>
    public nint Call(nint function, nint a0 = 0, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0)
    {
        if (t_current != this)
            ThrowNotAttached();
        if (*_dying != 0)
            ThrowAborted();
        nint result = _enter(a0, a1, a2, a3, a4, a5, function);
        if (Volatile.Read(ref *_dying) != 0)
            ThrowAborted();
        return result;
    }

    /// <summary>
    /// Declares the domain dying. Foreign code runs on until it next calls a thunk or returns; nothing of it runs after that. The first
    /// cause is kept. Wrappers call it for whatever exception a shim let out, then return any value. Any thread.
    /// </summary>
    public void Abort(Exception cause)
    {
        // An abort that passes through is the echo of a cause that is known already.
        Interlocked.CompareExchange(ref _cause, cause is ForeignAbortException { InnerException: { } first } ? first : cause, null);
        Volatile.Write(ref *_dying, 1);
    }

    /// <summary>
    /// After <see cref="Abort"/>: has foreign code that is running given up where it is, even in a loop that never calls or returns. Code that
    /// is not foreign is left alone: it meets the abort on its way back. An interruption that comes in the few instructions between the two is
    /// lost, so whoever must be sure asks again. Any thread; not after the memory was disposed.
    /// </summary>
    public void Interrupt()
    {
        // A thread leaves the set before it ends: none here is another's number by now.
        lock (_threads)
        {
            foreach (long thread in _threads)
                _ = LibC.SystemCall(LibC.SystemCallSignalThread, Environment.ProcessId, thread, TrapUnit.InterruptSignal);
        }
    }

    [DoesNotReturn]
    private static void ThrowNotAttached() =>
        throw new InvalidOperationException("the calling host thread is not attached to the domain whose code it calls");

    [DoesNotReturn]
    private void ThrowAborted() =>
        // Machine code that gives up an entry by itself cannot say more: its stack pointer was of no use.
        throw new ForeignAbortException(Cause ?? new InvalidOperationException("foreign code lost its stack, or was called at an address that no pointer can have"));

    private static void SetGs(nint address)
    {
        if (LibC.SystemCall(LibC.SystemCallArchPrctl, LibC.ArchSetGs, address) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"setting the GS base to {address:x}");
    }
}
