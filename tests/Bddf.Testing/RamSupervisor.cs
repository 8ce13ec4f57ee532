using L4;

namespace Bddf.Testing;

/// <summary>Puts a new driver for a RAM disk into the place of each that dies, as the root task does for real ones.</summary>
public sealed class RamSupervisor
{
    private const ulong GoneBit = 1;
    private const ulong StopBit = 2;

    private readonly BlockTestSystem _system;
    private readonly string _name;
    private readonly RamDisk _disk;
    private readonly Notification _notification;
    private readonly Capability _capability;
    private readonly Action _lost;
    private L4Task _task;

    /// <param name="system">The system.</param>
    /// <param name="name">The driver's name.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="lost">Called when a driver is dead and its threads are gone, before there is another.</param>
    public RamSupervisor(BlockTestSystem system, string name, RamDisk disk, Action lost)
    {
        (_system, _name, _disk, _lost) = (system, name, disk, lost);
        var root = system.System.Root;
        _capability = root.CreateNotification();
        _notification = root.Open<Notification>(_capability);
        (_task, _) = system.AddReplaceableDriver(name, disk);
        root.StartThread($"supervisor {name}", Run);
    }

    /// <summary>Drivers that died.</summary>
    public int Losses { get; private set; }

    /// <summary>Ends the supervision.</summary>
    public void Stop() => _notification.Signal(StopBit);

    private void Run()
    {
        while (true)
        {
            _task.NotifyWhenStopped(_system.System.Root, _capability, GoneBit);
            if ((_notification.Wait() & StopBit) != 0)
                return;
            _task.Dispose();
            Losses++;
            _lost();
            (_task, _) = _system.ReplaceDriver(_name, _disk);
        }
    }
}
