using System.Runtime.InteropServices;
using Bddf;
using Emulator;
using L4;
using Nddf;
using Ports;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>Debian's ata_piix ends at chosen moments under a client that goes on, in virtual time.</summary>
public sealed class RecoveryTests
{
    private static readonly SupervisionLimits s_patient =
        new() { Losses = 1000, FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(1), Watch = null };

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
        var status = SettledDriver(system);
        (status.State, status.Recoveries, status.Losses[LossCause.Exit]).ShouldBe((DriverState.Running, 4, 4));
    }

    [ToolFact]
    public void Numbered_writes_survive_a_driver_that_dies_in_the_middle_of_transfers()
    {
        const int kills = 12;
        const int depth = 8;
        const int sectors = 16;
        using var image = DiskImage.Blank(1 << 20);
        ulong[] expected = new ulong[2048];
        int recoveries;
        using (var medium = new StrikingMedium(RawImage.Open(image.Path, writable: true)))
        using (var system = DdeSystem.Start(Options(medium)))
        {
            using var attached = system.Client.Enter();
            using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read | BlockRights.Write);
            using var buffer = disk.AllocateBuffer(depth * sectors * 512);
            var random = new Random(3);
            var completions = new BlockCompletion[depth];
            ulong number = 0;
            for (int kill = 1; kill <= kills; kill++)
            {
                medium.StrikeIn(kill);
                var free = new Stack<int>(Enumerable.Range(0, depth));
                for (int written = 0; written < 20 || disk.InFlight > 0;)
                {
                    for (; written < 20 && free.TryPop(out int slot); written++)
                    {
                        ulong first = (ulong)random.Next(2048 - sectors);
                        ulong count = (ulong)random.Next(1, sectors + 1);
                        number++;
                        MemoryMarshal.Cast<byte, ulong>(buffer.Bytes.Slice(slot * sectors * 512, (int)count * 512)).Fill(number);
                        expected.AsSpan((int)first, (int)count).Fill(number);
                        disk.TrySubmit(new BlockRequest((ulong)slot, BlockOperation.Write, buffer.Id, (ulong)slot * sectors * 512, first, count)).ShouldBeTrue();
                    }
                    disk.Ring();
                    disk.Wait().ShouldBeTrue();
                    foreach (var completion in completions.AsSpan(0, disk.Reap(completions)))
                    {
                        completion.Status.ShouldBe(BlockStatus.Ok);
                        free.Push((int)completion.Tag);
                    }
                }
                disk.Flush().Status.ShouldBe(BlockStatus.Ok);
            }
            recoveries = SettledDriver(system).Recoveries;
            SettledDriver(system).Losses[LossCause.Crash].ShouldBe(kills);
        }
        recoveries.ShouldBe(kills);
        ulong[] found = MemoryMarshal.Cast<byte, ulong>(image.Read(0, 2048)).ToArray();
        for (int sector = 0; sector < 2048; sector++)
            found.AsSpan(sector * 64, 64).ContainsAnyExcept(expected[sector]).ShouldBeFalse($"sector {sector} has {found[sector * 64]}, not {expected[sector]}");
    }

    [ToolFact]
    public void A_driver_that_dies_over_every_request_is_given_up_and_its_clients_are_told()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var medium = new StrikingMedium(RawImage.Open(image.Path, writable: true));
        using var system = DdeSystem.Start(Options(medium) with { Supervision = null });
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(4096);
        medium.StrikesAlways = true;

        disk.Read(buffer, 0, 0, 1).Status.ShouldBe(BlockStatus.DeviceGone);

        var status = SettledDriver(system);
        (status.State, status.Losses[LossCause.Crash]).ShouldBe((DriverState.GivenUp, 6));
        string gone = BlockClient.ListDisks(system.Client, system.BlockServer)[0].Gone!;
        gone.ShouldStartWith("6 drivers of 00:01.1 were lost within 60 s, the last one: Crash: ");
        status.LastLoss.ShouldBe(gone);
    }

    [ToolFact]
    public void A_driver_is_replaced_under_a_client_that_loses_nothing()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var medium = new StrikingMedium(RawImage.Open(image.Path, writable: true));
        using var system = DdeSystem.Start(Options(medium));
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read | BlockRights.Write);
        using var buffer = disk.AllocateBuffer(4096);
        var done = system.Client.Open<Notification>(system.Client.CreateNotification());
        for (byte round = 1; round <= 3; round++)
        {
            string? failure = "nobody answered";
            system.Supervisor.BeginReplace("00:01.1", SystemOptions.DefaultPort, null, text =>
            {
                failure = text;
                done.Signal(1);
            });
            buffer.Bytes.Fill(round);
            disk.Write(buffer, 0, round, 8).Status.ShouldBe(BlockStatus.Ok);
            done.Wait();
            failure.ShouldBeNull();
        }
        SettledDriver(system).Recoveries.ShouldBe(3);
        disk.Read(buffer, 0, 1, 8).Status.ShouldBe(BlockStatus.Ok);
        (buffer.Bytes[0], buffer.Bytes[512], buffer.Bytes[1024]).ShouldBe(((byte)1, (byte)2, (byte)3));
    }

    [ToolFact]
    public void A_client_reads_and_writes_on_while_the_process_of_its_driver_is_killed()
    {
        const int sectors = 64;
        using var image = DiskImage.Blank(1 << 20);
        using var system = DdeSystem.Start(new SystemOptions
        {
            Disks = [image.Path],
            Writable = true,
            Isolation = Isolation.Process,
            Supervision = s_patient,
        });
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read | BlockRights.Write);
        using var buffer = disk.AllocateBuffer(2 * sectors * 512);
        var halves = MemoryMarshal.Cast<byte, ulong>(buffer.Bytes[..(2 * sectors * 512)]);
        int words = halves.Length / 2;
        for (ulong number = 1; number <= 16; number++)
        {
            if (number % 4 == 2)
                System.Diagnostics.Process.GetProcessById(SettledDriver(system).Process!.Value).Kill();
            halves[..words].Fill(number);
            disk.Write(buffer, 0, number * sectors, sectors).Status.ShouldBe(BlockStatus.Ok);
            disk.Read(buffer, sectors * 512, number * sectors, sectors).Status.ShouldBe(BlockStatus.Ok);
            halves[words..].ContainsAnyExcept(number).ShouldBeFalse();
        }
        var status = SettledDriver(system);
        (status.State, status.Recoveries, status.Losses[LossCause.Crash]).ShouldBe((DriverState.Running, 4, 4));
    }

    [ToolFact]
    public void A_driver_that_holds_its_baton_too_long_is_replaced()
    {
        using var image = DiskImage.Blank(1 << 20);
        using var released = new ManualResetEventSlim();
        using var medium = new StrikingMedium(RawImage.Open(image.Path, writable: true)) { Strikes = released.Wait };
        var limits = new SupervisionLimits { Baton = TimeSpan.FromMilliseconds(200), Watch = TimeSpan.FromMilliseconds(50) };
        using var system = DdeSystem.Start(Options(medium) with { Clock = new RealClock(), Supervision = limits });
        // The emulated device is the only one here that waits; a driver's own loop is given up by itself.
        system.Events.Reported += entry =>
        {
            if (entry.Kind == "task-ended")
                released.Set();
        };
        using var attached = system.Client.Enter();
        using var disk = BlockClient.Open(system.Client, system.BlockServer, "disk0", BlockRights.Read);
        using var buffer = disk.AllocateBuffer(4096);
        medium.StrikeIn(1);

        disk.Read(buffer, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);

        var status = SettledDriver(system);
        (status.State, status.Losses[LossCause.Hang]).ShouldBe((DriverState.Running, 1));
        status.LastLoss.ShouldBe("Hang: its event loop did not go round for 0.2 s");
    }

    [Theory]
    [InlineData("linux-e1000", "linux-e1000")]
    [InlineData("linux-8139too", "linux-e1000")]
    [InlineData("linux-8139cp", "linux-e1000")]
    [InlineData("linux-ne2k-pci", "linux-e1000")]
    public void Frames_pass_again_after_either_end_of_the_wire_lost_its_driver(string near, string far)
    {
        const int framesARound = 50;
        var machine = NetworkMachine.WithWire(PortCatalog.Default.Open(near), PortCatalog.Default.Open(far), out _);
        using var system = DdeSystem.Start(new SystemOptions { Ports = [.. new[] { near, far }.Distinct()], Machine = machine, Clock = new VirtualClock(), Supervision = s_patient });
        using var attached = system.Client.Enter();
        using var sender = NicClient.Open(system.Client, system.NicServer, "nic0", NicRights.Transmit);
        using var receiver = NicClient.Open(system.Client, system.NicServer, "nic1", NicRights.Receive);
        int sent = 0, received = 0, last = 0;
        void Send(string? killed)
        {
            for (int i = 0; i < framesARound; i++)
            {
                byte[] frame = new byte[200];
                receiver.Info.Address.Write(frame);
                sender.Info.Address.Write(frame.AsSpan(6));
                BitConverter.TryWriteBytes(frame.AsSpan(50), ++sent);
                sender.Transmit.TrySubmit(frame).ShouldBeTrue();
                sender.Transmit.Ring();
                // In the middle, with frames before and behind.
                if (i == framesARound / 2 && killed is not null)
                    Driver(system, killed).Kill("the test said so");
            }
            // Until all came back, and a little longer for the last to arrive.
            for (int wait = 0; wait < 10 || sender.Transmit.InFlight > 0; wait++)
            {
                wait.ShouldBeLessThan(2000, "frames do not come back");
                Sleep(system);
                while (receiver.Receive.TryTake(out var frame))
                {
                    int number = BitConverter.ToInt32(frame[50..]);
                    number.ShouldBeGreaterThan(last);
                    last = number;
                    received++;
                }
                receiver.Receive.Ring();
                sender.Transmit.Reap();
            }
        }
        void WaitForLinks()
        {
            while (!sender.Transmit.IsLinkUp || !receiver.Receive.IsLinkUp)
                Sleep(system);
        }
        WaitForLinks();
        for (int round = 0; round < 6; round++)
        {
            Send(killed: round % 2 == 0 ? "00:03.0" : "00:04.0");
            Settle(system);
            WaitForLinks();
            int before = received;
            Send(killed: null);
            (received - before).ShouldBe(framesARound, $"round {round}");
        }
        var nic = NicClient.List(system.Client, system.NicServer)[0];
        (nic.State, nic.Address).ShouldBe((DeviceState.Running, sender.Info.Address));
        // A driver may give some of its frames back as failed while it ends; those it did not give back are the ones that are lost.
        nic.FramesLost.ShouldBeInRange(1UL, sender.Transmit.Failed);
        sender.Transmit.InFlight.ShouldBe(0u);
        ((ulong)sent).ShouldBe(sender.Transmit.Sent + sender.Transmit.Failed);
        system.Supervisor.Drivers.Select(driver => (driver.State, driver.Recoveries)).ShouldBe([(DriverState.Running, 3), (DriverState.Running, 3)]);
    }

    private static void Sleep(DdeSystem system)
    {
        var capability = system.Client.CreateNotification();
        system.Client.Open<Notification>(capability).Wait(system.Clock.Now + 10_000_000);
        system.Client.Release(capability);
    }

    private static SystemOptions Options(IDiskMedium medium) => new()
    {
        Machine = MachineDescription.WithDisks(new DiskDescription(medium, "FRAGILE")),
        Writable = true,
        Clock = new VirtualClock(),
        Supervision = s_patient,
    };

    /// <summary>A medium at which the driver dies: half of what was to be transferred is, and the access that did it never returns.</summary>
    private sealed class StrikingMedium(IDiskMedium inner) : IDiskMedium
    {
        private int _left;

        internal bool StrikesAlways { get; set; }

        /// <summary>What happens then.</summary>
        internal Action Strikes { get; init; } = () => throw new InvalidOperationException("the test said so");

        public long Length => inner.Length;

        public bool IsReadOnly => inner.IsReadOnly;

        internal void StrikeIn(int accesses) => Volatile.Write(ref _left, accesses);

        public MediumFault? Read(long offset, Span<byte> destination)
        {
            if (IsStruck())
            {
                inner.Read(offset, destination[..Half(destination.Length)]);
                Strikes();
            }
            return inner.Read(offset, destination);
        }

        public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
        {
            if (IsStruck())
            {
                inner.Write(offset, source[..Half(source.Length)]);
                Strikes();
            }
            return inner.Write(offset, source);
        }

        public MediumFault? Flush() => inner.Flush();

        public void Dispose() => inner.Dispose();

        private static int Half(int bytes) => bytes / 1024 * 512;

        private bool IsStruck() => StrikesAlways || Interlocked.Decrement(ref _left) == 0;
    }

    /// <summary>Waits until the driver is at work, or given up: clients are served a moment before that is noted.</summary>
    private static void Settle(DdeSystem system)
    {
        var changed = system.Client.Open<Notification>(system.Client.CreateNotification());
        void Signal(DriverStatus status) => changed.Signal(1);
        system.Supervisor.Changed += Signal;
        while (system.Supervisor.Drivers.Any(driver => driver.State is not (DriverState.Running or DriverState.GivenUp)))
            changed.Wait();
        system.Supervisor.Changed -= Signal;
    }

    private static DriverStatus SettledDriver(DdeSystem system)
    {
        Settle(system);
        return system.Supervisor.Drivers.ShouldHaveSingleItem();
    }

    private static L4Task Driver(DdeSystem system, string device = "00:01.1") => system.Client.System.Tasks.Last(task => task.Name.Contains('@' + device, StringComparison.Ordinal));
}
