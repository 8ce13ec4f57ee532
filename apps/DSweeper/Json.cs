using System.Text.Json;
using System.Text.Json.Serialization;
using Bddf;
using DSweeper.Core;

namespace DSweeper;

internal sealed record ListJson(string Mode, IEnumerable<DiskJson> Disks)
{
    internal static string Of(IEnumerable<BlockDeviceInfo> devices) =>
        JsonSerializer.Serialize(new ListJson("readonly", devices.Select(DiskJson.Of)), SweeperJson.Default.ListJson);
}

internal sealed record DiskJson(string Name, string Model, string Serial, string Driver, uint SectorSize, ulong Sectors, IEnumerable<PartitionJson> Partitions)
{
    internal static DiskJson Of(BlockDeviceInfo device) =>
        new(device.Name, device.Model, device.Serial, device.Driver, device.SectorSize, device.Sectors, device.Partitions.Select(PartitionJson.Of));
}

internal sealed record PartitionJson(string Name, string Scheme, string Type, ulong FirstSector, ulong Sectors)
{
    internal static PartitionJson Of(BlockPartition partition) =>
        new(partition.Name, partition.Scheme, partition.Type, partition.FirstSector, partition.Sectors);
}

/// <summary>A run. <c>written</c>, <c>read</c> and <c>verified</c> are bytes; <c>result</c> is one of <c>rehearsed</c>, <c>erased</c>,
/// <c>verified</c>, <c>canceled</c>, <c>mediumErrors</c>, <c>verificationFailed</c>, <c>refused</c>, <c>diskGone</c>, and only the
/// first three are success.</summary>
internal sealed record SweepJson(string Mode, string Method, bool Verify, IEnumerable<TargetJson> Targets, double Seconds, string Result)
{
    internal static string Of(SweepReport report) => JsonSerializer.Serialize(
        new SweepJson(report.Plan.Mode == SweepMode.Write ? "write" : "readonly", report.Plan.Method == EraseMethod.Zero ? "zero" : "random",
            report.Plan.Verify, report.Targets.Select(TargetJson.Of), report.Elapsed.TotalSeconds, ResultOf(report.Outcome)),
        SweeperJson.Default.SweepJson);

    internal static string ResultOf(SweepOutcome outcome) => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());
}

internal sealed record TargetJson(
    string Name, string Disk, string Serial, ulong FirstSector, ulong Sectors, ulong Bytes, ulong Written, ulong Read, ulong Verified, bool Flushed,
    IEnumerable<FaultJson> Errors, double Seconds, string Result, string? Message)
{
    internal static TargetJson Of(SweepTargetReport report) =>
        new(report.Target.Name, report.Target.Disk, report.Target.Serial, report.Target.FirstSector, report.Target.Sectors, report.Target.Bytes,
            report.BytesWritten, report.BytesRead, report.BytesVerified, report.Flushed, report.Faults.Select(FaultJson.Of),
            report.Elapsed.TotalSeconds, SweepJson.ResultOf(report.Outcome), report.Message);
}

/// <summary>Sectors are counted from the start of the disk.</summary>
internal sealed record FaultJson(string Phase, ulong FirstSector, ulong Sectors, string Reason)
{
    internal static FaultJson Of(SectorFault fault) =>
        new(JsonNamingPolicy.CamelCase.ConvertName(fault.Phase.ToString()), fault.FirstSector, fault.Sectors, fault.Reason);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListJson))]
[JsonSerializable(typeof(SweepJson))]
internal sealed partial class SweeperJson : JsonSerializerContext;
