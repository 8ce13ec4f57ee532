using System.Runtime.InteropServices;
using L4.Native;

namespace L4;

/// <summary>
/// The few words that a small kernel object consists of: 64 bytes, private to the process, or a page of a memory file of its own that other
/// processes map too. A cache line of its own at a fixed address: futex words must not move, and neighbours must not share the line.
/// </summary>
internal sealed unsafe class StateMemory
{
    private const int LineBytes = 64;

    private readonly int _descriptor = -1;

    private StateMemory(void* address, int descriptor)
    {
        Address = address;
        _descriptor = descriptor;
    }

    /// <summary>The memory goes when nobody can reach it any more.</summary>
    ~StateMemory()
    {
        if (_descriptor < 0)
        {
            NativeMemory.AlignedFree(Address);
            return;
        }
        _ = Libc.munmap((nint)Address, (nuint)Dataspace.PageSize);
        _ = Libc.close(_descriptor);
    }

    /// <summary>The words. Whoever uses them keeps this object alive.</summary>
    internal void* Address { get; }

    /// <summary>The memory file, this object's own.</summary>
    /// <exception cref="ServiceException">The words are private: their system has no other processes.</exception>
    internal int Descriptor => _descriptor >= 0
        ? _descriptor
        : throw new ServiceException(ServiceError.BadCapability, "an object of a system without other processes cannot be sent to one");

    /// <summary>Makes zeros.</summary>
    internal static StateMemory Create(string name, bool isShared)
    {
        if (isShared)
            return MapPage(Libc.CreateMemoryFile(name, Dataspace.PageSize));
        void* address = NativeMemory.AlignedAlloc(LineBytes, LineBytes);
        NativeMemory.Clear(address, LineBytes);
        return new StateMemory(address, -1);
    }

    /// <summary>Maps what another process sent.</summary>
    /// <param name="descriptor">Checked to be a sealed memory file of one page that may be written; closed here on failure.</param>
    internal static StateMemory MapPage(int descriptor)
    {
        nint address = Libc.mmap(0, (nuint)Dataspace.PageSize, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
        if (address != Libc.MapFailed)
            return new StateMemory((void*)address, descriptor);
        var error = Libc.LastError("mapping the state of a kernel object");
        _ = Libc.close(descriptor);
        throw error;
    }
}
