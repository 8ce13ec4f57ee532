using DdeKit;
using L4;

namespace DdeLinux;

/// <summary>
/// A disk behind a Linux driver: sectors to be read and written at bus addresses of the arena. Belongs to the holder of the domain's
/// baton.
/// </summary>
public sealed class LinuxDisk : DriverDisk
{
    /// <summary>Requests that are made in advance; a queue that grows longer allocates more, once.</summary>
    private const int ReadyRequests = 64;

    private readonly LinuxKernel _kernel;
    private readonly Stack<DiskRequest> _requests = new(ReadyRequests);
    private bool _isGone;

    internal LinuxDisk(LinuxKernel kernel, ScsiUnit unit, DiskIdentity identity)
    {
        _kernel = kernel;
        Unit = unit;
        Identity = identity;
        Limits = QueueLimits.Of(unit.Queue);
        Name = kernel.DriverCore.NameOf(unit.Device.sdev_gendev);
        for (int made = 0; made < ReadyRequests; made++)
            _requests.Push(new DiskRequest(this));
    }

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override string Model => Identity.Model;

    /// <inheritdoc />
    public override string Serial => Identity.Serial;

    /// <inheritdoc />
    public override string Firmware => Identity.Firmware;

    /// <inheritdoc />
    public override uint SectorSize => Identity.SectorSize;

    /// <inheritdoc />
    public override ulong Sectors => Identity.Sectors;

    /// <inheritdoc />
    public override bool Writable => Identity.IsWritable;

    /// <summary>Whether it has a write cache that is on. Without one a flush has nothing to do.</summary>
    public bool HasWriteCache => Identity.HasWriteCache;

    /// <summary>Requests that it can work on at once; more wait in the order of their submission.</summary>
    public int QueueDepth => Math.Min((int)Unit.Device.queue_depth, Unit.Adapter.Host.can_queue);

    /// <inheritdoc />
    public override uint Alignment => Limits.AlignmentMask + 1;

    internal ScsiUnit Unit { get; }

    internal QueueLimits Limits { get; private set; }

    internal DiskIdentity Identity { get; private set; }

    /// <inheritdoc />
    public override void Submit(DiskOperation operation, ulong sector, uint count, ulong busAddress, ulong tag)
    {
        Check(operation, sector, count, busAddress);
        if (_isGone)
        {
            Complete(tag, new DiskStatus(DiskOutcome.Gone, default));
            return;
        }
        if (!_requests.TryPop(out var request))
            request = new DiskRequest(this);
        request.Set(operation, sector, count, busAddress, tag);
        Unit.Submit(request);
    }

    /// <summary>Reads size, protection and limits anew. Sleeps.</summary>
    internal void Revalidate()
    {
        if (DiskProbe.Identify(_kernel, Unit) is { } identity)
            Identity = identity;
        Limits = QueueLimits.Of(Unit.Queue);
    }

    /// <summary>The unit is gone, and with it its requests.</summary>
    internal void Detach()
    {
        _isGone = true;
        _kernel.RemoveDisk(this);
    }

    /// <summary>A request ended.</summary>
    internal void End(DiskRequest request, DiskStatus status)
    {
        ulong tag = request.Tag;
        _requests.Push(request);
        Complete(tag, status);
    }

    private void Complete(ulong tag, DiskStatus status) => _kernel.DiskOwner?.Completed(this, tag, status);

    private void Check(DiskOperation operation, ulong sector, uint count, ulong busAddress)
    {
        if (operation == DiskOperation.Flush)
            return;
        if (operation == DiskOperation.Write && !Writable)
            throw new InvalidOperationException($"Disk {Name} ({Model}) is write-protected.");
        if (count == 0 || !new Extent(0, Sectors).Contains(sector, count))
            throw new ArgumentOutOfRangeException(nameof(sector), sector, $"{count} sectors from {sector} are not on disk {Name} with {Sectors} sectors");
        if ((busAddress & Limits.AlignmentMask) != 0 || !new Extent(0, _kernel.Arena.Length).Contains(busAddress, (ulong)count * SectorSize))
        {
            throw new ArgumentOutOfRangeException(
                nameof(busAddress), busAddress, $"{count} sectors at bus address 0x{busAddress:x} are not in the arena or not aligned to {Alignment} bytes");
        }
    }
}

/// <summary>What a disk says about itself.</summary>
internal sealed record DiskIdentity(string Model, string Serial, string Firmware, uint SectorSize, ulong Sectors, bool IsWritable, bool HasWriteCache);
