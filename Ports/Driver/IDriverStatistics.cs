using L4;

namespace Ports;

/// <summary>What a driver task has done since it started: where its time goes.</summary>
/// <param name="RegisterAccesses">Accesses of device registers, a string instruction counted once.</param>
/// <param name="ProgrammedBytes">Bytes that were moved through a data port, by the processor.</param>
/// <param name="Interrupts">Interrupts delivered to handlers.</param>
/// <param name="Traps">Instructions of the driver that trapped and were carried out by the shim.</param>
/// <param name="PatchedSites">Instructions that no longer trap, because they were replaced by a jump into the shim.</param>
/// <param name="UnpatchableSites">Instructions that keep trapping, because they could not be replaced.</param>
/// <param name="BatonHops">How often the domain's baton changed threads.</param>
/// <param name="Sleeps">How often the event loop slept in the host's kernel, to be woken from there.</param>
[MessageType]
public sealed record DriverStatistics(
    long RegisterAccesses, long ProgrammedBytes, long Interrupts, long Traps, long PatchedSites, long UnpatchableSites, long BatonHops, long Sleeps);

/// <summary>Counters of a driver task.</summary>
[Service]
public interface IDriverStatistics
{
    /// <summary>The counters now.</summary>
    DriverStatistics Read();

    /// <summary>A dataspace with the <see cref="L4.Heartbeat"/> of the driver's event loop: at work and the same for long means that
    /// something holds the domain's baton and does not give it back. The driver need not have probed, or be able to answer.</summary>
    Capability ReadHeartbeat();
}
