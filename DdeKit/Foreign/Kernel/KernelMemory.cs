using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L4;

namespace DdeKit.Foreign;

/// <summary>
/// The memory in which a driver's pointers may point: the arena, modules, imported variables, and the stacks of the domain's threads,
/// for drivers keep structures there. What C# dereferences is checked here first, since a wild pointer would end the process.
/// Checks are for any thread and take no lock.
/// </summary>
public sealed unsafe partial class KernelMemory
{
    private readonly Extent _arena;
    private readonly Lock _change = new();
    private Extent[] _others = [];

    /// <param name="address">Start of the arena, where most pointers point: it is tried first.</param>
    /// <param name="length">Its bytes, all of them mapped.</param>
    public KernelMemory(nint address, ulong length) => _arena = new Extent(unchecked((ulong)address), length);

    /// <summary>Adds mapped memory: a module, a variable. Adding it again does nothing.</summary>
    public void Add(Extent extent)
    {
        lock (_change)
        {
            if (extent.Count != 0 && !_others.Contains(extent))
                Volatile.Write(ref _others, [.. _others, extent]);
        }
    }

    /// <summary>Takes away what was added, before it is unmapped.</summary>
    public void Remove(Extent extent)
    {
        lock (_change)
            Volatile.Write(ref _others, [.. _others.Where(other => other != extent)]);
    }

    /// <summary>Adds the calling host thread's stack; for threads that run the driver.</summary>
    /// <returns>The stack, to be removed when the thread ends.</returns>
    public Extent AddThreadStack()
    {
        var stack = CurrentThreadStack();
        Add(stack);
        return stack;
    }

    /// <summary>Whether bytes all lie in one piece of the domain's memory.</summary>
    public bool Contains(nint address, ulong size) =>
        _arena.Contains(unchecked((ulong)address), size) || Others(address, size).Count != 0;

    /// <summary>Lets null and pointers into the domain's memory pass.</summary>
    /// <param name="address">The pointer.</param>
    /// <param name="size">Bytes that will be used there.</param>
    /// <returns><paramref name="address"/>.</returns>
    /// <exception cref="KernelFaultException">It points elsewhere.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Check(nint address, int size) => _arena.Contains(unchecked((ulong)address), (ulong)size) ? address : CheckOthers(address, (ulong)size);

    /// <summary>Measures a C string.</summary>
    /// <exception cref="KernelFaultException">It does not end in the domain's memory.</exception>
    public KernelString CheckString(nint address)
    {
        if (address == 0)
            return default;
        var extent = _arena.Contains(unchecked((ulong)address)) ? _arena : Others(address, 1);
        if (extent.Count == 0)
            Refuse(address, 1);
        ulong room = extent.Count - (unchecked((ulong)address) - extent.First);
        int length = new ReadOnlySpan<byte>((void*)address, (int)Math.Min(room, int.MaxValue)).IndexOf((byte)0);
        return length >= 0
            ? new KernelString(address, length)
            : throw new KernelFaultException($"The driver's string at 0x{address:x} does not end in the {room} bytes up to the end of its memory.");
    }

    /// <summary>Lets a <c>va_list</c> pass whose register and stack areas lie in the domain's memory (x86-64 psABI 1.0, 3.5.7).</summary>
    /// <exception cref="KernelFaultException">It, or an area of it, lies elsewhere.</exception>
    public nint CheckList(nint list)
    {
        var words = Span<nint>(list, 3);
        _ = Span<byte>(words[2], 6 * sizeof(nint));
        _ = Span<byte>(words[1], sizeof(nint));
        return list;
    }

    /// <summary>Values in place.</summary>
    /// <param name="address">The first; null only when <paramref name="count"/> is 0.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="KernelFaultException">They do not all lie in the domain's memory.</exception>
    public Span<T> Span<T>(nint address, int count) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return default;
        ulong size = (ulong)count * (ulong)sizeof(T);
        if (!Contains(address, size))
            Refuse(address, size);
        return new Span<T>((void*)address, count);
    }

    /// <summary>A value in place.</summary>
    /// <inheritdoc cref="Span{T}"/>
    public ref T At<T>(nint address) where T : unmanaged => ref MemoryMarshal.GetReference(Span<T>(address, 1));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint CheckOthers(nint address, ulong size)
    {
        if (address != 0 && Others(address, size).Count == 0)
            Refuse(address, size);
        return address;
    }

    private Extent Others(nint address, ulong size)
    {
        foreach (var extent in Volatile.Read(ref _others))
        {
            if (extent.Contains(unchecked((ulong)address), size))
                return extent;
        }
        return default;
    }

    [DoesNotReturn]
    private static void Refuse(nint address, ulong size) =>
        throw new KernelFaultException($"The driver's pointer 0x{address:x}, for {size} bytes, does not lie in the domain's memory.");

    /// <summary>The calling thread's stack as the C library laid it out.</summary>
    private static Extent CurrentThreadStack()
    {
        // pthread_attr_t has 56 bytes on x86-64 glibc (bits/pthreadtypes-arch.h); room for more costs nothing.
        byte* attributes = stackalloc byte[256];
        int error = GetAttributes(CurrentThread(), attributes);
        if (error != 0)
            throw new InvalidOperationException($"The C library cannot tell this thread's stack (error {error}).");
        error = GetStack(attributes, out nint address, out nuint size);
        _ = DestroyAttributes(attributes);
        return error == 0
            ? new Extent((ulong)address, size)
            : throw new InvalidOperationException($"The C library cannot tell this thread's stack (error {error}).");
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint CurrentThread();

    [LibraryImport("libc", EntryPoint = "pthread_getattr_np")]
    private static partial int GetAttributes(nint thread, byte* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_getstack")]
    private static partial int GetStack(byte* attributes, out nint address, out nuint size);

    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);
}
