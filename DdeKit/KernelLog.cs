namespace DdeKit;

/// <summary>How serious a line of the kernel's log is (Linux: include/linux/kern_levels.h; BSD: sys/syslog.h has the same).</summary>
public enum LogLevel
{
    Emergency = 0,
    Alert = 1,
    Critical = 2,
    Error = 3,
    Warning = 4,
    Notice = 5,
    Information = 6,
    Debug = 7,
}

/// <summary>A line of the kernel's log.</summary>
/// <param name="TimeNanoseconds">The clock's time.</param>
/// <param name="Level">How serious it is.</param>
/// <param name="Text">What it says, without an end of line.</param>
public readonly record struct LogLine(long TimeNanoseconds, LogLevel Level, string Text);

/// <summary>
/// The domain's kernel log: the newest lines of everything that the driver and the shim print. Warnings and worse are events too.
/// Written by the holder of the baton; read by any thread.
/// </summary>
public sealed class KernelLog
{
    /// <summary>How many lines are kept.</summary>
    public const int Capacity = 512;

    private readonly VirtualCpu _cpu;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();

    /// <param name="cpu">The domain's processor.</param>
    public KernelLog(VirtualCpu cpu) => _cpu = cpu;

    /// <summary>Raised for each line on the writing thread.</summary>
    public event Action<LogLine>? Written;

    /// <summary>The lines kept, oldest first.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Adds a line.</summary>
    public void Write(LogLevel level, string text)
    {
        var line = new LogLine(_cpu.Now, level, text.TrimEnd('\n'));
        lock (_lock)
        {
            if (_lines.Count == Capacity)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
        if (level <= LogLevel.Warning)
            _cpu.Task.System.Events.Report(_cpu.Task.Name, level == LogLevel.Warning ? "kernel-warning" : "kernel-error", line.Text);
        Written?.Invoke(line);
    }
}
