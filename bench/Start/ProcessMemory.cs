using System.Globalization;

namespace Bench;

/// <summary>The memory of a process, as the kernel counts it.</summary>
/// <param name="ResidentBytes">All pages that it has in memory (RSS).</param>
/// <param name="ProportionalBytes">The same with each page divided by the processes that share it (PSS).</param>
internal readonly record struct ProcessMemory(long ResidentBytes, long ProportionalBytes)
{
    /// <summary>That of a process and all that it started.</summary>
    internal static ProcessMemory OfTree(int root)
    {
        var sum = Of(root);
        foreach (int child in ChildrenOf(root))
        {
            var part = OfTree(child);
            sum = new ProcessMemory(sum.ResidentBytes + part.ResidentBytes, sum.ProportionalBytes + part.ProportionalBytes);
        }
        return sum;
    }

    /// <summary>Processor time that all processes which a process started have used so far, in the kernel's ticks of 10 ms.</summary>
    internal static TimeSpan ProcessorTimeOfChildren(int root)
    {
        var sum = TimeSpan.Zero;
        foreach (int child in ChildrenOf(root))
        {
            // proc(5): behind the name in parentheses, user and system time are the 12th and 13th.
            string[] fields = File.ReadAllText($"/proc/{child}/stat").Split(") ")[^1].Split(' ');
            long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            sum += TimeSpan.FromMilliseconds(10.0 * ticks) + ProcessorTimeOfChildren(child);
        }
        return sum;
    }

    private static List<int> ChildrenOf(int process) => [.. Directory.GetDirectories($"/proc/{process}/task")
        .SelectMany(static thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];

    /// <summary>Reads it (proc(5), smaps_rollup).</summary>
    private static ProcessMemory Of(int process)
    {
        var (resident, proportional) = (0L, 0L);
        foreach (string line in File.ReadLines($"/proc/{process}/smaps_rollup"))
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var name, var number, "kB"])
            {
                long bytes = long.Parse(number, CultureInfo.InvariantCulture) * 1024;
                if (name == "Rss:")
                    resident = bytes;
                else if (name == "Pss:")
                    proportional = bytes;
            }
        }
        return new ProcessMemory(resident, proportional);
    }
}
