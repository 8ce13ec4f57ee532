using Emulator;
using Nddf;

namespace RootTask;

/// <summary>A machine's description in words that can be sent, and the numbers that its wires have in them.</summary>
internal sealed class MachinePlan
{
    private readonly List<Wire> _wires = [];

    /// <exception cref="SystemStartException">The machine has what only this process can have: a medium of its own.</exception>
    internal MachinePlan(SystemOptions options)
    {
        var machine = options.Machine;
        if (machine is not null && machine != new MachineDescription { Nics = machine.Nics })
            throw new SystemStartException(ExitCode.Usage, "a machine with disks other than images lives in the process that made it: it goes with isolation none");
        Setup = new MachineSetup([.. options.Disks], options.Writable, [.. (machine?.Nics ?? []).Select(Card)], options.AllowsFaults);
    }

    /// <summary>The description.</summary>
    internal MachineSetup Setup { get; }

    /// <summary>The number of the wire with this end.</summary>
    internal uint NumberOf(WireEnd end) => (uint)_wires.IndexOf(end.Wire);

    private CardSetup Card(Emulator.NicDescription card)
    {
        if (card.Wire is not { } end)
            throw new SystemStartException(ExitCode.Usage, "a card without a wire lives in the process that made it: it goes with isolation none");
        if (!_wires.Contains(end.Wire))
            _wires.Add(end.Wire);
        return new CardSetup(card.Model, HardwareAddress.Read(card.Address.GetAddressBytes()).Value, NumberOf(end));
    }
}
