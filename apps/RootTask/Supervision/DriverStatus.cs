namespace RootTask;

/// <summary>What a supervised driver is doing.</summary>
public enum DriverState
{
    /// <summary>It is being started for the first time.</summary>
    Starting,

    /// <summary>It serves its device.</summary>
    Running,

    /// <summary>It was lost, or is being replaced; another is being started. Clients wait.</summary>
    Recovering,

    /// <summary>It was lost again and again; the next start waits a little. Clients wait.</summary>
    BackingOff,

    /// <summary>It was lost too often: no other will be started, and clients are told so.</summary>
    GivenUp,
}

/// <summary>Why a driver had to be replaced.</summary>
public enum LossCause
{
    /// <summary>It died of a fault: an oops, a bug check, an exception, a signal.</summary>
    Crash,

    /// <summary>It ended by itself.</summary>
    Exit,

    /// <summary>It did not get on with its requests, or did not come to the end of its probe.</summary>
    Hang,

    /// <summary>Its device's interrupt came without end.</summary>
    InterruptStorm,

    /// <summary>It used more memory than it may.</summary>
    OutOfMemory,

    /// <summary>It said that something was done which its device has not done.</summary>
    FalseCompletion,

    /// <summary>Somebody wanted another driver in its place.</summary>
    Replacement,
}

/// <summary>A supervised driver as it is now.</summary>
/// <param name="Device">The PCI function, e.g. <c>00:01.1</c>.</param>
/// <param name="Port">The port that drives it.</param>
/// <param name="Kernel">The kernel release of its modules.</param>
/// <param name="Task">The task's name; null while there is none.</param>
/// <param name="Process">The process that the task is; null when there is none, or it lives in the root's.</param>
/// <param name="State">What it is doing.</param>
/// <param name="SinceNanoseconds">Since when: time of the system's clock.</param>
/// <param name="Recoveries">How often another driver took over.</param>
/// <param name="Losses">How often a driver was lost, by cause.</param>
/// <param name="LastLoss">The last loss in one line; null when there was none.</param>
/// <param name="LastRecoveryNanoseconds">How long the last recovery took, from the notice of the loss until clients were served again; 0 when
/// there was none.</param>
public sealed record DriverStatus(
    string Device, string Port, string Kernel, string? Task, int? Process, DriverState State, long SinceNanoseconds, int Recoveries,
    IReadOnlyDictionary<LossCause, int> Losses, string? LastLoss, long LastRecoveryNanoseconds);
