using System.Text.Json.Serialization;
using Bench;

namespace Dde;

/// <summary>How this program writes JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KernelListJson))]
[JsonSerializable(typeof(PortCheckJson))]
[JsonSerializable(typeof(BlockBenchJson))]
[JsonSerializable(typeof(RegisterBenchJson))]
[JsonSerializable(typeof(TrapBenchJson))]
[JsonSerializable(typeof(RunJson))]
[JsonSerializable(typeof(NicListJson))]
[JsonSerializable(typeof(NicStatsJson))]
[JsonSerializable(typeof(NetDemoJson))]
[JsonSerializable(typeof(NetBenchResult))]
[JsonSerializable(typeof(StartBenchResult))]
internal sealed partial class DdeJson : JsonSerializerContext;
