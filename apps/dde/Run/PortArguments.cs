using System.CommandLine;
using L4;
using Ports;
using RootTask;

namespace Dde;

/// <summary>The part of a command line that says which port runs on what: the same for every command that starts one.</summary>
internal sealed class PortArguments
{
    private readonly Argument<string> _port = new("PORT") { Description = "A port, as `dde port list` names it." };

    private readonly Option<string[]> _disk = new("--disk")
    {
        Description = "For disk drivers: a raw image as the emulated controller's disk; up to four. It is only read.",
        HelpName = "FILE",
    };

    private readonly NetworkArguments _network = new();

    private readonly Option<string?> _kernel = new("--kernel")
    {
        Description = "The kernel pack, as `dde kernel list` names it; else the newest.",
        HelpName = "RELEASE",
    };

    private readonly Option<Isolation> _isolation = IsolationOption.Create();

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_isolation);
        command.Add(_port);
        command.Add(_disk);
        _network.AddTo(command);
        command.Add(_kernel);
    }

    /// <summary>What system they ask for.</summary>
    /// <exception cref="SystemStartException">They do not fit the port.</exception>
    /// <exception cref="BadManifestException">There is no such port.</exception>
    internal SystemOptions Read(ParseResult parsed)
    {
        var port = PortCatalog.Default.Open(parsed.GetRequiredValue(_port));
        string[] disks = parsed.GetValue(_disk) ?? [];
        var options = new SystemOptions { Ports = [port.Name], Disks = disks, KernelRelease = parsed.GetValue(_kernel), Client = "dde", Isolation = parsed.GetValue(_isolation) };
        if (port.Class == DeviceClass.Network)
        {
            return disks.Length == 0
                ? options with { Machine = _network.Machine(parsed, port), Clock = NetworkMachine.CreateClock() }
                : throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives no disks; --disk is for disk drivers");
        }
        if (_network.AreGiven(parsed))
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives no network cards; --link, --wire, --mac and --capture are for network drivers");
        return disks.Length != 0 ? options : throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives disks; add --disk FILE");
    }

    /// <summary>Connects what they ask for once the system runs. Called on a thread of the system's client.</summary>
    /// <exception cref="SystemStartException">A link cannot be made.</exception>
    internal void Connect(ParseResult parsed, DdeSystem system) => _network.Connect(parsed, system);

    /// <summary>An option whose value is a length of time.</summary>
    internal static Option<TimeSpan?> DurationOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (Duration.TryParse(result.Tokens[0].Value, out var duration))
                return duration;
            result.AddError($"{name} takes a duration such as {Duration.Forms}, not '{result.Tokens[0].Value}'");
            return null;
        },
    };
}
