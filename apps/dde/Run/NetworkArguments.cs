using System.CommandLine;
using Emulator;
using Nddf;
using Nddf.Links;
using Ports;
using RootTask;

namespace Dde;

/// <summary>The part of a command line that says what a network card is connected to: on its host's side and at the end of its wire.</summary>
internal sealed class NetworkArguments
{
    private const string Loop = "loop";

    private readonly Option<string[]> _link = new("--link")
    {
        Description = $"For network drivers: joins the card to the host's side of it: {LinkName.Forms} (an interface of the host's, which gets the card's address "
            + "and is switched on; a pair of unix datagram sockets, as QEMU's -netdev dgram). Several are put on a switch.",
        HelpName = "LINK",
    };

    private readonly Option<string> _wire = new("--wire")
    {
        Description = $"For network drivers: what the card's cable leads to: loop (everything comes back), {LinkName.Forms}.",
        HelpName = "LINK",
        DefaultValueFactory = _ => Loop,
    };

    private readonly Option<HardwareAddress> _address = new("--mac")
    {
        Description = "For network drivers: the card's address.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => NetworkMachine.FirstAddress,
        CustomParser = result =>
        {
            if (HardwareAddress.TryParse(result.Tokens[0].Value, out var address) && address.IsStation)
                return address;
            result.AddError($"--mac takes a station's address such as {NetworkMachine.FirstAddress}, not '{result.Tokens[0].Value}'");
            return default;
        },
    };

    private readonly Option<string?> _capture = new("--capture")
    {
        Description = "For network drivers: writes every frame of --link to this file, as pcapng for Wireshark.",
        HelpName = "FILE",
    };

    private WireEnd? _outside;

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _link, _wire, _address, _capture })
            command.Add(option);
    }

    /// <summary>Whether one of them was given.</summary>
    internal bool AreGiven(ParseResult parsed) =>
        new Option[] { _link, _wire, _address, _capture }.Any(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>The machine that they ask for.</summary>
    /// <exception cref="SystemStartException">The emulated machine has no card for the port.</exception>
    internal MachineDescription Machine(ParseResult parsed, PortManifest port)
    {
        if (parsed.GetValue(_capture) is not null && parsed.GetValue(_link) is not { Length: > 0 })
            throw new SystemStartException(ExitCode.Usage, "--capture writes what passes through --link; add --link");
        // A word that can be no link is said before the driver is started for it.
        foreach (string link in Links(parsed))
            Check(link);
        if (parsed.GetValue(_wire) is { } wire && wire != Loop)
            Check(wire);
        return NetworkMachine.WithCard(port, parsed.GetValue(_address), out _outside);
    }

    /// <summary>Connects the card when the system runs. Called on a thread of the system's client.</summary>
    /// <exception cref="SystemStartException">A link cannot be made.</exception>
    internal void Connect(ParseResult parsed, DdeSystem system)
    {
        if (_outside is null)
            return;
        string wire = parsed.GetValue(_wire)!;
        if (wire == Loop)
            system.LoopWire(_outside);
        else
            Try(() => system.JoinWire(_outside, wire));
        string[] links = Links(parsed);
        var nics = NicClient.List(system.Client, system.NicServer);
        if (links.Length == 0)
            return;
        if (nics.Length == 0)
            throw new SystemStartException(ExitCode.DriverGone, "the driver found no network card");
        var nic = nics[0];
        DescriptorLink[] opened = [.. links.Select(Open)];
        foreach (var link in opened)
            Up(link, nic.Mtu);
        // One interface is the card's face to the host and has its address; behind a switch there are stations with addresses of their own.
        if (opened is [TapLink tap])
            Try(() => tap.SetAddress(nic.Address));
        ILink joined = opened is [var single] ? single : new SwitchLink(opened, system.Clock, system.Events);
        if (parsed.GetValue(_capture) is { } file)
            joined = new CapturingLink(joined, new PcapngWriter(Create(file), nic.Name, system.Clock, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000 - system.Clock.Now));
        system.StartLink(nic.Name, joined, isPromiscuous: opened is not [TapLink]);
    }

    private static DescriptorLink Up(DescriptorLink link, uint mtu)
    {
        if (link is TapLink tap)
            Try(() => tap.BringUp(mtu));
        return link;
    }

    private static void Check(string link)
    {
        if (!LinkName.IsName(link))
            throw new SystemStartException(ExitCode.Usage, $"'{link}' is no link; there are {LinkName.Forms}");
    }

    private static DescriptorLink Open(string text)
    {
        DescriptorLink? link = null;
        Try(() => link = LinkName.Open(text));
        return link!;
    }

    private static FileStream Create(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SystemStartException(ExitCode.InputOutput, $"--capture {file}: {exception.Message}", exception);
        }
    }

    private string[] Links(ParseResult parsed) => parsed.GetValue(_link) ?? [];

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (LinkException exception)
        {
            throw new SystemStartException(exception.IsDenied ? ExitCode.Refused : ExitCode.Usage, exception.Message, exception);
        }
    }
}
