using System.CommandLine;
using System.Globalization;
using DdeBsd.Build;
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
        Build(),
        New(),
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

    private static Command Build()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder of a port of os bsd." };
        var command = new Command("build", $"Compiles the sources of a port of os bsd, with clang or gcc, to a module. Exit code {(int)ExitCode.Module} for errors and for imports that nobody supplies, each with file and line.")
        {
            folder,
        };
        command.SetAction(parsed => Build(PortManifest.Read(Path.Combine(parsed.GetRequiredValue(folder), "port.yaml"))));
        return command;
    }

    private static int Build(PortManifest port)
    {
        if (port.Os != LegacySystem.Bsd)
            throw new SystemStartException(ExitCode.Usage, $"{port.Name} is no port of os bsd: its modules are fetched, not built");
        try
        {
            var builder = KldBuilder.CreateDefault();
            var built = builder.Build(PortSources.Of(port));
            var missing = BsdPortCheck.FindUnresolved(port, builder);
            foreach (string line in missing)
                Console.Error.WriteLine(line);
            Console.WriteLine($"{built.Path}  sha256:{built.Sha256}");
            return (int)(missing.Count == 0 ? ExitCode.Ok : ExitCode.Module);
        }
        catch (BuildException exception)
        {
            throw new SystemStartException(exception.IsMissingTool ? ExitCode.MissingPrerequisite : ExitCode.Module, exception.Message, exception);
        }
    }

    private static Command New()
    {
        var system = new Option<string>("--os") { Description = "The system that the driver was written for.", Required = true };
        system.AcceptOnlyFromAmong("freebsd");
        var tree = new Option<string>("--source") { Description = "The system's source tree, down to sys/.", HelpName = "TREE", Required = true };
        var kind = new Option<DeviceClass>("--class") { Description = "What the driver's devices are for.", Required = true };
        var ids = new Option<string[]>("--pci") { Description = "A PCI function that the driver handles, in hexadecimal.", HelpName = "VENDOR:DEVICE", Required = true };
        var folder = new Option<string>("--folder") { Description = "The folder to make; its name becomes the port's.", HelpName = "DIR", Required = true };
        var files = new Argument<string[]>("FILE") { Description = "The driver's C files and interface files (*_if.m), relative to TREE.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("new", "Makes a port for a driver in a source tree, and builds it to see what is missing.") { system, tree, kind, ids, folder, files };
        command.SetAction(parsed =>
        {
            string[] sources = parsed.GetRequiredValue(files);
            if (!sources.Any(source => source.EndsWith(".c", StringComparison.Ordinal)))
                throw new SystemStartException(ExitCode.Usage, "no C file is named");
            var port = PortFolder.Create(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(tree), sources, parsed.GetValue(kind), [.. parsed.GetRequiredValue(ids).Select(ReadId)]);
            Console.WriteLine($"made {Path.Combine(port.Folder, "port.yaml")}");
            return Build(port);
        });
        return command;
    }

    private static (ushort Vendor, ushort Device) ReadId(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && ushort.TryParse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ushort vendor)
            && ushort.TryParse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ushort device)
            ? (vendor, device)
            : throw new SystemStartException(ExitCode.Usage, $"--pci takes VENDOR:DEVICE in hexadecimal, such as 8086:7010, not '{text}'");
    }

    private static Argument<string> PortName() => new("NAME") { Description = "A port, as `dde port list` names it." };

    private static Option<string?> Kernel() => new("--kernel") { Description = "The kernel pack, as `dde kernel list` names it; else the newest.", HelpName = "RELEASE" };

    private static PortCheck Run(string name, string? release)
    {
        var port = PortCatalog.Default.Open(name);
        if (port.Os == LegacySystem.Linux)
            return PortCheck.Run(port, KernelPackStore.Default.Select(release), new LinuxImportSuppliers());
        try
        {
            return BsdPortCheck.Run(port, KldBuilder.CreateDefault());
        }
        catch (BuildException exception)
        {
            throw new SystemStartException(exception.IsMissingTool ? ExitCode.MissingPrerequisite : ExitCode.Module, exception.Message, exception);
        }
    }
}
