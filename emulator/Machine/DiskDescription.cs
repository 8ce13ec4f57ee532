namespace Emulator;

/// <summary>A disk to be put into a machine.</summary>
public sealed record DiskDescription
{
    /// <summary>What every disk calls itself unless told otherwise.</summary>
    public const string DefaultModel = "Dde emulated disk";

    /// <param name="medium">Its data; owned by the machine from the machine's construction on.</param>
    /// <param name="serial">Serial number: 1 to 20 printable ASCII characters.</param>
    /// <param name="model">Model: 1 to 40 printable ASCII characters.</param>
    /// <exception cref="MachineDescriptionException">A text does not fit, or the medium is larger than 48-bit addresses reach.</exception>
    public DiskDescription(IDiskMedium medium, string serial, string model = DefaultModel)
    {
        if (!DiskIdentity.Fits(serial, DiskIdentity.SerialLength))
            throw new MachineDescriptionException($"serial number '{serial}': 1 to {DiskIdentity.SerialLength} printable ASCII characters are needed");
        if (!DiskIdentity.Fits(model, DiskIdentity.ModelLength))
            throw new MachineDescriptionException($"disk model '{model}': 1 to {DiskIdentity.ModelLength} printable ASCII characters are needed");
        if ((ulong)(medium.Length / AtaDisk.SectorSize) > AtaDisk.HighestSectorCount)
            throw new MachineDescriptionException($"disk {serial}: {medium.Length} bytes is more than an ATA disk's {AtaDisk.HighestSectorCount} sectors");
        Medium = medium;
        Serial = serial;
        Model = model;
    }

    /// <summary>Its data.</summary>
    public IDiskMedium Medium { get; }

    /// <summary>Serial number.</summary>
    public string Serial { get; }

    /// <summary>Model.</summary>
    public string Model { get; }

    /// <summary>A disk over a raw image, opened for reading only unless <paramref name="writable"/>.</summary>
    /// <exception cref="MediumException">The image cannot be a disk.</exception>
    public static DiskDescription FromImage(string path, bool writable)
    {
        RawImage image = RawImage.Open(path, writable);
        return new DiskDescription(image, image.Serial);
    }
}

/// <summary>A machine was asked for that cannot be built. The message is one line that names the thing and the number.</summary>
public sealed class MachineDescriptionException : ArgumentException
{
    internal MachineDescriptionException(string message)
        : base(message)
    {
    }
}
