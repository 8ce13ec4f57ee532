using DdeKit;

namespace DdeLinux.Drivers.Tests;

public sealed class MidLayerTests
{
    private static void Run(Action<DriverDomain, FakeHost, LinuxDisk, ulong> body) => DriverDomain.RunWithoutModules(domain =>
    {
        var host = new FakeHost(domain);
        body(domain, host, host.AddDisk(), domain.AllocateBuffer(64 * 512));
    });

    [KernelFact]
    public void A_disk_without_an_ata_page_is_named_by_its_inquiry_data() => Run((_, _, disk, _) =>
    {
        disk.Model.ShouldBe("MODEL");
        disk.Firmware.ShouldBe("1");
        disk.Serial.ShouldBeEmpty();
        disk.Sectors.ShouldBe(4096UL);
        disk.HasWriteCache.ShouldBeTrue();
        disk.QueueDepth.ShouldBe(4);
    });

    [KernelFact]
    public void As_many_commands_as_the_host_takes_are_in_flight_with_tags_of_their_own() => Run((domain, host, disk, buffer) =>
    {
        for (int number = 0; number < 6; number++)
            disk.Submit(DiskOperation.Read, (ulong)number, 1, buffer, (ulong)number);
        host.Held.Count.ShouldBe(4);
        host.Held.Select(command => ScsiResult.RequestOf(command).tag).Order().ShouldBe([0, 1, 2, 3]);
        host.Done(host.Held[2], 0);
        domain.WaitFor(2).ShouldBe(DiskStatus.Ok);
        host.Held.Count.ShouldBe(5);
        foreach (int index in new[] { 0, 1, 3, 4 })
            host.Done(host.Held[index], 0);
        domain.WaitUntil(() => host.Held.Count == 6, "the last command");
        host.Done(host.Held[5], 0);
        domain.WaitFor(5).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void A_refused_command_is_sent_again_although_none_is_in_flight() => Run((domain, host, disk, buffer) =>
    {
        host.OnTransfer = command => host.Done(command, 0);
        host.Refuse = 3;
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
        host.Refuse.ShouldBe(0);
        host.Queued.ShouldBe(1);
    });

    [KernelFact]
    public void A_unit_attention_is_no_error_of_the_request() => Run((domain, host, disk, buffer) =>
    {
        int left = 2;
        host.OnTransfer = command =>
        {
            if (left-- > 0)
                host.Fail(command, SenseData.KeyUnitAttention, 0x29);
            else
                host.Done(command, 0);
        };
        domain.Execute(disk, DiskOperation.Write, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
        host.Queued.ShouldBe(3);
    });

    [KernelFact]
    public void An_aborted_command_is_retried_and_then_given_up() => Run((domain, host, disk, buffer) =>
    {
        host.OnTransfer = command => host.Fail(command, SenseData.KeyAborted, 0x47);
        var status = domain.Execute(disk, DiskOperation.Read, 1, 1, buffer);
        status.Outcome.ShouldBe(DiskOutcome.Aborted);
        status.Sense.ShouldBe(new SenseTriple(SenseData.KeyAborted, 0x47, 0));
        host.Queued.ShouldBe(1 + ScsiExecution.DefaultRetries);
    });

    [KernelFact]
    public void Recovered_errors_are_success_and_other_sense_is_not() => Run((domain, host, disk, buffer) =>
    {
        host.OnTransfer = command => host.Fail(command, SenseData.KeyRecovered, 0x17);
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
        host.OnTransfer = command => host.Fail(command, SenseData.KeyDataProtect, 0x27);
        domain.Execute(disk, DiskOperation.Write, 1, 1, buffer).ShouldBe(new DiskStatus(DiskOutcome.DeviceError, new SenseTriple(SenseData.KeyDataProtect, 0x27, 0), FailedSector: 1));
        host.OnTransfer = command => host.Done(command, ScsiResult.From(HostByte.NoConnect));
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).Outcome.ShouldBe(DiskOutcome.Gone);
    });

    [KernelFact]
    public void A_transfer_that_stops_short_is_an_error() => Run((domain, host, disk, buffer) =>
    {
        host.OnTransfer = command =>
        {
            command.resid_len = 512;
            host.Done(command, 0);
        };
        domain.Execute(disk, DiskOperation.Read, 1, 2, buffer).Outcome.ShouldNotBe(DiskOutcome.Ok);
    });

    [KernelFact]
    public void A_command_that_never_ends_times_out_and_the_error_handler_has_it_repeated() => Run((domain, host, disk, buffer) =>
    {
        long before = domain.Kernel.Cpu.Now;
        host.OnError = _ => host.OnTransfer = command => host.Done(command, 0);
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
        host.ErrorRuns.ShouldBe(1);
        host.Queued.ShouldBe(2);
        (domain.Kernel.Cpu.Now - before).ShouldBeGreaterThanOrEqualTo(ScsiExecution.DefaultTimeout);
        // An interrupt for what timed out comes too late to matter.
        domain.Kernel.ScsiHosts.scsi_done(host.Held[0]);
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void A_command_that_the_error_handler_gives_up_is_aborted() => Run((domain, host, disk, buffer) =>
    {
        host.OnError = command => command.retries = command.allowed;
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).Outcome.ShouldBe(DiskOutcome.Aborted);
        host.Queued.ShouldBe(1);
    });

    [KernelFact]
    public void The_error_handler_waits_for_commands_in_flight_and_none_is_sent_meanwhile() => Run((domain, host, disk, buffer) =>
    {
        for (int number = 0; number < 2; number++)
            disk.Submit(DiskOperation.Read, (ulong)number, 1, buffer, (ulong)number);
        domain.Kernel.ScsiHosts.scsi_schedule_eh(host.Host);
        disk.Submit(DiskOperation.Read, 2, 1, buffer, 2);
        host.Held.Count.ShouldBe(2);
        host.Done(host.Held[0], 0);
        domain.WaitFor(0);
        host.ErrorRuns.ShouldBe(0);
        host.Done(host.Held[1], 0);
        domain.WaitUntil(() => host.Held.Count == 3, "the command behind the error handler");
        host.ErrorRuns.ShouldBe(1);
        host.Host.shost_state.ShouldBe(ScsiHostState.Running);
        host.Done(host.Held[2], 0);
        domain.WaitFor(2).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void An_aborted_request_goes_to_the_error_handler_at_once() => Run((domain, host, disk, buffer) =>
    {
        long before = domain.Kernel.Cpu.Now;
        host.OnTransfer = command => domain.Kernel.BlockLimits.blk_abort_request(ScsiResult.RequestOf(command));
        host.OnError = command => command.retries = command.allowed;
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).Outcome.ShouldBe(DiskOutcome.Aborted);
        host.ErrorRuns.ShouldBe(1);
        (domain.Kernel.Cpu.Now - before).ShouldBeLessThan(ScsiExecution.DefaultTimeout);
    });

    [KernelFact]
    public void Removing_a_host_fails_what_waits_and_waits_for_what_is_in_flight() => Run((domain, host, disk, buffer) =>
    {
        for (int number = 0; number < 6; number++)
            disk.Submit(DiskOperation.Read, (ulong)number, 1, buffer, (ulong)number);
        var ender = domain.Kernel.Scheduler.StartThread("ender", () =>
        {
            domain.Kernel.Scheduler.Sleep(50_000_000);
            foreach (var command in host.Held.ToArray())
                host.Done(command, 0);
        });
        domain.Kernel.ScsiHosts.scsi_remove_host(host.Host);
        ender.HasEnded.ShouldBeTrue();
        Enumerable.Range(0, 6).Select(number => domain.WaitFor((ulong)number).Outcome)
            .ShouldBe([DiskOutcome.Ok, DiskOutcome.Ok, DiskOutcome.Ok, DiskOutcome.Ok, DiskOutcome.Gone, DiskOutcome.Gone]);
        domain.Removed.ShouldBe([disk]);
        domain.Kernel.ScsiHosts.scsi_host_put(host.Host);
        domain.Kernel.ScsiHosts.Adapters.ShouldBeEmpty(domain.Report());
    });

    [KernelFact]
    public void A_unit_that_goes_offline_fails_what_waits_and_serves_again_when_it_runs() => Run((domain, host, disk, buffer) =>
    {
        var devices = domain.Kernel.ScsiDevices;
        var device = disk.Unit.Device;
        for (int number = 0; number < 6; number++)
            disk.Submit(DiskOperation.Read, (ulong)number, 1, buffer, (ulong)number);
        devices.scsi_device_set_state(device, ScsiDeviceState.Offline).ShouldBe(0);
        host.Done(host.Held[0], ScsiResult.From(HostByte.Error));
        domain.WaitFor(0).Outcome.ShouldBe(DiskOutcome.Gone);
        domain.WaitFor(5).Outcome.ShouldBe(DiskOutcome.Gone);
        foreach (int index in new[] { 1, 2, 3 })
            host.Done(host.Held[index], 0);
        domain.WaitFor(3);
        devices.scsi_device_set_state(device, ScsiDeviceState.Created).ShouldBe(-Errno.EINVAL);
        devices.scsi_device_set_state(device, ScsiDeviceState.Running).ShouldBe(0);
        host.OnTransfer = command => host.Done(command, 0);
        domain.Execute(disk, DiskOperation.Read, 1, 1, buffer).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void A_command_that_the_driver_itself_sends_returns_data_residue_and_sense() => Run((domain, host, disk, _) =>
    {
        var commands = domain.Kernel.ScsiCommands;
        nint block = domain.Allocate(16);
        nint data = domain.Allocate(64);
        nint sense = domain.Allocate(ScsiCommand.SenseBytes);
        nint residue = domain.Allocate(4);
        var header = new ScsiSenseHeader(domain.Allocate(ScsiSenseHeader.Size));
        domain.Kernel.Memory.At<byte>(block) = ScsiOpcode.ReadCapacity10;
        commands.__scsi_execute(disk.Unit.Device, block, (int)DataDirection.FromDevice, data, 8, sense, header, 1000, 1, 0, 0, residue).ShouldBe(0);
        domain.Kernel.Memory.Span<byte>(data, 8).ToArray().ShouldBe([0, 0, 0x0f, 0xff, 0, 0, 2, 0]);
        header.response_code.ShouldBe((byte)0);
        // LOG SENSE: the fake unit does not know it.
        domain.Kernel.Memory.At<byte>(block) = 0x4d;
        commands.__scsi_execute(disk.Unit.Device, block, (int)DataDirection.None, 0, 0, sense, header, 1000, 1, 0, 0, residue)
            .ShouldBe((int)ScsiStatus.CheckCondition);
        (header.response_code, header.sense_key, header.asc).ShouldBe(((byte)0x70, SenseData.KeyIllegalRequest, (byte)0x20));
        domain.Kernel.Memory.At<byte>(sense).ShouldBe((byte)0x70);
    });

    [KernelFact]
    public void A_read_costs_the_collector_nothing() => Run((domain, host, disk, buffer) =>
    {
        host.OnTransfer = command =>
        {
            host.Held.Clear();
            host.Done(command, 0);
        };
        domain.NoteCompletions = false;
        Allocations.ShouldSettleAtNone(() =>
        {
            for (int round = 0; round < 200; round++)
                disk.Submit(DiskOperation.Read, 1, 8, buffer, 1);
        });
    });
}
