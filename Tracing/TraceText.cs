using System.Globalization;
using System.Text;

namespace Tracing;

/// <summary>A trace as lines for people: seconds, the place in the driver, and the access in the device's words.</summary>
/// <inheritdoc />
public sealed class TraceText(TextWriter writer, long limit = long.MaxValue) : TraceOutput(writer, limit)
{
    private const int SiteColumn = 44;

    private string? _task;

    /// <inheritdoc />
    protected override string Format(TraceLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string site = line.IsInterrupt || line.Site.Length == 0 ? "-" : line.Site;
        string text = string.Create(CultureInfo.InvariantCulture, $"{line.Time / 1_000_000_000,4}.{line.Time % 1_000_000_000:d9}  {site.PadRight(SiteColumn)}  {Access(line)}\n");
        if (_task == line.Task)
            return text;
        // Whose lines follow is said when it changes: most traces are of one driver.
        _task = line.Task;
        return $"[{line.Task}]\n{text}";
    }

    /// <inheritdoc />
    protected override string Format(TraceCounters counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var text = new StringBuilder();
        string? task = null;
        int name = Math.Max(8, counters.Registers.Select(r => r.Register.Length).DefaultIfEmpty().Max());
        foreach (var register in counters.Registers)
        {
            if (register.Task != task)
            {
                task = register.Task;
                text.Append(CultureInfo.InvariantCulture, $"[{task}]\n{"register".PadRight(name)}  {"reads",9} {"writes",9} {"bytes",12}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{register.Register.PadRight(name)}  {register.Reads,9} {register.Writes,9} {register.Bytes,12}\n");
        }
        foreach (var interrupt in counters.Interrupts)
            text.Append(CultureInfo.InvariantCulture, $"[{interrupt.Task}] {interrupt.Name} interrupts: {interrupt.Delivered}, not handled: {interrupt.Unhandled}\n");
        text.Append(CultureInfo.InvariantCulture, $"{counters.Lines} lines, {counters.Damaged} damaged records\n");
        return text.ToString();
    }

    private static string Access(TraceLine line) => line.Kind switch
    {
        TraceKind.Read => $"{line.RegisterPath} -> {line.Text}",
        TraceKind.Write => $"{line.RegisterPath} <- {line.Text}",
        TraceKind.ReadBlock => string.Create(CultureInfo.InvariantCulture, $"{line.RegisterPath} -> {line.Value} bytes"),
        TraceKind.WriteBlock => string.Create(CultureInfo.InvariantCulture, $"{line.RegisterPath} <- {line.Value} bytes"),
        TraceKind.Interrupt => $"{line.RegisterPath} interrupt -> {line.Site}",
        _ => $"{line.RegisterPath} interrupt was not for {line.Site}",
    };
}
