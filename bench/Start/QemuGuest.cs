using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using DdeKit.Foreign;
using DdeLinux.Packs;
using L4;
using RootTask;

namespace Bench;

/// <summary>A guest that is as small as the distribution's kernel allows: the modules of a disk driver and one process that reads a sector.</summary>
internal sealed class QemuGuest : IDisposable
{
    private const string Program = "qemu-system-x86_64";
    private const int MemoryMegabytes = 128;

    // A guest that hangs is ended, also when nobody waits for it any more.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    private readonly string _program;
    private readonly string _accelerator;
    private readonly string _kernel;
    private readonly string _image;
    private readonly string _folder;

    private QemuGuest(string program, string accelerator, string kernel, string image, KernelPack pack)
    {
        (_program, _accelerator, _kernel, _image) = (program, accelerator, kernel, image);
        _folder = Directory.CreateTempSubdirectory("dde-guest-").FullName;
        File.WriteAllBytes(InitialFiles, CreateInitialFiles(pack));
    }

    private string InitialFiles => Path.Combine(_folder, "initial.cpio");

    /// <summary>Makes a guest's files.</summary>
    /// <param name="pack">Whose modules run in it.</param>
    /// <param name="accelerator">What runs its instructions.</param>
    /// <param name="kernel">Its kernel; null for the installed one of the pack's release.</param>
    /// <param name="image">Its disk; never written to.</param>
    /// <param name="skipped">Why there is none.</param>
    /// <returns>Null where a part is missing.</returns>
    internal static QemuGuest? Prepare(KernelPack pack, string accelerator, string? kernel, string image, out string? skipped)
    {
        kernel ??= $"/boot/vmlinuz-{pack.Release}";
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static f => Path.Combine(f, Program)).FirstOrDefault(File.Exists);
        skipped = program is null ? $"{Program} is missing; install it with: sudo apt-get install qemu-system-x86"
            : !File.Exists(kernel) ? $"the kernel image {kernel} is missing; name one of release {pack.Release} with --kernel (its package has it in boot/)"
            : null;
        return skipped is null ? new QemuGuest(program!, accelerator, Path.GetFullPath(kernel), image, pack) : null;
    }

    /// <summary>Starts it and waits for its first sector.</summary>
    /// <exception cref="SystemStartException">It ended before.</exception>
    internal StartBench.Sample Start()
    {
        using var console = new AnonymousPipeServerStream(PipeDirection.In);
        var start = new ProcessStart(_program,
        [
            "-machine", "pc", "-accel", _accelerator, "-m", $"{MemoryMegabytes}", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-kernel", _kernel, "-initrd", InitialFiles, "-append", "console=ttyS0 quiet panic=-1",
            "-drive", $"file={_image.Replace(",", ",,", StringComparison.Ordinal)},format=raw,if=ide,snapshot=on",
        ])
        {
            Descriptors = [new HandedDescriptor((int)console.ClientSafePipeHandle.DangerousGetHandle(), 1)],
        };
        long begun = Stopwatch.GetTimestamp();
        using var child = ChildProcess.Start(start);
        child.GrantProcessorTime(s_longest);
        console.DisposeLocalCopyOfClientHandle();
        var said = new StringBuilder();
        using var reader = new StreamReader(console, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.Contains(InitProgram.Done, StringComparison.Ordinal))
                return new StartBench.Sample(null, Stopwatch.GetElapsedTime(begun).TotalMilliseconds, child.ProcessorTime, ProcessMemory.OfTree(child.Id));
            said.Append(line).Append(' ');
        }
        throw new SystemStartException(ExitCode.Internal, $"the guest read no sector; QEMU {child.Wait()}: {child.Wait().ErrorOutput} {said}");
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] CreateInitialFiles(KernelPack pack)
    {
        var archive = new CpioArchive();
        archive.AddFolder("dev");
        archive.AddCharacterDevice("dev/console", 5, 1);
        var names = new List<string>();
        foreach (string module in (string[])["ata_piix", "sd_mod"])
            AddWithDependencies(pack, module, names);
        foreach (string name in names)
            archive.AddFile($"{name}.ko", pack.FindModule(name).Read());
        archive.AddFile("init", InitProgram.Create(names.Select(static n => $"/{n}.ko"), "/dev/sda"));
        return archive.Finish();
    }

    /// <summary>In the order of loading.</summary>
    private static void AddWithDependencies(KernelPack pack, string name, List<string> names)
    {
        var module = pack.FindModule(name);
        if (names.Contains(module.Name))
            return;
        const string Key = "depends=";
        string information = Encoding.ASCII.GetString(ElfRelocatable.Parse(module.Read(), name).FindSection(".modinfo")!.Contents.Span);
        string depends = information.Split('\0').First(static l => l.StartsWith(Key, StringComparison.Ordinal))[Key.Length..];
        foreach (string other in depends.Split(',', StringSplitOptions.RemoveEmptyEntries))
            AddWithDependencies(pack, other, names);
        names.Add(module.Name);
    }
}
