using L4.Native;

namespace L4;

/// <summary>Memory that can be handed from task to task: a sealed memory file. Each task maps it where it likes.</summary>
public sealed class Dataspace : KernelObject
{
    /// <summary>Sizes and offsets of mappings are multiples of this many bytes.</summary>
    public const ulong PageSize = 4096;

    private readonly int _descriptor;
    private readonly bool _isWritable;
    private ulong _identity;

    internal Dataspace(string name, ulong size)
    {
        Name = name;
        Size = size;
        _descriptor = Libc.CreateMemoryFile(name, size);
        _isWritable = true;
    }

    /// <summary>A dataspace that another process sent: its descriptor is this object's, and was found to be a sealed memory file.</summary>
    internal Dataspace(string name, ulong size, int descriptor, bool isWritable)
    {
        Name = name;
        Size = size;
        _descriptor = descriptor;
        _isWritable = isWritable;
    }

    /// <summary>What it is for; shown in messages and in /proc.</summary>
    public string Name { get; }

    /// <summary>Size in bytes, a multiple of <see cref="PageSize"/>.</summary>
    public ulong Size { get; }

    /// <summary>The same number for the same memory, in every task that has it, as long as anybody has it; never 0.</summary>
    public ulong Identity => _identity != 0 ? _identity : _identity = Libc.InodeOf(_descriptor);

    internal nint Map(nint fixedAddress, ulong offset, ulong length, CapabilityRights rights)
    {
        if (offset % PageSize != 0 || length % PageSize != 0 || length == 0 || !new Extent(0, Size).Contains(offset, length))
            throw new ServiceException(ServiceError.BadArgument, $"dataspace '{Name}' has {Size} bytes; a mapping of {length} bytes at {offset} does not fit");
        int protection = (rights.HasFlag(CapabilityRights.Read) ? Libc.ProtectRead : 0) | (rights.HasFlag(CapabilityRights.Write) ? Libc.ProtectWrite : 0);
        nint address = Libc.mmap(fixedAddress, (nuint)length, protection, Libc.MapShared | (fixedAddress != 0 ? Libc.MapFixed : 0), _descriptor, (long)offset);
        return address == Libc.MapFailed ? throw Libc.LastError($"mapping {length} bytes of dataspace '{Name}'") : address;
    }

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors)
    {
        // Without the write right the receiver gets a descriptor that it cannot map for writing.
        if (_isWritable && !rights.HasFlag(CapabilityRights.Write))
            descriptors.Give(Libc.ReopenForReading(_descriptor));
        else
            descriptors.Lend(_descriptor);
        return CapabilityRecord.Named(CapabilityKind.Dataspace, Name);
    }

    private protected override void Destroy() => _ = Libc.close(_descriptor);
}

/// <summary>A piece of a dataspace in this task's memory, until it is disposed.</summary>
public sealed unsafe class Mapping : IDisposable
{
    private nint _address;

    internal Mapping(nint address, ulong length)
    {
        _address = address;
        Length = length;
    }

    /// <summary>Where it is mapped.</summary>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public nint Address => _address != 0 ? _address : throw new ObjectDisposedException(nameof(Mapping));

    /// <summary>Bytes mapped.</summary>
    public ulong Length { get; }

    /// <summary>The mapped bytes. Not to be used after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => new((void*)Address, checked((int)Length));

    /// <inheritdoc />
    public void Dispose()
    {
        nint address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            _ = Libc.munmap(address, (nuint)Length);
    }
}

/// <summary>
/// A reserved stretch of this task's addresses into which dataspaces are mapped at chosen offsets. What is not mapped reads as zeros and
/// takes writes without harm, so that a stray access inside the region cannot kill the process.
/// </summary>
public sealed class AddressRegion : IDisposable
{
    private readonly Lock _lock = new();
    private bool _disposed;

    private AddressRegion(nint address, ulong length)
    {
        Address = address;
        Length = length;
    }

    /// <summary>Start address.</summary>
    public nint Address { get; }

    /// <summary>Bytes reserved.</summary>
    public ulong Length { get; }

    /// <summary>Reserves <paramref name="length"/> bytes (a multiple of the page size); memory is taken as it is touched.</summary>
    public static AddressRegion Reserve(ulong length)
    {
        nint address = Libc.mmap(0, (nuint)length, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        return address == Libc.MapFailed ? throw Libc.LastError($"reserving {length} bytes of addresses") : new AddressRegion(address, length);
    }

    /// <summary>Maps a piece of <paramref name="dataspace"/> at <paramref name="at"/> bytes from the region's start, over whatever was there.</summary>
    public void Map(ulong at, Dataspace dataspace, ulong offset, ulong length, CapabilityRights rights)
    {
        lock (_lock)
        {
            Check(at, length);
            dataspace.Map(Address + (nint)at, offset, length, rights);
        }
    }

    /// <summary>Gives back what is mapped at <paramref name="at"/>: fresh zeros take its place.</summary>
    public void Unmap(ulong at, ulong length)
    {
        lock (_lock)
        {
            Check(at, length);
            nint address = Libc.mmap(Address + (nint)at, (nuint)length, Libc.ProtectRead | Libc.ProtectWrite,
                Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve | Libc.MapFixed, -1, 0);
            if (address == Libc.MapFailed)
                throw Libc.LastError($"unmapping {length} bytes at {at}");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
                _ = Libc.munmap(Address, (nuint)Length);
            _disposed = true;
        }
    }

    private void Check(ulong at, ulong length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (at % Dataspace.PageSize != 0 || length % Dataspace.PageSize != 0 || !new Extent(0, Length).Contains(at, length))
            throw new ServiceException(ServiceError.BadArgument, $"the region has {Length} bytes; {length} bytes at {at} do not fit");
    }
}
