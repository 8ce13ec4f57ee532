namespace RootTask;

/// <summary>How long a driver may take for what, and how often another one is started in its place.</summary>
public sealed record SupervisionLimits
{
    /// <summary>Drivers that may be lost within <see cref="Window"/>; with one more the device is given up.</summary>
    public int Losses { get; init; } = 5;

    /// <summary>The time in which losses count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before the second start within <see cref="Window"/>; it doubles with each further one. The first is at once.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before a start.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until a new driver must have probed its device and taken over the sessions. Drivers wait long for devices that do not answer.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Until the threads of a driver that was ended must be gone.</summary>
    public TimeSpan End { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Until a driver that is to be replaced though it works must have done the requests that it has.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How old the oldest request may become: more than a driver's own time-outs and retries (libata gives a command 30 s).</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long something may hold a driver's baton without a break: its event loop does not go round meanwhile.</summary>
    public TimeSpan Baton { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked whether drivers get on with their work; null for never.</summary>
    public TimeSpan? Watch { get; init; } = TimeSpan.FromSeconds(1);
}
