using System.Net.NetworkInformation;
using CommandGuard;
using Emulator;
using L4;
using L4Io;
using Nddf;
using Nddf.Links;

namespace RootTask;

/// <summary>The task that owns an emulated machine, with its images and its wires.</summary>
/// <param name="task">A task that does nothing else.</param>
internal sealed class MachineHost(L4Task task) : IMachineHost, IDisposable
{
    private readonly Dictionary<uint, Wire> _wires = [];
    private readonly HashSet<uint> _taken = [];
    private readonly List<IDisposable> _links = [];
    private IoServer? _server;
    private Capability _faults;

    /// <inheritdoc />
    public Capability Start(MachineSetup setup)
    {
        if (_server is not null)
            throw new ServiceException(ServiceError.Busy, "the machine was made already");
        try
        {
            var description = MachineDescription.WithImages(setup.Disks, setup.Writable) with { Nics = [.. setup.Cards.Select(Card)] };
            IMachine machine = new EmulatedMachine(description, task.System.Clock, task.System.Events);
            if (setup.AllowsFaults)
            {
                var faulty = new FaultyMachine(machine, task.System.Events);
                _faults = task.CreateGate(new MachineFaultsDispatcher(faulty));
                machine = faulty;
            }
            (_server, var gate) = IoServer.Start(task, machine, new TaskfileGuards());
            return gate;
        }
        catch (Exception exception) when (exception is MediumException or MachineDescriptionException)
        {
            throw new ServiceException(ServiceError.DeviceError, exception.Message);
        }
    }

    /// <inheritdoc />
    public Capability Faults() => _faults.IsNull ? throw new ServiceException(ServiceError.AccessDenied, "the machine was not made to go wrong") : _faults;

    /// <inheritdoc />
    public void LoopWire(uint wire) => WireLoop.Start(task.System.CreateTask("wire=loop"), FreeEnd(wire));

    /// <inheritdoc />
    public void JoinWire(uint wire, string link)
    {
        var end = FreeEnd(wire);
        DescriptorLink opened;
        try
        {
            opened = LinkName.OpenForWire(link);
        }
        catch (LinkException exception)
        {
            throw new ServiceException(exception.IsDenied ? ServiceError.AccessDenied : ServiceError.DeviceError, exception.Message);
        }
        _links.Add(opened);
        WireLink.Start(task.System.CreateTask($"wire={opened.Name}"), end, opened);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var link in _links)
            link.Dispose();
        _server?.Dispose();
    }

    private Emulator.NicDescription Card(CardSetup card)
    {
        // The first card on a wire has its left end, the second the right one.
        bool isFirst = !_wires.TryGetValue(card.Wire, out var wire);
        if (isFirst)
            _wires.Add(card.Wire, wire = new Wire());
        else if (!_taken.Add(card.Wire))
            throw new ServiceException(ServiceError.BadArgument, $"wire {card.Wire} has two ends; a third card was to be put on it");
        byte[] octets = new byte[HardwareAddress.Octets];
        new HardwareAddress(card.Address).Write(octets);
        return new Emulator.NicDescription(card.Model, new PhysicalAddress(octets), isFirst ? wire!.Left : wire!.Right);
    }

    private WireEnd FreeEnd(uint wire) => _wires.TryGetValue(wire, out var found) && _taken.Add(wire)
        ? found.Right
        : throw new ServiceException(ServiceError.NotFound, $"there is no wire {wire} with a free end");
}
