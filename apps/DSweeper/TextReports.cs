using Bddf;
using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper;

/// <summary>Listing and report as lines of text.</summary>
internal static class TextReports
{
    /// <summary>Faulty ranges that are shown one by one; JSON has all of them.</summary>
    private const int ShownFaults = 20;

    internal static IEnumerable<string> List(IReadOnlyList<BlockDeviceInfo> devices)
    {
        foreach (var device in devices)
        {
            yield return Printable.Of($"{device.Name}  {device.Model}  serial {device.Serial}  {Human.Size(device.SectorSize * (double)device.Sectors)}"
                + $"  {device.Sectors} sectors of {device.SectorSize} bytes");
            yield return Printable.Of($"       driver {device.Driver}");
            if (device.Partitions.Length == 0)
                yield return device.PartitionError is null ? "       no partitions" : "       partition table in error";
            else
            {
                int name = device.Partitions.Max(partition => partition.Name.Length);
                int type = device.Partitions.Max(partition => TypeText(partition).Length);
                foreach (var partition in device.Partitions)
                {
                    yield return $"  {partition.Name.PadRight(name)}  {partition.Scheme}  {TypeText(partition).PadRight(type)}"
                        + $"  {partition.FirstSector,12} +{partition.Sectors,-12}{Human.Size(device.SectorSize * (double)partition.Sectors),10}";
                }
            }
        }
    }

    /// <summary>What the person should know besides the listing: a line for each thing that is wrong with a disk, and how bad it is.</summary>
    internal static IEnumerable<(RootTask.ExitCode Code, string Line)> Problems(IReadOnlyList<BlockDeviceInfo> devices)
    {
        foreach (var device in devices)
        {
            if (device.Gone is { } cause)
                yield return (RootTask.ExitCode.DriverGone, Printable.Of($"{device.Name} went away: {cause}"));
            else if (device.PartitionError is { } error)
                yield return (RootTask.ExitCode.PartitionTable, Printable.Of(error));
            foreach (string warning in device.Warnings)
                yield return (RootTask.ExitCode.Ok, Printable.Of($"warning: {warning}"));
        }
    }

    internal static IEnumerable<string> Report(SweepReport report)
    {
        var plan = report.Plan;
        yield return plan.Mode == SweepMode.Write
            ? $"{Human.Method(plan.Method)}{(plan.Verify ? ", verified by reading back" : "")}"
            : $"read-only: {Human.Method(plan.Method)} would be written{(plan.Verify ? " and read back" : "")}";
        foreach (var target in report.Targets)
        {
            foreach (string line in Target(target))
                yield return line;
        }
        foreach (var target in plan.Targets.Skip(report.Targets.Count))
            yield return $"{target.Name}: not begun";
    }

    private static IEnumerable<string> Target(SweepTargetReport report)
    {
        var target = report.Target;
        yield return $"{target.Name}: {Human.Outcome(report.Outcome)}";
        yield return $"  sectors {target.FirstSector} to {target.Extent.Last} of {target.Disk}: "
            + $"{target.Sectors} sectors, {target.Bytes} bytes ({Human.Size(target.Bytes)})";
        double moved = (double)report.BytesRead + report.BytesWritten;
        double seconds = report.Elapsed.TotalSeconds;
        yield return $"  {report.BytesWritten} bytes written, {report.BytesRead} read, {report.BytesVerified} verified in {Human.Duration(report.Elapsed)}"
            + (seconds > 0 && moved > 0 ? $" ({Human.Rate(moved / seconds)})" : "");
        if (report.Message is { } message)
            yield return Printable.Of($"  {message}");
        foreach (var fault in report.Faults.Take(ShownFaults))
        {
            string sectors = fault.Sectors == 1
                ? $"sector {fault.FirstSector}"
                : $"sectors {fault.FirstSector} to {fault.FirstSector + fault.Sectors - 1}";
            yield return $"  {sectors}: {fault.Reason} ({(fault.Phase == SweepPhase.Write ? "writing" : "reading")})";
        }
        if (report.Faults.Count > ShownFaults)
            yield return $"  and {report.Faults.Count - ShownFaults} more ranges (--json lists all)";
    }

    private static string TypeText(BlockPartition partition) =>
        PartitionTypes.Name(partition.Type) is { Length: > 0 } name ? $"{partition.Type} {name}" : partition.Type;
}
