using RootTask;

namespace FaultCampaign;

/// <summary>Work for a driver whose results can be checked. Of one thread of the system's client.</summary>
internal interface IWorkload : IDisposable
{
    /// <summary>The system to start.</summary>
    SystemOptions Options { get; }

    /// <summary>Whether <see cref="Check"/> is to find a fresh driver: one that does nothing any more without being noticed is no loss of anything.</summary>
    bool WantsFreshDriver { get; }

    /// <summary>Begins to work on a system that was started with <see cref="Options"/>; what was begun on another is over.</summary>
    void Attach(DdeSystem system);

    /// <summary>Works through one case.</summary>
    /// <param name="fault">The case.</param>
    /// <param name="random">Chooses what is done.</param>
    /// <param name="inject">Called once, when the fault's moment has come, with work under way.</param>
    /// <exception cref="WorkloadException">The work does not get on.</exception>
    void Run(FaultCase fault, Random random, Action inject);

    /// <summary>Looks at everything that the case may have touched, when no driver is being replaced.</summary>
    /// <exception cref="WorkloadException">It cannot be looked at.</exception>
    WorkloadFindings Check();
}

/// <summary>What was found wrong after a case.</summary>
/// <param name="LostWrites">Acknowledged writes that are lost.</param>
/// <param name="CorruptBytes">Bytes that nothing explains.</param>
/// <param name="Failures">Requests whose end was told as an error, or frames that did not arrive.</param>
/// <param name="Problems">What is wrong, a line each.</param>
internal sealed record WorkloadFindings(int LostWrites, long CorruptBytes, int Failures, IReadOnlyList<string> Problems);

/// <summary>The work of a campaign did not get on.</summary>
public sealed class WorkloadException : Exception
{
    public WorkloadException(string message)
        : base(message)
    {
    }
}
