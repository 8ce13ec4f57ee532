using System.Globalization;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>What the host's kernel knows of the processes of a system.</summary>
public sealed class ConfinementTests
{
    [ToolFact]
    public void Debians_driver_runs_confined_and_so_does_the_spare_that_waits_for_its_end()
    {
        using var image = DiskImage.Blank(1 << 20);
        var before = ConfinedChildren();
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Isolation = Isolation.Process });
        SpinWait.SpinUntil(() => ConfinedChildren().Except(before).Count() == 2, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        foreach (int process in ConfinedChildren().Except(before))
        {
            var status = File.ReadAllLines($"/proc/{process}/status");
            status.ShouldContain("NoNewPrivs:\t1");
            status.ShouldContain("CapEff:\t0000000000000000");
            File.ReadAllLines($"/proc/{process}/limits").ShouldContain(static line => line.StartsWith("Max core file size        0 ", StringComparison.Ordinal));
            // No file is open in it but what the runtime read it from, the null device and its own memory.
            new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Select(static f => f.LinkTarget ?? "")
                .Where(static f => f.StartsWith('/') && !f.StartsWith("/memfd:", StringComparison.Ordinal) && f is not ("/dev/null" or "/dev/urandom") && Path.GetExtension(f) is not (".dll" or ".pdb")).ShouldBeEmpty();
        }
    }

    private static List<int> ConfinedChildren() => [.. Directory.GetDirectories("/proc/self/task")
        .SelectMany(static thread => TryRead($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static id => int.Parse(id, CultureInfo.InvariantCulture))
        .Where(static id => TryRead($"/proc/{id}/status").Contains("Seccomp:\t2", StringComparison.Ordinal))];

    /// <summary>Threads and processes come and go.</summary>
    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
