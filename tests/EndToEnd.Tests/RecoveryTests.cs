using Bddf;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>Debian's ata_piix ends at chosen moments under a client that goes on, in virtual time.</summary>
public sealed class RecoveryTests
{
    [ToolFact]
    public void A_client_reads_on_while_its_driver_is_killed_again_and_again()
    {
        using var image = DiskImage.Blank(1 << 20);
        byte[] content = new byte[1 << 20];
        new Random(5).NextBytes(content);
        File.WriteAllBytes(image.Path, content);
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image.Path], Clock = new VirtualClock() });
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(65536);
        for (ulong sector = 0; sector < disk.Sectors; sector += 128)
        {
            if (sector % 512 == 256)
                Driver(system).Kill("the test said so");
            disk.Read(buffer, 0, sector, 128).Status.ShouldBe(BlockStatus.Ok);
            buffer.Bytes.SequenceEqual(content.AsSpan((int)sector * 512, 65536)).ShouldBeTrue();
        }
        var status = Settle(system);
        (status.State, status.Recoveries, status.Losses[LossCause.Exit]).ShouldBe((DriverState.Running, 4, 4));
    }

    /// <summary>Waits until the driver is at work, or given up: clients are served a moment before that is noted.</summary>
    private static DriverStatus Settle(DdeSystem system)
    {
        var changed = system.Client.Open<Notification>(system.Client.CreateNotification());
        void Signal(DriverStatus status) => changed.Signal(1);
        system.Supervisor.Changed += Signal;
        while (system.Supervisor.Drivers.Any(driver => driver.State is not (DriverState.Running or DriverState.GivenUp)))
            changed.Wait();
        system.Supervisor.Changed -= Signal;
        return system.Supervisor.Drivers.ShouldHaveSingleItem();
    }

    private static L4Task Driver(DdeSystem system) => system.Client.System.Tasks.Last(task => task.Name.StartsWith("linux-", StringComparison.Ordinal));
}
