using L4;
using Nddf.Testing;

namespace Nddf.Tests;

/// <summary>One queue of a session without the client library: what a client could do that does not keep to the rules.</summary>
internal sealed class RawQueue : IDisposable
{
    public const uint Slots = 16;

    private readonly Notification _notification;

    public RawQueue(NicTestSystem system, NicDirection direction, NicRights rights = NicRights.All, string nic = "nic0")
    {
        var task = system.Client;
        Service = new NicSessionProxy(task, new NicServerProxy(task, system.Server).OpenSession(nic, rights));
        var notification = task.CreateNotification();
        _notification = task.Open<Notification>(notification);
        var frames = task.CreateDataspace("frames", Slots * FrameRing.SlotBytes);
        Memory = task.Map(frames);
        var connection = Service.Connect(direction, frames, Slots, notification, 1);
        Mapping = task.Map(connection.Ring);
        Doorbell = task.Open<Portal>(connection.Doorbell);
        Ring = new FrameSubmitter(Mapping, Slots);
    }

    public INicSession Service { get; }

    public Mapping Mapping { get; }

    public Mapping Memory { get; }

    public Portal Doorbell { get; }

    public FrameSubmitter Ring { get; }

    /// <summary>Submits and rings.</summary>
    public ulong Submit(FrameDescriptor descriptor)
    {
        Ring.Submissions.Write(descriptor);
        return Doorbell.Enter(0);
    }

    /// <summary>Waits for the next slot that comes back.</summary>
    public FrameDescriptor Next()
    {
        FrameDescriptor descriptor;
        while (!Ring.Completions.TryRead(out descriptor))
            _notification.Wait(10_000_000_000).ShouldNotBe(0UL, "nothing comes back");
        return descriptor;
    }

    public void Dispose() => Service.Close();
}
