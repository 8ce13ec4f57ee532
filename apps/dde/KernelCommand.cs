using System.CommandLine;
using DdeLinux.Packs;
using RootTask;

namespace Dde;

/// <summary><c>dde kernel</c>: makes and lists kernel packs.</summary>
internal static class KernelCommand
{
    internal static Command Create() => new("kernel", "Kernel packs: the modules and types of a distribution's kernel, in your cache folder.")
    {
        Fetch(),
        Import(),
        List(),
    };

    private static Command Fetch()
    {
        var command = new Command("fetch", "Fetches the distribution's current kernel package with apt. Needs no root.");
        command.SetAction(_ => Make(progress => new PackFetcher(KernelPackStore.Default, progress).Fetch()));
        return command;
    }

    private static Command Import()
    {
        var package = new Option<FileInfo?>("--deb") { Description = "A Debian kernel package.", HelpName = "FILE" };
        var running = new Option<bool>("--running") { Description = "The kernel that runs here: /lib/modules/RELEASE and /sys/kernel/btf/vmlinux." };
        var command = new Command("import", "Makes a kernel pack of what is on this machine.") { package, running };
        command.Validators.Add(result =>
        {
            if (result.GetValue(running) == result.GetValue(package) is not null)
                result.AddError("kernel import needs one of --deb FILE and --running");
        });
        command.SetAction(parsed => Make(progress =>
        {
            var importer = new PackImporter(KernelPackStore.Default, progress);
            return parsed.GetValue(package) is { } file ? importer.ImportPackage(file.ToString()) : importer.ImportRunning();
        }));
        return command;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "As one JSON object." };
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing: the exit code says whether there is one." };
        var command = new Command("list", $"Lists the kernel packs, the newest first. Exit code {(int)ExitCode.MissingPrerequisite} when there is none.") { json, quiet };
        command.SetAction(parsed =>
        {
            var store = KernelPackStore.Default;
            var packs = store.Enumerate();
            if (parsed.GetValue(json))
                Console.WriteLine(KernelListJson.Format(store, packs));
            else if (!parsed.GetValue(quiet))
                Print(store, packs);
            return (int)(packs.Count == 0 ? ExitCode.MissingPrerequisite : ExitCode.Ok);
        });
        return command;
    }

    private static void Print(KernelPackStore store, IReadOnlyList<KernelPack> packs)
    {
        if (packs.Count == 0)
            Console.Error.WriteLine($"dde: no kernel pack in {store.Folder}: run `dde kernel fetch`");
        foreach (var pack in packs)
            Console.WriteLine($"{pack.Release}  {pack.Modules.Count} modules  {pack.Description.PackageFile ?? "running system"}  ({pack.Description.Distribution}, {pack.Description.Created:yyyy-MM-dd})");
    }

    private static int Make(Func<IProgress<PackProgress>, KernelPack> make)
    {
        KernelPack pack;
        using (var progress = new ProgressLine())
            pack = make(progress);
        Console.WriteLine($"kernel {pack.Release}: {pack.Modules.Count} modules in {pack.Folder}");
        return (int)ExitCode.Ok;
    }
}
