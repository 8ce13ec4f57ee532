namespace L4.Tests;

[Service]
public interface ICalculator
{
    int Add(int left, int right);

    string Describe(string? text);

    Capability Echo(Capability capability);

    void Fail(ServiceError error);

    void Hang();
}

internal sealed class Calculator : ICalculator
{
    public int Add(int left, int right) => checked(left + right);

    public string Describe(string? text) => text is null ? "null" : $"'{text}'";

    public Capability Echo(Capability capability) => capability;

    public void Fail(ServiceError error) => throw new ServiceException(error, $"asked to fail with {error}");

    /// <summary>Ends when the test lets it.</summary>
    internal ManualResetEventSlim Released { get; } = new();

    internal ManualResetEventSlim Hanging { get; } = new();

    public void Hang()
    {
        Hanging.Set();
        Released.Wait();
    }
}

public sealed class IpcTests : IDisposable
{
    private readonly Calculator _service = new();
    private readonly L4System _system = new(new VirtualClock());
    private readonly L4Task _server;
    private readonly L4Task _client;
    private readonly IDisposable _attached;
    private readonly Capability _gate;
    private readonly CalculatorProxy _calculator;

    public IpcTests()
    {
        _server = _system.CreateTask("server");
        _client = _system.CreateTask("client");
        _gate = _server.GiveTo(_client, _server.CreateGate(new CalculatorDispatcher(_service)));
        _attached = _client.Enter();
        _calculator = new CalculatorProxy(_client, _gate);
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void A_call_returns_what_the_server_answers()
    {
        _calculator.Add(40, 2).ShouldBe(42);
        _calculator.Describe(null).ShouldBe("null");
        _calculator.Describe("ä").ShouldBe("'ä'");
    }

    [Fact]
    public void An_error_of_the_service_reaches_the_caller_with_its_kind_and_text()
    {
        var error = Should.Throw<ServiceException>(() => _calculator.Fail(ServiceError.Busy));
        error.Error.ShouldBe(ServiceError.Busy);
        error.Message.ShouldBe("asked to fail with Busy");
    }

    [Fact]
    public void A_server_that_fails_in_one_call_answers_the_next()
    {
        Should.Throw<ServiceException>(() => _calculator.Add(int.MaxValue, 1)).Error.ShouldBe(ServiceError.ServerFault);
        _calculator.Add(1, 1).ShouldBe(2);
        _system.Events.Count("server", "server-fault").ShouldBe(1);
    }

    [Fact]
    public void A_capability_sent_in_a_message_names_the_same_object_in_the_other_space()
    {
        var notification = _client.CreateNotification();
        var echoed = _calculator.Echo(notification);
        echoed.ShouldNotBe(notification);
        _client.Open<Notification>(echoed).ShouldBeSameAs(_client.Open<Notification>(notification));
    }

    [Fact]
    public void A_capability_of_one_task_means_nothing_in_another()
    {
        var notification = _client.CreateNotification();
        for (int i = 0; i < 8; i++)
            _client.CreateNotification();
        Should.Throw<ServiceException>(() => _server.Open<Notification>(new Capability(notification.Slot + 8))).Error.ShouldBe(ServiceError.BadCapability);
    }

    [Fact]
    public void A_gate_is_no_notification()
    {
        Should.Throw<ServiceException>(() => _client.Open<Notification>(_gate)).Error.ShouldBe(ServiceError.BadCapability);
    }

    [Fact]
    public void Rights_that_were_taken_away_are_refused()
    {
        var readOnly = _client.Restrict(_client.CreateDataspace("test", 4096), CapabilityRights.Read);
        Should.Throw<ServiceException>(() => _client.Map(readOnly)).Error.ShouldBe(ServiceError.AccessDenied);
        using var mapping = _client.Map(readOnly, CapabilityRights.Read);
        mapping.Bytes[4095].ShouldBe((byte)0);
    }

    [Fact]
    public void A_capability_that_was_given_up_is_gone()
    {
        var notification = _client.CreateNotification();
        _client.Release(notification);
        Should.Throw<ServiceException>(() => _client.Release(notification)).Error.ShouldBe(ServiceError.BadCapability);
    }

    [Fact]
    public void Calls_to_a_dead_task_end_with_the_cause_of_its_death()
    {
        _server.Kill("shot by the test");
        var error = Should.Throw<ServiceException>(() => _calculator.Add(1, 1));
        error.Error.ShouldBe(ServiceError.ServerGone);
        error.Message.ShouldContain("shot by the test");
    }

    [Fact]
    public void A_caller_whose_call_hangs_hears_of_the_servers_death_and_can_call_others()
    {
        var killer = _system.CreateTask("killer").StartThread("main", () =>
        {
            _service.Hanging.Wait();
            _server.Kill("shot while it hung");
        });
        Should.Throw<ServiceException>(_calculator.Hang).Message.ShouldContain("shot while it hung");
        killer.Join();
        _client.Names.List().ShouldBeEmpty();
        // The handler ends late: its answer must not reach the caller's next call.
        _service.Released.Set();
        _client.Names.List().ShouldBeEmpty();
    }

    [Fact]
    public void A_watcher_hears_of_a_death_even_when_it_came_late()
    {
        var capability = _client.CreateNotification();
        var notification = _client.Open<Notification>(capability);
        _client.NotifyWhenGone(_gate, capability, 4);
        notification.Poll().ShouldBe(0UL);
        _server.Kill("test");
        notification.Wait().ShouldBe(4UL);
        _client.NotifyWhenGone(_gate, capability, 8);
        notification.Wait().ShouldBe(8UL);
    }

    [Fact]
    public void Two_mappings_of_a_dataspace_show_the_same_bytes()
    {
        var dataspace = _client.CreateDataspace("shared", 100);
        using var first = _client.Map(dataspace);
        using var second = _server.Map(_client.GiveTo(_server, dataspace));
        first.Length.ShouldBe(4096UL);
        first.Bytes[17] = 42;
        second.Bytes[17].ShouldBe((byte)42);
        first.Address.ShouldNotBe(second.Address);
    }

    [Fact]
    public void A_mapping_past_the_end_of_a_dataspace_is_refused()
    {
        using var region = AddressRegion.Reserve(1 << 20);
        var dataspace = _client.Open<Dataspace>(_client.CreateDataspace("small", 4096));
        Should.Throw<ServiceException>(() => region.Map(0, dataspace, 0, 8192, CapabilityRights.All)).Error.ShouldBe(ServiceError.BadArgument);
        Should.Throw<ServiceException>(() => region.Map(1 << 20, dataspace, 0, 4096, CapabilityRights.All)).Error.ShouldBe(ServiceError.BadArgument);
    }

    [Fact]
    public void Names_are_registered_once_and_found_by_all()
    {
        var names = _client.Names;
        names.Register("calculator", _gate);
        Should.Throw<ServiceException>(() => names.Register("calculator", _gate)).Error.ShouldBe(ServiceError.Busy);
        new CalculatorProxy(_client, names.Lookup("calculator")).Add(2, 3).ShouldBe(5);
        names.List().ShouldBe(["calculator"]);
        names.Unregister("calculator");
        Should.Throw<ServiceException>(() => names.Lookup("calculator")).Error.ShouldBe(ServiceError.NotFound);
    }

    [Fact]
    public void An_operation_that_the_service_does_not_have_is_refused()
    {
        _client.Message.Clear();
        Should.Throw<ServiceException>(() => _client.Call(_gate, 99, _client.Message)).Error.ShouldBe(ServiceError.UnknownOperation);
    }

    [Fact]
    public void A_message_that_ends_early_is_refused()
    {
        _client.Message.Clear();
        _client.Message.Write((byte)1);
        Should.Throw<ServiceException>(() => _client.Call(_gate, 1, _client.Message)).Error.ShouldBe(ServiceError.BadArgument);
    }

    [Fact]
    public void Capabilities_that_the_service_never_asked_for_do_not_stay_with_it()
    {
        _calculator.Add(1, 1);
        int before = _server.CapabilityCount;
        var gift = _client.CreateNotification();
        for (int i = 0; i < 10; i++)
        {
            _client.Message.Clear();
            _client.Message.Write(1);
            _client.Message.Write(2);
            for (int j = 0; j < Message.CapabilityLimit; j++)
                _client.Message.WriteCapability(gift);
            _client.Call(_gate, 1, _client.Message);
        }
        _calculator.Add(1, 1);
        _server.CapabilityCount.ShouldBe(before);
    }

    [Fact]
    public void A_message_with_one_bad_capability_leaves_none_of_the_others()
    {
        int before = _server.CapabilityCount;
        _client.Message.Clear();
        _client.Message.WriteCapability(_client.CreateNotification());
        _client.Message.WriteCapability(new Capability(12345));
        Should.Throw<ServiceException>(() => _client.Call(_gate, 3, _client.Message)).Error.ShouldBe(ServiceError.BadCapability);
        _calculator.Add(1, 1);
        _server.CapabilityCount.ShouldBe(before);
    }
}
