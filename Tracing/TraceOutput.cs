namespace Tracing;

/// <summary>A sink that writes lines. When writing fails it goes silent, so that the drivers run on, and keeps the failure.</summary>
/// <param name="writer">Where lines go; the caller's, who closes it.</param>
/// <param name="limit">How many lines are shown at most; the sums at the end count all.</param>
public abstract class TraceOutput(TextWriter writer, long limit) : ITraceSink
{
    private long _shown;

    /// <summary>Why writing failed; null when it did not.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>Says so when writing failed.</summary>
    /// <exception cref="IOException">Why it failed.</exception>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new IOException($"the trace: {Failure.Message}", Failure);
    }

    /// <inheritdoc />
    public void Show(TraceLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (_shown < limit)
        {
            _shown++;
            Write(() => writer.Write(Format(line)));
        }
    }

    /// <inheritdoc />
    public void End(TraceCounters counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        Write(() =>
        {
            writer.Write(Format(counters));
            writer.Flush();
        });
    }

    /// <summary>A line as text, with its end of line.</summary>
    protected abstract string Format(TraceLine line);

    /// <summary>The sums as text, with ends of line.</summary>
    protected abstract string Format(TraceCounters counters);

    private void Write(Action write)
    {
        if (Failure is not null)
            return;
        try
        {
            write();
        }
        catch (IOException exception)
        {
            Failure = exception;
        }
    }
}
