namespace DSweeper.Core;

/// <summary>Where a run is; a copy, taken whenever somebody wants to look.</summary>
/// <param name="Target">Index into the plan's targets.</param>
/// <param name="Phase">What is being done to it.</param>
/// <param name="PhaseBytes">Bytes of this phase that are done.</param>
/// <param name="TotalBytes">Bytes of the whole run that are done.</param>
/// <param name="WorkBytes">Bytes that the whole run moves.</param>
/// <param name="BytesPerSecond">Rate over the last seconds; 0 until there is one.</param>
/// <param name="Remaining">Time left at that rate; null while nobody can know.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="FaultySectors">Sectors that failed so far.</param>
public readonly record struct SweepProgress(
    int Target, SweepPhase Phase, ulong PhaseBytes, ulong TotalBytes, ulong WorkBytes, double BytesPerSecond, TimeSpan? Remaining,
    TimeSpan Elapsed, ulong FaultySectors)
{
    /// <summary>How much is done, 0 to 1.</summary>
    public double Fraction => WorkBytes == 0 ? 1 : Math.Min(1, TotalBytes / (double)WorkBytes);
}

/// <summary>The rate over the last few seconds: steady enough to read, quick enough to believe. Not for more than one thread.</summary>
public sealed class RateMeter
{
    private const int Samples = 32;

    /// <summary>Samples are at least this far apart, so that they reach back about five seconds.</summary>
    private static readonly long _spacing = (long)TimeSpan.FromSeconds(5).TotalNanoseconds / Samples;

    private readonly (long Time, ulong Bytes)[] _samples = new (long, ulong)[Samples];
    private int _count;

    /// <summary>Adds a sample and returns the rate from the oldest one kept to this.</summary>
    /// <param name="nanoseconds">Time of the system's clock.</param>
    /// <param name="bytes">Bytes done by then.</param>
    /// <returns>Bytes a second; 0 until time has passed.</returns>
    public double Sample(long nanoseconds, ulong bytes)
    {
        if (_count == 0 || nanoseconds - _samples[(_count - 1) % Samples].Time >= _spacing)
            _samples[_count++ % Samples] = (nanoseconds, bytes);
        var oldest = _samples[_count > Samples ? _count % Samples : 0];
        long time = nanoseconds - oldest.Time;
        return time <= 0 || bytes < oldest.Bytes ? 0 : (bytes - oldest.Bytes) * 1e9 / time;
    }
}
