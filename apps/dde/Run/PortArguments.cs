using System.CommandLine;
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

    private readonly Option<string?> _kernel = new("--kernel")
    {
        Description = "The kernel pack, as `dde kernel list` names it; else the newest.",
        HelpName = "RELEASE",
    };

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_port);
        command.Add(_disk);
        command.Add(_kernel);
    }

    /// <summary>What system they ask for.</summary>
    /// <exception cref="SystemStartException">They do not fit the port.</exception>
    /// <exception cref="BadManifestException">There is no such port.</exception>
    internal SystemOptions Read(ParseResult parsed)
    {
        var port = PortCatalog.Default.Open(parsed.GetRequiredValue(_port));
        string[] disks = parsed.GetValue(_disk) ?? [];
        // Ports of a class with devices of another kind take options of their own here.
        if (port.Class != DeviceClass.Block)
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives no disks; this command runs disk drivers only");
        if (disks.Length == 0)
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} drives disks; add --disk FILE");
        return new SystemOptions { Ports = [port.Name], Disks = disks, KernelRelease = parsed.GetValue(_kernel), Client = "dde" };
    }

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
