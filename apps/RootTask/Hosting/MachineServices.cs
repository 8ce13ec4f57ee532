using L4;

namespace RootTask;

/// <summary>A network card of an emulated machine.</summary>
/// <param name="Model">The card's model, as ports name it.</param>
/// <param name="Address">Its station address.</param>
/// <param name="Wire">The number of the wire in its socket. Two cards with the same number are joined; the other end of one card's wire is free.</param>
[MessageType]
public readonly record struct CardSetup(Emulator.NicModel Model, ulong Address, uint Wire);

/// <summary>An emulated machine as it is described to the task that will own it.</summary>
/// <param name="Disks">Paths of raw images, opened there.</param>
/// <param name="Writable">Whether they are opened for writing.</param>
/// <param name="Cards">The network cards.</param>
/// <param name="AllowsFaults">Whether it can be made to go wrong.</param>
[MessageType]
public sealed record MachineSetup(string[] Disks, bool Writable, CardSetup[] Cards, bool AllowsFaults);

/// <summary>A task that owns a machine and runs the I/O server over it.</summary>
[Service]
public interface IMachineHost
{
    /// <summary>Makes the machine. Called once.</summary>
    /// <returns>A gate of <see cref="L4Io.IIoServer"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ServiceError.DeviceError"/>: there can be no such machine, or an image cannot be a disk.</exception>
    Capability Start(MachineSetup setup);

    /// <summary>What makes the machine go wrong: a gate of <see cref="L4Io.IMachineFaults"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.AccessDenied"/>: the machine was not made for it.</exception>
    Capability Faults();

    /// <summary>Has everything that is sent to the free end of a wire come back.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no wire with a free end has the number.</exception>
    void LoopWire(uint wire);

    /// <summary>Joins the free end of a wire to a link of the host's.</summary>
    /// <param name="wire">The wire's number.</param>
    /// <param name="link">The link, as <see cref="LinkName"/> reads it.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.NotFound"/>: no wire with a free end has the number; <see cref="ServiceError.DeviceError"/>:
    /// the link cannot be made.</exception>
    void JoinWire(uint wire, string link);
}
