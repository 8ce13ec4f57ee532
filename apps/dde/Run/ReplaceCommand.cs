using System.CommandLine;
using RootTask;

namespace Dde;

/// <summary><c>dde replace</c>: another driver takes a device over, under its clients.</summary>
internal static class ReplaceCommand
{
    internal static Command Create()
    {
        var system = new RunningSystem();
        var device = new Argument<string>("DEVICE") { Description = "A device, as `dde ps` shows it (00:01.1)." };
        var port = new Argument<string>("PORT") { Description = "The port that is to drive it, as `dde port list` names it." };
        var kernel = new Option<string?>("--kernel") { Description = "The kernel pack of its modules, as `dde kernel list` names it; else the newest.", HelpName = "RELEASE" };
        var command = new Command(
            "replace",
            "Has another port, or another version of the same, drive a device of a running system. Its clients wait meanwhile, and lose nothing; if the new driver does not come "
            + $"up, the old one takes over again, and the exit code is {(int)ExitCode.DriverGone}. Example: dde replace 00:01.1 linux-ata-piix --kernel 6.1.0-45-amd64")
        {
            device, port, kernel,
        };
        system.AddTo(command);
        command.SetAction(parsed =>
        {
            var request = new ControlRequest(ControlRequest.Replace, parsed.GetRequiredValue(device), parsed.GetRequiredValue(port), parsed.GetValue(kernel));
            if (!ControlClient.Ask(system.Find(parsed), request).Any())
                throw new SystemStartException(ExitCode.DriverGone, "the system ended before the driver was replaced");
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
