using DdeKit.Pci;
using L4;
using L4Io;

namespace DdeKit.Tests;

public sealed class InterruptStormTests : IDisposable
{
    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly ServedMachine _machine = new();
    private readonly IoServer _server;
    private readonly PciDevice _device;
    private int _handled;

    public InterruptStormTests()
    {
        var ioTask = _system.CreateTask("l4io");
        _task = _system.CreateTask("domain");
        _cpu = new VirtualCpu(_task);
        (_server, var gate) = IoServer.Start(ioTask, _machine);
        using var attached = _task.Enter();
        _device = new PciDevice(_cpu, new IoServerProxy(_task, ioTask.GiveTo(_task, gate)).Grant(ServedMachine.Card, "domain"));
    }

    public void Dispose()
    {
        _system.Dispose();
        _server.Dispose();
        _cpu.Dispose();
    }

    // Attaches a handler, lets the line go high, and ends the domain a millisecond later: if it gets that far.
    private string Run(InterruptController.InterruptHandler handler)
    {
        _cpu.Post(() =>
        {
            _device.Interrupts.Attach(ServedMachine.Line, handler);
            _machine.Interrupt!.SetLevel(true);
        });
        _cpu.StartThread("rest", () =>
        {
            _cpu.Current!.Park(_cpu.Now + 1_000_000);
            _cpu.Stop();
        });
        using (_task.Enter())
            _cpu.Run();
        return string.Join(';', _system.Events.Recent.Where(e => e.Kind == InterruptController.StormEvent).Select(e => e.Text));
    }

    [Fact]
    public void A_line_that_nobody_cares_about_is_shut_off_and_reported()
    {
        Run(() =>
        {
            _handled++;
            return false;
        }).ShouldBe("interrupt line 16: nobody cared 1000 times in a row; it is shut off");
        _handled.ShouldBe(InterruptController.UnhandledLimit);
    }

    [Fact]
    public void A_line_that_stays_high_however_often_it_is_handled_is_shut_off_and_the_domain_goes_on()
    {
        Run(() =>
        {
            _handled++;
            return true;
        }).ShouldBe("interrupt line 16: it stayed high through 100000 interrupts, though they were handled; it is shut off");
        _handled.ShouldBe(InterruptController.StuckLimit);
    }

    [Fact]
    public void A_busy_device_is_no_storm_and_leaves_the_rest_of_the_domain_its_turns()
    {
        int turns = 0;
        Run(() =>
        {
            if (_handled % InterruptController.RowLimit == 0)
            {
                int before = _handled;
                _cpu.Post(() => turns += _handled <= before + InterruptController.RowLimit ? 1 : 0);
            }
            _machine.Interrupt!.SetLevel(false);
            if (++_handled < 2 * InterruptController.StuckLimit)
                _machine.Interrupt!.SetLevel(true);
            return true;
        }).ShouldBe("");
        _handled.ShouldBe(2 * InterruptController.StuckLimit);
        turns.ShouldBe(2 * InterruptController.StuckLimit / InterruptController.RowLimit);
    }
}
