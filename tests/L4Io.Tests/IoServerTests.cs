using Emulator;
using L4;

namespace L4Io.Tests;

public sealed class IoServerTests : IDisposable
{
    private static readonly PciAddress s_ide = new(0, 1, 1);
    private static readonly PciAddress s_hostBridge = new(0, 0, 0);

    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly L4Task _driver;
    private readonly IoServer _server;
    private readonly IDisposable _attached;
    private readonly IoServerProxy _io;

    public IoServerTests()
    {
        _task = _system.CreateTask("l4io");
        _driver = _system.CreateTask("driver");
        (_server, var gate) = IoServer.Start(_task, new EmulatedMachine(MachineDescription.WithDisks(), _system.Clock, _system.Events));
        _attached = _driver.Enter();
        _io = new IoServerProxy(_driver, _task.GiveTo(_driver, gate));
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void The_scan_finds_the_bridges_and_the_ide_function_with_its_legacy_and_assigned_resources()
    {
        var functions = _io.List();
        functions.Select(f => f.Address.ToString()).ShouldBe(["00:00.0", "00:01.0", "00:01.1"]);
        var ide = functions[2];
        (ide.Vendor, ide.Device).ShouldBe(((ushort)0x8086, (ushort)0x7010));
        (ide.ClassCode >> 8).ShouldBe(0x0101u);
        ide.Holder.ShouldBeNull();
        ide.Resources.ShouldContain(new PciResource(ResourceKind.Ports, 0, 0x1f0, 8));
        ide.Resources.ShouldContain(new PciResource(ResourceKind.Ports, 3, 0x376, 1));
        ide.Resources.ShouldContain(new PciResource(ResourceKind.Interrupt, 255, 15, 1));
        var busMaster = ide.Resources.Single(r => r.Bar == 4);
        busMaster.Count.ShouldBe(16UL);
        busMaster.First.ShouldNotBe(0UL);
    }

    [Fact]
    public void A_function_is_granted_to_one_holder_and_the_refusal_names_it()
    {
        Grant();
        var error = Should.Throw<ServiceException>(() => _io.Grant(s_ide, "second"));
        error.Error.ShouldBe(ServiceError.Busy);
        error.Message.ShouldBe("PCI function 00:01.1 is held by 'first'");
        _io.List()[2].Holder.ShouldBe("first");
        _io.Revoke(s_ide);
        _io.Grant(s_ide, "second");
    }

    [Fact]
    public void A_function_that_is_not_there_cannot_be_granted() =>
        Should.Throw<ServiceException>(() => _io.Grant(new PciAddress(0, 31, 0), "driver")).Error.ShouldBe(ServiceError.NotFound);

    [Fact]
    public void Ports_that_belong_to_another_function_are_refused_with_whose_they_are()
    {
        Grant();
        var bridge = new PciFunctionProxy(_driver, _io.Grant(s_hostBridge, "bridge driver"));
        var error = Should.Throw<ServiceException>(() => bridge.RequestPorts(0x1f0, 8));
        error.Error.ShouldBe(ServiceError.AccessDenied);
        error.Message.ShouldBe("'bridge driver' asked for ports 0x1f0-0x1f7, which is not part of 00:00.0 and belongs to 00:01.1, held by 'first'");
        Should.Throw<ServiceException>(() => bridge.RequestPorts(0x60, 1)).Message.ShouldContain("belongs to no PCI function");
    }

    [Fact]
    public void Ports_that_are_claimed_already_are_refused_with_who_holds_them()
    {
        var function = Grant();
        function.RequestPorts(0x1f0, 8);
        var error = Should.Throw<ServiceException>(() => function.RequestPorts(0x1f4, 1));
        error.Error.ShouldBe(ServiceError.Busy);
        error.Message.ShouldBe("ports 0x1f4-0x1f4: ports 0x1f0-0x1f7 is claimed by 'first' for 00:01.1");
        function.ReleasePorts(0x1f0, 8);
        function.RequestPorts(0x1f4, 1);
    }

    [Fact]
    public void A_port_portal_reaches_its_ports_and_no_others()
    {
        var portal = _driver.Open<Portal>(Grant().RequestPorts(0x1f0, 8));
        portal.Enter(RegisterWord.Write(0x1f2, 1, 0x5a));
        Should.NotThrow(() => portal.Enter(RegisterWord.Read(0x1f7, 1)));
        foreach (ulong word in new[] { RegisterWord.Read(0x1f8, 1), RegisterWord.Read(0x1f7, 2), RegisterWord.Read(0x1ef, 1), RegisterWord.Read(0x1f0, 3), RegisterWord.Write(0x3f6, 1, 4) })
            Should.Throw<ServiceException>(() => portal.Enter(word)).Error.ShouldBe(ServiceError.AccessDenied);
    }

    [Fact]
    public void A_portal_that_was_given_back_or_revoked_is_dead()
    {
        var function = Grant();
        var first = _driver.Open<Portal>(function.RequestPorts(0x1f0, 8));
        function.ReleasePorts(0x1f0, 8);
        Should.Throw<ServiceException>(() => first.Enter(RegisterWord.Read(0x1f7, 1))).Message.ShouldContain("taken back");
        var second = _driver.Open<Portal>(function.RequestPorts(0x1f0, 8));
        _io.Revoke(s_ide);
        Should.Throw<ServiceException>(() => second.Enter(RegisterWord.Read(0x1f7, 1)));
    }

    [Fact]
    public void Base_address_registers_cannot_be_moved_by_the_driver()
    {
        var function = Grant();
        uint before = function.ReadConfig(0x20, 4);
        Should.Throw<ServiceException>(() => function.WriteConfig(0x20, 4, 0xffff_ffff)).Error.ShouldBe(ServiceError.AccessDenied);
        function.ReadConfig(0x20, 4).ShouldBe(before);
        Should.Throw<ServiceException>(() => function.ReadConfig(0xfe, 4)).Error.ShouldBe(ServiceError.BadArgument);
        Should.Throw<ServiceException>(() => function.WriteConfig(0x30, 4, 0xe000_0001)).Error.ShouldBe(ServiceError.AccessDenied, "the expansion ROM has one too");
    }

    [Fact]
    public void An_interrupt_line_of_another_is_refused_and_the_own_one_only_once()
    {
        var function = Grant();
        var notification = _driver.CreateNotification();
        _driver.Open<Interrupt>(function.RequestInterrupt(14, notification, 1));
        Should.Throw<ServiceException>(() => function.RequestInterrupt(14, notification, 1)).Error.ShouldBe(ServiceError.Busy);
        Should.Throw<ServiceException>(() => function.RequestInterrupt(3, notification, 1)).Error.ShouldBe(ServiceError.AccessDenied);
        var silent = _driver.Restrict(notification, CapabilityRights.Read);
        function.ReleaseInterrupt(14);
        Should.Throw<ServiceException>(() => function.RequestInterrupt(14, silent, 1)).Error.ShouldBe(ServiceError.AccessDenied);
        function.RequestInterrupt(14, notification, 1);
    }

    [Fact]
    public void Dma_windows_may_not_overlap_and_need_the_right_that_the_device_gets()
    {
        var function = Grant();
        var memory = _driver.CreateDataspace("buffer", 65536);
        function.MapDma(memory, 0, 65536, 0x10000, DmaAccess.Read | DmaAccess.Write);
        Should.Throw<ServiceException>(() => function.MapDma(memory, 0, 4096, 0x1f000, DmaAccess.Read)).Error.ShouldBe(ServiceError.Busy);
        Should.Throw<ServiceException>(() => function.MapDma(memory, 0, 4095, 0x40000, DmaAccess.Read)).Error.ShouldBe(ServiceError.BadArgument);
        Should.Throw<ServiceException>(() => function.MapDma(memory, 61440, 8192, 0x40000, DmaAccess.Read)).Error.ShouldBe(ServiceError.BadArgument);
        var readOnly = _driver.Restrict(memory, CapabilityRights.Read);
        Should.Throw<ServiceException>(() => function.MapDma(readOnly, 0, 4096, 0x40000, DmaAccess.Write)).Error.ShouldBe(ServiceError.AccessDenied);
        function.MapDma(readOnly, 0, 4096, 0x40000, DmaAccess.Read);
        Should.Throw<ServiceException>(() => function.UnmapDma(0x10000, 4096)).Error.ShouldBe(ServiceError.NotFound);
        function.UnmapDma(0x10000, 65536);
        function.MapDma(memory, 0, 4096, 0x1f000, DmaAccess.Read);
    }

    [Fact]
    public void A_refused_dma_window_leaves_no_capability_with_the_server()
    {
        var function = Grant();
        var memory = _driver.CreateDataspace("buffer", 4096);
        int before = _task.CapabilityCount;
        for (int i = 0; i < 10; i++)
            Should.Throw<ServiceException>(() => function.MapDma(memory, 0, 8192, 0, DmaAccess.Read)).Error.ShouldBe(ServiceError.BadArgument);
        Should.Throw<ServiceException>(() => function.MapDma(Capability.Null, 0, 4096, 0, DmaAccess.Read)).Error.ShouldBe(ServiceError.BadCapability);
        _task.CapabilityCount.ShouldBe(before);
    }

    [Fact]
    public void A_block_transfer_outside_the_drivers_memory_is_refused_and_counted()
    {
        var portal = _driver.Open<Portal>(Grant().RequestPorts(0x1f0, 8));
        portal.Enter(RegisterWord.BlockAddress(0x5000));
        Should.Throw<ServiceException>(() => portal.Enter(RegisterWord.ReadBlock(0x1f0, 2, 512))).Error.ShouldBe(ServiceError.BadArgument);
        _system.Events.Count("l4io", "dma-refused").ShouldBe(1);
    }

    [Fact]
    public void The_service_portal_answers_when_to_come_again_and_nothing_else_until_it_is_revoked()
    {
        var function = Grant();
        var portal = _driver.Open<Portal>(function.RequestService(_driver.CreateNotification(), 1));
        portal.Enter(RegisterWord.Service).ShouldBe((ulong)Clock.Never, "a disk never asks");
        Should.Throw<ServiceException>(() => portal.Enter(RegisterWord.Read(0x1f7, 1))).Error.ShouldBe(ServiceError.AccessDenied);
        Should.Throw<ServiceException>(() => function.RequestService(_driver.CreateNotification(), 1)).Error.ShouldBe(ServiceError.Busy);
        _io.Revoke(s_ide);
        Should.Throw<ServiceException>(() => portal.Enter(RegisterWord.Service)).Message.ShouldContain("taken back");
    }

    [Fact]
    public void A_notification_that_may_not_be_signalled_is_refused_and_leaves_no_capability()
    {
        var function = Grant();
        int before = _task.CapabilityCount;
        var readOnly = _driver.Restrict(_driver.CreateNotification(), CapabilityRights.Read);
        Should.Throw<ServiceException>(() => function.RequestService(readOnly, 1)).Error.ShouldBe(ServiceError.AccessDenied);
        Should.Throw<ServiceException>(() => function.RequestService(Capability.Null, 1)).Error.ShouldBe(ServiceError.BadCapability);
        _task.CapabilityCount.ShouldBe(before);
        function.RequestService(_driver.CreateNotification(), 1);
    }

    private PciFunctionProxy Grant() => new(_driver, _io.Grant(s_ide, "first"));
}
