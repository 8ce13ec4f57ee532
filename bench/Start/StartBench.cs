using System.Diagnostics;
using System.IO.Pipes;
using System.Reflection;
using System.Reflection.PortableExecutable;
using DdeLinux.Packs;
using L4;
using RootTask;

namespace Bench;

/// <summary>
/// How fast a task starts and what memory it takes, by stages, each a fresh process; and beside it a small QEMU guest with the same kernel
/// and the same driver on the same kind of disk, in turns within one run.
/// </summary>
public sealed class StartBench
{
    private const long HeapBytes = 64 << 20;

    private readonly ProcessStart _probe;
    private readonly string _image;

    private StartBench(string image)
    {
        _image = image;
        _probe = ProcessStart.Dotnet(Assembly.GetEntryAssembly()!.Location, [StartProbe.Command], HeapBytes);
        // Where the kernel packs are looked for.
        _probe = _probe with { Environment = new Dictionary<string, string>(_probe.Environment) { ["XDG_CACHE_HOME"] = Path.GetFullPath(Path.Combine(KernelPackStore.Default.Folder, "../..")) } };
    }

    /// <summary>Measures all kinds.</summary>
    /// <param name="image">A raw image; its first sector is read.</param>
    /// <param name="accelerator">What runs the guest's instructions: kvm or tcg.</param>
    /// <param name="kernel">The kernel image of the guest; null for the installed one of the newest pack's release.</param>
    /// <param name="rounds">How often each is started.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <exception cref="SystemStartException">A process ended before it had done its work.</exception>
    /// <exception cref="PackException">There is no kernel pack.</exception>
    public static StartBenchResult Run(string image, string accelerator, string? kernel, int rounds, Action<string> progress)
    {
        if (!File.Exists(image))
            throw new SystemStartException(ExitCode.Disk, $"{image}: no such file");
        var bench = new StartBench(Path.GetFullPath(image));
        using var guest = QemuGuest.Prepare(KernelPackStore.Default.Select(), accelerator, kernel, bench._image, out string? skipped);
        (string Name, Func<Sample> Measure)[] kinds =
        [
            ("process that only answers", () => bench.Start(StartProbe.Empty, grants: false)),
            ("the same, confined", () => bench.Start(StartProbe.Confined, grants: true)),
            ("system with ata_piix", () => bench.Start(StartProbe.Driver, grants: false)),
            ("the same, in three processes", () => bench.Start(StartProbe.Isolated, grants: false)),
            ("the first, from a warm spare", () => bench.Start(StartProbe.Spare, grants: false)),
        ];
        if (guest is not null)
            kinds = [.. kinds, ($"QEMU guest with ata_piix ({accelerator})", guest.Start)];
        var samples = kinds.Select(static _ => new List<Sample>()).ToList();
        for (int round = 0; round < rounds; round++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                progress($"round {round + 1} of {rounds}: {kinds[kind].Name}");
                samples[kind].Add(kinds[kind].Measure());
            }
        }
        return new StartBenchResult(HasMachineCode(typeof(L4System).Assembly.Location), [.. kinds.Select((kind, index) => Summarize(kind.Name, samples[index]))], skipped);
    }

    /// <summary>One start.</summary>
    internal readonly record struct Sample(double? FirstReply, double? FirstSector, TimeSpan Processor, ProcessMemory Memory);

    private Sample Start(string kind, bool grants)
    {
        using var words = new AnonymousPipeServerStream(PipeDirection.In);
        using var leave = new AnonymousPipeServerStream(PipeDirection.Out);
        var start = _probe with
        {
            Arguments = [.. _probe.Arguments, kind, _image],
            Descriptors =
            [
                new HandedDescriptor((int)words.ClientSafePipeHandle.DangerousGetHandle(), StartProbe.Words),
                new HandedDescriptor((int)leave.ClientSafePipeHandle.DangerousGetHandle(), StartProbe.Leave),
            ],
            Files = grants ? FileGrants.ForDotnet(AppContext.BaseDirectory) : null,
        };
        long begun = Stopwatch.GetTimestamp();
        using var child = ChildProcess.Start(start);
        // Ours would keep the pipe open when the child has ended.
        words.DisposeLocalCopyOfClientHandle();
        leave.DisposeLocalCopyOfClientHandle();
        Hear(words, child);
        double firstReply = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        if (kind is StartProbe.Empty or StartProbe.Confined)
            return new Sample(firstReply, null, child.ProcessorTime + ProcessMemory.ProcessorTimeOfChildren(child.Id), ProcessMemory.OfTree(child.Id));
        if (kind == StartProbe.Spare)
            begun = Stopwatch.GetTimestamp();
        leave.WriteByte(1);
        Hear(words, child);
        double firstSector = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return new Sample(firstReply, firstSector, child.ProcessorTime + ProcessMemory.ProcessorTimeOfChildren(child.Id), ProcessMemory.OfTree(child.Id));
    }

    private static void Hear(AnonymousPipeServerStream words, ChildProcess child)
    {
        if (words.ReadByte() < 0)
            throw new SystemStartException(ExitCode.Internal, $"the probe {child.Wait()}: {child.Wait().ErrorOutput}");
    }

    private static StartBenchRow Summarize(string name, List<Sample> samples) => new(
        name, Median(samples.Select(static s => s.FirstReply)), Median(samples.Select(static s => s.FirstSector)),
        Median(samples.Select(static s => (double?)s.Processor.TotalMilliseconds))!.Value, (long)Median(samples.Select(static s => (double?)s.Memory.ResidentBytes))!, (long)Median(samples.Select(static s => (double?)s.Memory.ProportionalBytes))!);

    private static double? Median(IEnumerable<double?> values)
    {
        double?[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static bool HasMachineCode(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size != 0;
    }
}
