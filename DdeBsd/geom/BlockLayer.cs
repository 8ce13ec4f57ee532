using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>disk(9) and the ends of bios (bio(9)).</summary>
internal sealed unsafe class BlockLayer(BsdKernel kernel)
{
    private const int DiskVersion = 0x58561059;
    private const byte BioError = 1;
    private const byte BioDone = 2;

    private readonly Dictionary<nint, BsdDisk> _disks = [];
    private readonly Dictionary<nint, (BsdDisk.Request Request, BsdDisk Disk)> _requests = [];

    private readonly Queue<nint> _done = new();
    private Action? _deliver;

    /// <summary>Makes a request known by its bio, for as long as the domain lives.</summary>
    internal void Add(BsdDisk.Request request, BsdDisk disk) => _requests.Add(request.Bio, (request, disk));

    [KernelFunction]
    public nint disk_alloc() => kernel.Malloc.AllocateOwn(sizeof(DiskObject));

    [KernelFunction]
    public void disk_create(nint disk, int version)
    {
        if (version != DiskVersion)
            throw new KernelFaultException($"disk_create with version 0x{version:x}; the headers of this shim have 0x{DiskVersion:x}");
        var made = new BsdDisk(kernel, disk);
        _disks.Add(disk, made);
        kernel.AddDisk(made);
    }

    [KernelFunction]
    public void disk_gone(nint disk)
    {
        if (_disks.TryGetValue(disk, out var found))
            found.Detach();
    }

    [KernelFunction]
    public void disk_destroy(nint disk)
    {
        disk_gone(disk);
        _disks.Remove(disk);
        kernel.Malloc.FreeOwn(disk);
    }

    [KernelFunction]
    public void biodone(nint bio)
    {
        ref var state = ref kernel.Memory.At<BlockRequestObject>(bio);
        if ((state.bio_flags & BioDone) != 0)
            throw new KernelFaultException($"the bio 0x{bio:x} is done twice");
        state.bio_flags |= BioDone;
        // The driver is inside its locks here: whoever waits for the request hears of it when it has left them.
        _done.Enqueue(bio);
        if (_done.Count == 1)
            kernel.Cpu.Post(_deliver ??= Deliver);
    }

    [KernelFunction]
    public void biofinish(nint bio, nint statistics, int error)
    {
        if (error != 0)
        {
            ref var state = ref kernel.Memory.At<BlockRequestObject>(bio);
            state.bio_error = error;
            state.bio_flags |= BioError;
        }
        else
        {
            kernel.Memory.At<BlockRequestObject>(bio).bio_resid = 0;
        }
        biodone(bio);
    }

    private void Deliver()
    {
        while (_done.TryDequeue(out nint bio))
        {
            if (_requests.TryGetValue(bio, out var known))
                known.Disk.Done(known.Request);
            else if (kernel.Memory.At<BlockRequestObject>(bio).bio_done is not 0 and var done)
                kernel.Call(done, bio);
        }
    }
}

public sealed partial class BsdKernel
{
    internal BlockLayer Block => field ??= new BlockLayer(this);
}
