using L4;

namespace Nddf.Tests;

/// <summary>A driver without a thread for frames: the test plays it, and need not keep to the rules.</summary>
internal sealed class ManualNicDriver : INicDriver, INicChannel
{
    private readonly L4Task _task;
    private readonly Capability _doorbell;

    public ManualNicDriver(L4Task task)
    {
        _task = task;
        _doorbell = task.CreateNotification();
        Doorbell = task.Open<Notification>(_doorbell);
        Gate = task.CreateGate(new NicDriverDispatcher(this));
    }

    public Capability Gate { get; }

    public Notification Doorbell { get; }

    public NicReading Reading { get; set; } = new(new HardwareAddress(0x0200_0000_00cc), 1500, true, new NicStatistics(0, 0, 0, 0, 0, 0, 0));

    public NicDescription Description { get; set; } = new("manual", 68, 1500);

    public Action? Opening { get; set; }

    /// <summary>Told before the framework knows of the channel.</summary>
    public Action<Portal>? Opened { get; set; }

    /// <summary>The end of the channel that was opened last.</summary>
    public FrameServer Ring { get; private set; } = null!;

    /// <summary>The portal of the channel that was opened last.</summary>
    public Portal Portal { get; private set; } = null!;

    public CapabilityRights FrameRights { get; private set; }

    public int ClosedChannels { get; private set; }

    public NicDescription[] List() => [Description];

    public NicReading Read(uint nic) => Reading;

    public void SetAddress(uint nic, HardwareAddress address) => Reading = Reading with { Address = address };

    public void SetMtu(uint nic, uint mtu) => Reading = Reading with { Mtu = mtu };

    public NicChannelSetup OpenChannel(uint nic, NicDirection direction, bool promiscuous, Capability frames, uint slots, Capability ring, Capability portal)
    {
        Opening?.Invoke();
        FrameRights = _task.RightsOf(frames);
        Ring = new FrameServer(_task.Map(ring), slots);
        Portal = _task.Open<Portal>(portal);
        Opened?.Invoke(Portal);
        return new NicChannelSetup(_task.CreateGate(new NicChannelDispatcher(this)), _doorbell, 1);
    }

    public void Close() => ClosedChannels++;

    /// <summary>Gives everything back that is there, and says so.</summary>
    public void CompleteAll(FrameStatus status, uint length = 0)
    {
        while (Ring.Submissions.TryRead(out var descriptor))
            Ring.Completions.Write(descriptor with { Status = status, Length = length == 0 ? descriptor.Length : length });
        Portal.Enter(0);
    }
}
