using System.Text.Json.Serialization;
using L4;

namespace RootTask;

/// <summary>What somebody asks a running system for: one JSON object on one line.</summary>
/// <param name="Command">One of the constants.</param>
/// <param name="Device">For <see cref="Replace"/>: the device.</param>
/// <param name="Port">For <see cref="Replace"/>: the port that is to drive it.</param>
/// <param name="Kernel">For <see cref="Replace"/>: the kernel release of its modules; null for the newest pack.</param>
/// <param name="Follow">For <see cref="Events"/>: whether to go on with what comes.</param>
public sealed record ControlRequest(string Command, string? Device = null, string? Port = null, string? Kernel = null, bool Follow = false)
{
    /// <summary>What runs: one answer with <see cref="ControlAnswer.System"/>.</summary>
    public const string Show = "show";

    /// <summary>What happened: an answer with <see cref="ControlAnswer.Event"/> for each.</summary>
    public const string Events = "events";

    /// <summary>Another driver takes over: one answer, when it has.</summary>
    public const string Replace = "replace";
}

/// <summary>A running system.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Client">The client's name.</param>
/// <param name="NowNanoseconds">Time of its clock.</param>
/// <param name="Drivers">Its drivers.</param>
public sealed record SystemStatus(int Process, string Client, long NowNanoseconds, IReadOnlyList<DriverStatus> Drivers);

/// <summary>What a running system answers: one JSON object a line.</summary>
/// <param name="System">What runs.</param>
/// <param name="Event">Something that happened.</param>
/// <param name="Missed">Events that were not sent because whoever reads was too slow.</param>
/// <param name="Error">What went wrong; then <see cref="Code"/> says for the shell what kind of thing.</param>
/// <param name="Code">For the shell.</param>
public sealed record ControlAnswer(SystemStatus? System = null, SystemEvent? Event = null, long Missed = 0, string? Error = null, ExitCode Code = ExitCode.Ok)
{
    /// <summary>Longest line of a request, in bytes.</summary>
    public const int LongestRequest = 4096;
}

/// <summary>How requests and answers are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
public sealed partial class ControlJson : JsonSerializerContext;
