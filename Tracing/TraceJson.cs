using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tracing;

/// <summary>A trace as JSON lines for programs: one object a line; the last has the sums.</summary>
/// <inheritdoc />
public sealed class TraceJson(TextWriter writer, long limit = long.MaxValue) : TraceOutput(writer, limit)
{
    // Names of places in code have plus signs, and no web page shows these lines unescaped.
    private static readonly TraceJsonContext s_json = new(new(TraceJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <inheritdoc />
    protected override string Format(TraceLine line) => JsonSerializer.Serialize(TraceLineJson.Of(line), s_json.TraceLineJson) + "\n";

    /// <inheritdoc />
    protected override string Format(TraceCounters counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var json = new TraceCountersJson("counters", counters.Lines, counters.Damaged, counters.Registers, counters.Interrupts);
        return JsonSerializer.Serialize(json, s_json.TraceCountersJson) + "\n";
    }
}

/// <summary>A line. <c>kind</c> is <c>read</c>, <c>write</c>, <c>readBlock</c>, <c>writeBlock</c>, <c>interrupt</c> or <c>unhandledInterrupt</c>; addresses and values are
/// texts in hexadecimal; what does not belong to a kind is left out.</summary>
internal sealed record TraceLineJson(
    string Kind, long Time, string Task, string? Function, string Register, string? Space, string? Address, int? Width, string? Direction,
    string? Value, ulong? Bytes, ulong? Line, string? Text)
{
    internal static TraceLineJson Of(TraceLine line)
    {
        string kind = JsonNamingPolicy.CamelCase.ConvertName(line.Kind.ToString());
        string? function = line.Site.Length == 0 ? null : line.Site;
        if (line.IsInterrupt)
            return new(kind, line.Time, line.Task, function, line.RegisterPath, null, null, null, null, null, null, line.Address, null);
        return new(
            kind, line.Time, line.Task, function, line.RegisterPath, JsonNamingPolicy.CamelCase.ConvertName(line.Space.ToString()),
            Hexadecimal(line.Address), line.Width, line.IsWrite ? "write" : "read", line.IsBlock ? null : Hexadecimal(line.Value),
            line.IsBlock ? line.Value : null, null, line.IsBlock ? null : line.Text);
    }

    private static string Hexadecimal(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}

internal sealed record TraceCountersJson(
    string Kind, long Lines, long Damaged, IReadOnlyList<RegisterCount> Registers, IReadOnlyList<InterruptCount> Interrupts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TraceLineJson))]
[JsonSerializable(typeof(TraceCountersJson))]
internal sealed partial class TraceJsonContext : JsonSerializerContext;
