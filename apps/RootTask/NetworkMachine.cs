using System.Net.NetworkInformation;
using Emulator;
using L4;
using Nddf;
using Ports;

namespace RootTask;

/// <summary>Machines with network cards for ports.</summary>
public static class NetworkMachine
{
    /// <summary>The address of the first card unless told otherwise, as emulators number theirs: locally administered, the rest anybody's.</summary>
    public static HardwareAddress FirstAddress => new(0x5254_00dd_e001);

    /// <summary>A real clock on which no waiter spins: a frame passes through four threads from link to link, and one that spins after it has handed the
    /// frame on holds the core that the next one needs.</summary>
    public static RealClock CreateClock() => new(spinNanoseconds: 0);

    /// <summary>A machine with one card.</summary>
    /// <param name="port">What is to drive it.</param>
    /// <param name="address">Its address.</param>
    /// <param name="outside">The other end of the card's wire.</param>
    /// <exception cref="SystemStartException">The emulated machine has no such card.</exception>
    public static MachineDescription WithCard(PortManifest port, HardwareAddress address, out WireEnd outside)
    {
        var wire = new Wire();
        outside = wire.Right;
        return new MachineDescription { Nics = [Card(port, address, wire.Left)] };
    }

    /// <summary>A machine with two cards and a wire between them.</summary>
    /// <param name="near">What is to drive the first.</param>
    /// <param name="far">What is to drive the second; its address is the next one.</param>
    /// <param name="wire">The wire.</param>
    /// <exception cref="SystemStartException">The emulated machine has no such card.</exception>
    public static MachineDescription WithWire(PortManifest near, PortManifest far, out Wire wire)
    {
        wire = new Wire();
        return new MachineDescription { Nics = [Card(near, FirstAddress, wire.Left), Card(far, new HardwareAddress(FirstAddress.Value + 1), wire.Right)] };
    }

    private static Emulator.NicDescription Card(PortManifest port, HardwareAddress address, WireEnd end)
    {
        if (port.Class != DeviceClass.Network)
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives no network cards");
        if (!Enum.TryParse<NicModel>(port.Model, ignoreCase: true, out var model))
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} wants a network card {port.Model ?? "that it does not name"}; the emulated machine has {string.Join(", ", Enum.GetNames<NicModel>())}");
        byte[] octets = new byte[HardwareAddress.Octets];
        address.Write(octets);
        return new Emulator.NicDescription(model, new PhysicalAddress(octets), end);
    }
}
