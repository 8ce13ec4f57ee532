using System.Text.Json.Serialization;
using Bench;
using FaultCampaign;

namespace Dde;

/// <summary>How this program writes JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(KernelListJson))]
[JsonSerializable(typeof(PortCheckJson))]
[JsonSerializable(typeof(BlockBenchJson))]
[JsonSerializable(typeof(RegisterBenchJson))]
[JsonSerializable(typeof(TrapBenchJson))]
[JsonSerializable(typeof(IpcBenchJson))]
[JsonSerializable(typeof(RunJson))]
[JsonSerializable(typeof(PsJson))]
[JsonSerializable(typeof(NicListJson))]
[JsonSerializable(typeof(NicStatsJson))]
[JsonSerializable(typeof(NetDemoJson))]
[JsonSerializable(typeof(NetBenchResult))]
[JsonSerializable(typeof(StartBenchResult))]
[JsonSerializable(typeof(CampaignReport))]
internal sealed partial class DdeJson : JsonSerializerContext;

/// <summary>How this program writes JSON lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EventJson))]
internal sealed partial class EventLines : JsonSerializerContext;
