namespace Emulator;

/// <summary>The disks on the two cables of a PIIX3 IDE controller.</summary>
public sealed record IdeControllerDescription
{
    /// <summary>Device 0 of the primary channel.</summary>
    public DiskDescription? PrimaryMaster { get; init; }

    /// <summary>Device 1 of the primary channel.</summary>
    public DiskDescription? PrimarySlave { get; init; }

    /// <summary>Device 0 of the secondary channel.</summary>
    public DiskDescription? SecondaryMaster { get; init; }

    /// <summary>Device 1 of the secondary channel.</summary>
    public DiskDescription? SecondarySlave { get; init; }
}

/// <summary>What an emulated machine is made of.</summary>
public sealed record MachineDescription
{
    /// <summary>Disks that one IDE controller takes.</summary>
    public const int HighestDiskCount = 4;

    /// <summary>Network cards that a machine takes: each has an interrupt line of its own.</summary>
    public const int HighestNicCount = 8;

    /// <summary>Its network cards, in the order of their places on the bus.</summary>
    public IReadOnlyList<NicDescription> Nics { get; init; } = [];

    /// <summary>The IDE controller's disks.</summary>
    public IdeControllerDescription Ide { get; init; } = new();

    /// <summary>Whether the machine starts as firmware leaves it, with both IDE channels enabled in IDETIM; drivers take a channel
    /// that firmware did not enable for one that is not there. Without it the machine starts as the power comes on. Base addresses
    /// are unassigned either way: the owner of the machine assigns them.</summary>
    public bool FirmwareSetUp { get; init; } = true;

    /// <summary>A machine with up to four disks, in the order in which a driver finds them. One or two disks get a cable each.</summary>
    /// <exception cref="MachineDescriptionException">There are more than four.</exception>
    public static MachineDescription WithDisks(params ReadOnlySpan<DiskDescription> disks)
    {
        if (disks.Length > HighestDiskCount)
            throw new MachineDescriptionException($"{disks.Length} disks: the emulated IDE controller takes {HighestDiskCount}");
        DiskDescription? first = disks.Length > 0 ? disks[0] : null;
        IdeControllerDescription controller = disks.Length <= 2
            ? new() { PrimaryMaster = first, SecondaryMaster = disks.Length > 1 ? disks[1] : null }
            : new() { PrimaryMaster = first, PrimarySlave = disks[1], SecondaryMaster = disks[2], SecondarySlave = disks.Length > 3 ? disks[3] : null };
        return new MachineDescription { Ide = controller };
    }

    /// <summary>A machine with up to four raw images as disks. When one cannot be opened, none stays open.</summary>
    /// <param name="paths">The image files.</param>
    /// <param name="writable">Whether the disks can be written; otherwise the files are opened for reading only.</param>
    /// <exception cref="MediumException">An image cannot be a disk.</exception>
    /// <exception cref="MachineDescriptionException">There are more than four.</exception>
    public static MachineDescription WithImages(IReadOnlyList<string> paths, bool writable)
    {
        var disks = new List<DiskDescription>(paths.Count);
        try
        {
            foreach (string path in paths)
                disks.Add(DiskDescription.FromImage(path, writable));
            return WithDisks([.. disks]);
        }
        catch
        {
            foreach (DiskDescription disk in disks)
                disk.Medium.Dispose();
            throw;
        }
    }
}
