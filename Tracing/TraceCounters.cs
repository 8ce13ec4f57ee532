namespace Tracing;

/// <summary>What one register saw.</summary>
/// <param name="Task">The driver's task.</param>
/// <param name="Register">The register's path.</param>
public sealed record RegisterCount(string Task, string Register)
{
    /// <summary>Reads, a block counted once.</summary>
    public long Reads { get; internal set; }

    /// <summary>Writes, a block counted once.</summary>
    public long Writes { get; internal set; }

    /// <summary>Bytes moved both ways; an access over several registers counts at the first.</summary>
    public long Bytes { get; internal set; }
}

/// <summary>What one interrupt line saw.</summary>
/// <param name="Task">The driver's task.</param>
/// <param name="Name">What the line is called.</param>
public sealed record InterruptCount(string Task, string Name)
{
    /// <summary>Calls of handlers.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Of these, those that said that it was not their device.</summary>
    public long Unhandled { get; internal set; }
}

/// <summary>The sums at the end of a trace.</summary>
public sealed class TraceCounters
{
    private readonly Dictionary<(string Task, string Register), RegisterCount> _registers = [];
    private readonly Dictionary<(string Task, string Name), InterruptCount> _interrupts = [];

    /// <summary>Lines, whether they were shown or not.</summary>
    public long Lines { get; private set; }

    /// <summary>Records that could not be; none unless a driver task wrote into its trace itself.</summary>
    public long Damaged { get; internal set; }

    /// <summary>By task and name.</summary>
    public IReadOnlyList<RegisterCount> Registers =>
        [.. _registers.Values.OrderBy(r => r.Task, StringComparer.Ordinal).ThenBy(r => r.Register, StringComparer.Ordinal)];

    /// <summary>By task and name.</summary>
    public IReadOnlyList<InterruptCount> Interrupts =>
        [.. _interrupts.Values.OrderBy(i => i.Task, StringComparer.Ordinal).ThenBy(i => i.Name, StringComparer.Ordinal)];

    internal void Add(TraceLine line)
    {
        Lines++;
        if (line.IsInterrupt)
        {
            var key = (line.Task, line.RegisterPath);
            if (!_interrupts.TryGetValue(key, out var interrupt))
                _interrupts.Add(key, interrupt = new InterruptCount(line.Task, line.RegisterPath));
            if (line.Kind == TraceKind.Interrupt)
                interrupt.Delivered++;
            else
                interrupt.Unhandled++;
            return;
        }
        long bytes = line.IsBlock ? unchecked((long)line.Value) : line.Width;
        foreach (var reached in line.Registers)
        {
            var key = (line.Task, reached.Register);
            if (!_registers.TryGetValue(key, out var register))
                _registers.Add(key, register = new RegisterCount(line.Task, reached.Register));
            if (line.IsWrite)
                register.Writes++;
            else
                register.Reads++;
            register.Bytes = unchecked(register.Bytes + bytes);
            bytes = 0;
        }
    }
}
