namespace L4.Processes.Tests;

/// <summary>What the tests have the other task do.</summary>
[Service]
public interface ICompanion
{
    int Add(int left, int right);

    byte[] Reverse(ReadOnlySpan<byte> bytes);

    void Fail(ServiceError error);

    void Slip();

    Capability Echo(Capability capability);

    Capability[] EchoAll(Capability[] capabilities);

    uint FirstWord(Capability dataspace);

    void SetFirstWord(Capability dataspace, uint value);

    Capability Allocate(uint bytes);

    void Signal(Capability notification, ulong bits);

    ulong Wait();

    Capability WaitedFor();

    Capability Portal();

    ulong[] WordsSeen();

    int CallBack(Capability companion, int left, int right);

    ulong EnterPortal(Capability portal, ulong word);

    Capability Interrupt(Capability notification, ulong bits);

    void SetLevel(bool asserted);

    void Report(string text);

    void End(string cause);

    void Exit();

    void Hang();

    string[] Names();

    int CapabilityCount();

    void Burst();

    string ReadFile(string path);

    Capability AllocateForReading(uint bytes);
}

/// <summary>The other task.</summary>
internal sealed class Companion : ICompanion, IPortalHandler
{
    private readonly L4Task _task;
    private readonly Capability _notification;
    private readonly List<ulong> _words = [];
    private Interrupt? _interrupt;

    internal Companion(L4Task task)
    {
        _task = task;
        _notification = task.CreateNotification();
    }

    internal static TaskPrograms Programs { get; } = new TaskPrograms()
        .Add("companion", task => new TaskService(new CompanionDispatcher(new Companion(task))))
        .Add("confined companion", task => new TaskService(new CompanionDispatcher(new Companion(task))), confinedTo: typeof(Companion).Assembly)
        .Add("broken", _ => throw new ServiceException(ServiceError.BadFile, "the file is broken"));

    public int Add(int left, int right) => checked(left + right);

    /// <summary>On a thread that nobody looks after, so that the process ends of it.</summary>
    public void Burst() => new Thread(static () =>
    {
        var kept = new List<byte[]>();
        while (true)
            kept.Add(new byte[1 << 20]);
    }).Start();

    public string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ServiceException(ServiceError.AccessDenied, exception.Message);
        }
    }

    public Capability AllocateForReading(uint bytes) => _task.Restrict(_task.CreateDataspace("for reading", bytes), CapabilityRights.Read);

    public byte[] Reverse(ReadOnlySpan<byte> bytes)
    {
        byte[] result = bytes.ToArray();
        Array.Reverse(result);
        return result;
    }

    public void Fail(ServiceError error) => throw new ServiceException(error, $"asked to fail with {error}");

    public void Slip() => throw new InvalidOperationException("slipped");

    public Capability Echo(Capability capability) => capability;

    public Capability[] EchoAll(Capability[] capabilities) => capabilities;

    public uint FirstWord(Capability dataspace)
    {
        using var mapping = _task.Map(dataspace, CapabilityRights.Read);
        return BitConverter.ToUInt32(mapping.Bytes);
    }

    public void SetFirstWord(Capability dataspace, uint value)
    {
        using var mapping = _task.Map(dataspace);
        BitConverter.TryWriteBytes(mapping.Bytes, value);
    }

    public Capability Allocate(uint bytes) => _task.CreateDataspace("allocated", bytes);

    public void Signal(Capability notification, ulong bits) => _task.Open<Notification>(notification, CapabilityRights.Write).Signal(bits);

    public ulong Wait() => _task.Open<Notification>(_notification).Wait();

    public Capability WaitedFor() => _notification;

    public Capability Portal() => _task.CreatePortal(this);

    public ulong[] WordsSeen()
    {
        lock (_words)
            return [.. _words];
    }

    public ulong Enter(ulong word)
    {
        if (word == ulong.MaxValue)
            throw new ServiceException(ServiceError.AccessDenied, "not this word");
        lock (_words)
            _words.Add(word);
        return unchecked(word + 1);
    }

    public int CallBack(Capability companion, int left, int right) => new CompanionProxy(_task, companion).Add(left, right);

    public ulong EnterPortal(Capability portal, ulong word) => _task.Open<Portal>(portal).Enter(word);

    public Capability Interrupt(Capability notification, ulong bits)
    {
        var capability = _task.CreateInterrupt(notification, bits);
        _interrupt = _task.Open<Interrupt>(capability);
        return capability;
    }

    public void SetLevel(bool asserted) => _interrupt!.SetLevel(asserted);

    public void Report(string text) => _task.System.Events.Report(_task.Name, "note", text);

    /// <summary>Ends the task in the middle of the call.</summary>
    public void End(string cause)
    {
        Hang(() => _task.StartThread("end", () => throw new InvalidOperationException(cause)));
    }

    public void Exit() => Environment.Exit(7);

    public void Hang() => Hang(() => { });

    private void Hang(Action meanwhile)
    {
        var never = _task.Open<Notification>(_task.CreateNotification());
        _task.Ended += () => never.Signal(1);
        meanwhile();
        // It may have ended before anybody listened.
        if (!_task.IsDead)
            never.Wait();
    }

    public string[] Names() => _task.Names.List();

    public int CapabilityCount() => _task.CapabilityCount;
}
