using System.Globalization;

namespace Bench;

/// <summary>The memory of a process, as the kernel counts it.</summary>
/// <param name="ResidentBytes">All pages that it has in memory (RSS).</param>
/// <param name="ProportionalBytes">The same with each page divided by the processes that share it (PSS).</param>
internal readonly record struct ProcessMemory(long ResidentBytes, long ProportionalBytes)
{
    /// <summary>Reads it (proc(5), smaps_rollup).</summary>
    internal static ProcessMemory Of(int process)
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
