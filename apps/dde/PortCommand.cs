using System.CommandLine;
using DdeLinux.Packs;
using Ports;
using RootTask;

namespace Dde;

/// <summary><c>dde port</c>: what a port's modules need, and what there is of it.</summary>
internal static class PortCommand
{
    internal static Command Create() => new("port", "Ports: drivers of other kernels, what they need and what supplies it.")
    {
        List(),
        Check(),
        Stubs(),
    };

    private static Command List()
    {
        var command = new Command("list", "Lists the ports.");
        command.SetAction(_ =>
        {
            foreach (var port in PortCatalog.Default.Names.Select(PortCatalog.Default.Open))
                Console.WriteLine($"{port.Name}  {port.Os}, {port.Class}: {string.Join(", ", port.Modules)}. {port.Description}");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Check()
    {
        var name = PortName();
        var kernel = Kernel();
        var json = new Option<bool>("--json") { Description = "As one JSON object." };
        var command = new Command("check", $"Every import of a port's modules, and who supplies it. Exit code {(int)ExitCode.Module} when something is missing.")
        {
            name, kernel, json,
        };
        command.SetAction(parsed =>
        {
            var check = Run(parsed.GetRequiredValue(name), parsed.GetValue(kernel));
            Console.Out.Write(parsed.GetValue(json) ? PortCheckJson.Format(check) : PortCheckText.Format(check));
            return (int)(check.IsComplete ? ExitCode.Ok : ExitCode.Module);
        });
        return command;
    }

    private static Command Stubs()
    {
        var name = PortName();
        var kernel = Kernel();
        var command = new Command("stubs", "Prints C# stubs for the imports that nobody supplies yet.") { name, kernel };
        command.SetAction(parsed =>
        {
            var check = Run(parsed.GetRequiredValue(name), parsed.GetValue(kernel));
            foreach (var import in check.Imports.Where(import => import.Supplier.Kind == SupplierKind.Missing))
            {
                Console.WriteLine(import is { Signature: { } signature, Prototype: { } prototype }
                    ? StubWriter.Write(signature, prototype)
                    : $"// {import.Name}: {import.Prototype ?? "the kernel's types do not have it"}; wanted by {string.Join(", ", import.Callers)}\n");
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> PortName() => new("NAME") { Description = "A port, as `dde port list` names it." };

    private static Option<string?> Kernel() => new("--kernel") { Description = "The kernel pack, as `dde kernel list` names it; else the newest.", HelpName = "RELEASE" };

    private static PortCheck Run(string name, string? release) =>
        PortCheck.Run(PortCatalog.Default.Open(name), KernelPackStore.Default.Select(release), new LinuxImportSuppliers());
}
