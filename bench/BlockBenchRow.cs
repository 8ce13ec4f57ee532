using L4;

namespace Bench;

/// <summary>One kind of access, measured through the stack and beside it.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Isolation">Where the I/O server and the driver lived.</param>
/// <param name="RequestBytes">Bytes of a request.</param>
/// <param name="QueueDepth">Requests in flight.</param>
/// <param name="StackPerSecond">Requests a second through the whole stack: the median of the rounds.</param>
/// <param name="PreadPerSecond">Requests a second by plain pread of the same file, in rounds between.</param>
/// <param name="Ratio">The median of the rounds' ratios.</param>
/// <param name="PerRequest">What the driver did for one request on average.</param>
/// <param name="AllocatedBytesPerRequest">Managed memory that the process allocated for one request on average.</param>
public sealed record BlockBenchRow(
    string Name, Isolation Isolation, int RequestBytes, int QueueDepth, double StackPerSecond, double PreadPerSecond, double Ratio, DriverWork PerRequest, double AllocatedBytesPerRequest)
{
    /// <summary>Millions of bytes a second through the stack.</summary>
    public double StackMegabytesPerSecond => StackPerSecond * RequestBytes / 1e6;

    /// <summary>Millions of bytes a second by pread.</summary>
    public double PreadMegabytesPerSecond => PreadPerSecond * RequestBytes / 1e6;
}

/// <summary>Averages for one request: where the time goes.</summary>
public sealed record DriverWork(double RegisterAccesses, double Interrupts, double Traps, double BatonHops, double DriverSleeps, double ProgrammedBytes);
