using System.Text;
using DdeKit;
using DdeKit.Foreign;
using L4;

namespace DdeBsd;

/// <summary>A disk that a driver made with disk(9): requests become bios, cut to what the driver takes at once.</summary>
public sealed unsafe class BsdDisk : DriverDisk
{
    // sys/bio.h: BIO_*; geom/geom_disk.h: DISKFLAG_CANFLUSHCACHE.
    private const byte Read = 1;
    private const byte Write = 2;
    private const byte Flush = 16;
    private const byte BioError = 1;
    private const uint CanFlush = 8;

    private readonly BsdKernel _kernel;
    private readonly nint _disk;
    private readonly Stack<Request> _idle = new();
    private bool _isGone;

    internal BsdDisk(BsdKernel kernel, nint disk)
    {
        _kernel = kernel;
        _disk = disk;
        ref var description = ref kernel.Memory.At<DiskObject>(disk);
        Name = $"{kernel.Memory.CheckString(description.d_name)}{description.d_unit}";
        SectorSize = description.d_sectorsize;
        if (SectorSize == 0 || description.d_mediasize <= 0 || description.d_strategy == 0)
            throw new KernelFaultException($"disk {Name} has sectors of {SectorSize} bytes, a medium of {description.d_mediasize} and strategy 0x{description.d_strategy:x}");
        Sectors = (ulong)description.d_mediasize / SectorSize;
        MaximumSectors = Math.Max(1, description.d_maxsize == 0 ? uint.MaxValue / SectorSize : description.d_maxsize / SectorSize);
        fixed (byte* identity = description.d_ident)
        {
            var bytes = new ReadOnlySpan<byte>(identity, DiskObject.IdentitySize);
            int end = bytes.IndexOf((byte)0);
            Serial = Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]).Trim();
        }
    }

    /// <summary>A request, and the bio of its piece that the driver has.</summary>
    internal sealed class Request(nint bio)
    {
        internal nint Bio { get; } = bio;
        internal DiskOperation Operation { get; set; }
        internal ulong Sector { get; set; }
        internal ulong Left { get; set; }
        internal ulong BusAddress { get; set; }
        internal ulong Tag { get; set; }
    }

    /// <inheritdoc />
    public override string Name { get; }

    /// <summary>Empty: disk(9) of this interface has no model.</summary>
    public override string Model => "";

    /// <inheritdoc />
    public override string Serial { get; }

    /// <inheritdoc />
    public override string Firmware => "";

    /// <inheritdoc />
    public override uint SectorSize { get; }

    /// <inheritdoc />
    public override ulong Sectors { get; }

    /// <summary>How many the driver takes at once.</summary>
    public uint MaximumSectors { get; }

    /// <inheritdoc />
    public override bool Writable => true;

    /// <summary>Drivers bounce what their devices cannot reach.</summary>
    public override uint Alignment => 1;

    /// <inheritdoc />
    public override void Submit(DiskOperation operation, ulong sector, uint count, ulong busAddress, ulong tag)
    {
        if (operation != DiskOperation.Flush)
        {
            if (count == 0 || !new Extent(0, Sectors).Contains(sector, count))
                throw new ArgumentOutOfRangeException(nameof(sector), sector, $"{count} sectors from {sector} are not on disk {Name} with {Sectors} sectors");
            if (!new Extent(0, _kernel.Arena.Length).Contains(busAddress, (ulong)count * SectorSize))
                throw new ArgumentOutOfRangeException(nameof(busAddress), busAddress, $"{count} sectors at bus address 0x{busAddress:x} are not in the arena");
        }
        else if ((_kernel.Memory.At<DiskObject>(_disk).d_flags & CanFlush) == 0)
        {
            // The driver knows of no cache that could hold anything back.
            _kernel.DiskOwner?.Completed(this, tag, DiskStatus.Ok);
            return;
        }
        if (_isGone)
        {
            _kernel.DiskOwner?.Completed(this, tag, new DiskStatus(DiskOutcome.Gone, default));
            return;
        }
        if (!_idle.TryPop(out var request))
            _kernel.Block.Add(request = new Request(_kernel.Malloc.AllocateOwn(sizeof(BlockRequestObject))), this);
        (request.Operation, request.Sector, request.Left, request.BusAddress, request.Tag) = (operation, sector, count, busAddress, tag);
        Start(request);
    }

    /// <summary>The driver has no disk any more.</summary>
    internal void Detach()
    {
        if (_isGone)
            return;
        _isGone = true;
        _kernel.RemoveDisk(this);
    }

    /// <summary>The driver has done a piece.</summary>
    internal void Done(Request request)
    {
        ref var bio = ref _kernel.Memory.At<BlockRequestObject>(request.Bio);
        if ((bio.bio_flags & BioError) != 0 || bio.bio_error != 0)
        {
            // What is left begins with the sector that failed, as far as the driver knows.
            long done = bio.bio_resid >= 0 && bio.bio_resid <= bio.bio_bcount ? bio.bio_bcount - bio.bio_resid : 0;
            End(request, Translate(bio.bio_error, request.Sector + (ulong)done / SectorSize));
            return;
        }
        if (bio.bio_resid != 0)
        {
            End(request, new DiskStatus(DiskOutcome.DeviceError, default, request.Sector));
            return;
        }
        ulong sectors = (ulong)bio.bio_bcount / SectorSize;
        request.Sector += sectors;
        request.Left -= sectors;
        request.BusAddress += (ulong)bio.bio_bcount;
        if (request.Left > 0)
            Start(request);
        else
            End(request, DiskStatus.Ok);
    }

    private static DiskStatus Translate(int error, ulong sector) => error switch
    {
        Errno.EIO => new DiskStatus(DiskOutcome.MediumError, default, sector),
        Errno.ENXIO => new DiskStatus(DiskOutcome.DeviceError, default, sector),
        _ => new DiskStatus(DiskOutcome.Aborted, default, sector),
    };

    private void Start(Request request)
    {
        ulong sectors = Math.Min(request.Left, MaximumSectors);
        long bytes = (long)(sectors * SectorSize);
        _kernel.Memory.At<BlockRequestObject>(request.Bio) = new BlockRequestObject
        {
            bio_cmd = request.Operation switch { DiskOperation.Read => Read, DiskOperation.Write => Write, _ => Flush },
            bio_disk = _disk,
            bio_offset = (long)(request.Sector * SectorSize),
            bio_bcount = bytes,
            bio_length = bytes,
            bio_resid = bytes,
            bio_data = request.Operation == DiskOperation.Flush ? 0 : _kernel.Arena.Base + (nint)request.BusAddress,
            bio_pblkno = (long)request.Sector,
        };
        _kernel.Call(_kernel.Memory.At<DiskObject>(_disk).d_strategy, request.Bio);
    }

    private void End(Request request, DiskStatus status)
    {
        ulong tag = request.Tag;
        _idle.Push(request);
        _kernel.DiskOwner?.Completed(this, tag, status);
    }
}
