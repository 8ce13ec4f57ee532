using DdeKit.Pci;
using L4;
using L4Io;

namespace DdeKit.Tests;

public sealed class ServiceTests : IDisposable
{
    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;
    private readonly ServedMachine _machine = new();
    private readonly IoServer _server;
    private readonly List<string> _log = [];
    private readonly Capability _function;
    private readonly PciDevice _device;

    public ServiceTests()
    {
        var ioTask = _system.CreateTask("l4io");
        _task = _system.CreateTask("domain");
        _cpu = new VirtualCpu(_task);
        (_server, var gate) = IoServer.Start(ioTask, _machine);
        using var attached = _task.Enter();
        _function = new IoServerProxy(_task, ioTask.GiveTo(_task, gate)).Grant(ServedMachine.Card, "domain");
        _device = new PciDevice(_cpu, _function);
    }

    public void Dispose()
    {
        _system.Dispose();
        _server.Dispose();
        _cpu.Dispose();
    }

    [Fact]
    public void A_model_that_asks_is_served_on_the_domains_event_loop()
    {
        int outside = Environment.CurrentManagedThreadId;
        _machine.OnService = () =>
        {
            _log.Add(Environment.CurrentManagedThreadId == outside ? "outside" : "event loop");
            _cpu.Stop();
            return Clock.Never;
        };
        _machine.Ask();
        RunToEnd();
        _log.ShouldBe(["event loop"]);
        _device.Services.ShouldBe(1);
    }

    [Fact]
    public void An_interrupt_that_a_service_raises_is_delivered()
    {
        _machine.OnService = () =>
        {
            _log.Add("service");
            _machine.Interrupt!.SetLevel(true);
            return Clock.Never;
        };
        _cpu.Post(() =>
        {
            _device.Interrupts.Attach(ServedMachine.Line, () =>
            {
                _log.Add("interrupt");
                _machine.Interrupt!.SetLevel(false);
                _cpu.Stop();
                return true;
            });
            _machine.Ask();
        });
        RunToEnd();
        _log.ShouldBe(["service", "interrupt"]);
    }

    [Fact]
    public void A_model_waits_for_its_deadline_and_a_later_one_replaces_it()
    {
        _machine.OnService = () =>
        {
            _log.Add($"{_system.Clock.Now}");
            switch (_log.Count)
            {
                case 1:
                    return 5_000;
                case 2:
                    return 9_000;
                default:
                    _cpu.Stop();
                    return Clock.Never;
            }
        };
        _machine.Ask();
        RunToEnd();
        _log.ShouldBe(["0", "5000", "9000"]);
    }

    [Fact]
    public void A_service_that_no_longer_waits_for_time_is_not_called_at_the_old_deadline()
    {
        var end = new KitTimer(_cpu.Timers, _cpu.Stop);
        _cpu.Post(() => end.Set(20_000));
        var again = new KitTimer(_cpu.Timers, _machine.Ask);
        _cpu.Post(() => again.Set(1_000));
        _machine.OnService = () =>
        {
            _log.Add($"{_system.Clock.Now}");
            return _log.Count == 1 ? 5_000 : Clock.Never;
        };
        _machine.Ask();
        RunToEnd();
        _log.ShouldBe(["0", "1000"]);
    }

    [Fact]
    public void The_service_is_claimed_once()
    {
        using var attached = _task.Enter();
        var function = new PciFunctionProxy(_task, _function);
        var notification = _task.CreateNotification();
        var error = Should.Throw<ServiceException>(() => function.RequestService(notification, 1));
        error.Error.ShouldBe(ServiceError.Busy);
        error.Message.ShouldContain("00:03.0");
    }

    private void RunToEnd() => _task.StartThread("main", _cpu.Run).Join();
}
