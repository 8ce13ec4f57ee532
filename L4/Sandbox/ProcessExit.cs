using System.Globalization;

namespace L4;

/// <summary>How a child process ended.</summary>
public enum ProcessEnd
{
    /// <summary>It ended by itself; <see cref="ProcessExit.Number"/> is its exit code.</summary>
    Exited,

    /// <summary>A signal ended it; <see cref="ProcessExit.Number"/> is the signal's.</summary>
    Signalled,

    /// <summary>It ended because its memory was used up; <see cref="ProcessExit.Number"/> is the exit code or the signal.</summary>
    OutOfMemory,

    /// <summary>It used more processor time than it had been granted; <see cref="ProcessExit.Number"/> is the signal's.</summary>
    OutOfProcessorTime,

    /// <summary>The host's kernel does not tell, because this process ignores the signal SIGCHLD.</summary>
    Unknown,
}

/// <summary>The end of a child process.</summary>
/// <param name="End">How.</param>
/// <param name="Number">An exit code or a signal's number.</param>
/// <param name="ErrorOutput">What it wrote to standard error, from the beginning, at most 64 KiB.</param>
/// <param name="PeakResidentBytes">The most memory that it had at a time.</param>
/// <param name="ProcessorTime">Processor time that it used.</param>
public sealed record ProcessExit(ProcessEnd End, int Number, string ErrorOutput, long PeakResidentBytes, TimeSpan ProcessorTime)
{
    private const int SignalAbort = 6;
    private const int SignalProcessorTime = 24;
    private const int SignalExcessiveFile = 25;

    /// <inheritdoc />
    public override string ToString() => End switch
    {
        ProcessEnd.Exited => $"ended with exit code {Number}",
        ProcessEnd.Signalled => $"was ended by signal {Number}{NameOf(Number)}",
        ProcessEnd.OutOfMemory => string.Create(CultureInfo.InvariantCulture,
            $"ran out of memory (at most {PeakResidentBytes / 1048576.0:0.0} MiB were resident)"),
        ProcessEnd.OutOfProcessorTime => string.Create(CultureInfo.InvariantCulture,
            $"used up its processor time ({ProcessorTime.TotalSeconds:0.0} s)"),
        _ => "ended, the host's kernel does not say how",
    };

    /// <summary>What the kernel's words about the end mean.</summary>
    internal static ProcessExit From(bool bySignal, int number, string errorOutput, long peakResidentBytes, TimeSpan processorTime)
    {
        var end = bySignal ? number == SignalProcessorTime ? ProcessEnd.OutOfProcessorTime : ProcessEnd.Signalled : ProcessEnd.Exited;
        // The runtime ends itself when it gets no memory, and says why in these words; nothing but its output tells it from another failure.
        if (end != ProcessEnd.OutOfProcessorTime && (!bySignal || number == SignalAbort) && number != 0
            && (errorOutput.Contains("Out of memory", StringComparison.Ordinal) || errorOutput.Contains("OutOfMemoryException", StringComparison.Ordinal)
                || errorOutput.Contains("GC heap initialization failed", StringComparison.Ordinal)))
            end = ProcessEnd.OutOfMemory;
        // Memory files are memory.
        if (bySignal && number == SignalExcessiveFile)
            end = ProcessEnd.OutOfMemory;
        return new ProcessExit(end, number, errorOutput, peakResidentBytes, processorTime);
    }

    private static string NameOf(int signal) => signal switch
    {
        4 => " (illegal instruction)",
        SignalAbort => " (abort)",
        7 => " (bus error)",
        8 => " (arithmetic)",
        9 => " (kill)",
        11 => " (segmentation violation)",
        15 => " (terminate)",
        31 => " (forbidden system call)",
        _ => "",
    };
}
