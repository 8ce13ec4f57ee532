using System.Collections.Concurrent;

namespace L4;

/// <summary>The end of synchronous calls: messages sent to it are handled, one after the other, by the serving task.</summary>
public abstract class Gate : KernelObject
{
    private protected Gate()
    {
    }

    /// <summary>Calls with the thread's message, which the answer replaces.</summary>
    /// <exception cref="ServiceException">The server refused or failed, or is gone.</exception>
    internal abstract void Call(ThreadControlBlock caller, uint operation);

    /// <summary>Signals when the serving task ends, at once if it has.</summary>
    internal abstract void AddWatcher(Notification notification, ulong bits);

    /// <summary>What a caller is told once the serving task has ended.</summary>
    internal abstract string GoneText { get; }
}

/// <summary>A gate that a task of this process serves.</summary>
internal sealed class LocalGate : Gate
{
    private readonly ServerLoop _loop;

    internal LocalGate(ServerLoop loop, IGateHandler handler)
    {
        _loop = loop;
        Handler = handler;
    }

    internal IGateHandler Handler { get; }

    internal override string GoneText => _loop.Task.GoneText;

    internal override void Call(ThreadControlBlock caller, uint operation)
    {
        var server = _loop.Task;
        if (server.IsDead)
            throw new ServiceException(ServiceError.ServerGone, server.GoneText);
        caller.Begin(this, operation);
        _loop.Post(caller);
        caller.Reply.Wait();
        if (caller.Error != ServiceError.None)
            throw new ServiceException(caller.Error, caller.ErrorText!);
    }

    internal override void AddWatcher(Notification notification, ulong bits) => _loop.Task.AddWatcher(notification, bits);

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors) =>
        _loop.Task.Served.Export(this, CapabilityKind.Gate, descriptors);
}

/// <summary>
/// The end of short calls: one word in, one word out. A task of this process handles it at once on the caller's thread, which for that time
/// belongs to the serving task (a migrating thread); one of another process has a thread for all words of one caller, which handles them in
/// the order in which they were sent. For device registers and doorbells, where a message would cost many times the work.
/// </summary>
public abstract class Portal : KernelObject
{
    private protected Portal()
    {
    }

    /// <summary>Calls the portal with one word and returns its answer.</summary>
    /// <exception cref="ServiceException">The serving task is dead, or refuses the word.</exception>
    public abstract ulong Enter(ulong word);

    /// <summary>Calls the portal with one word and wants no answer. Between processes it returns at once, unless thousands of words are on their
    /// way; what the server refuses is reported there, as an event.</summary>
    /// <exception cref="ServiceException">The serving task is dead; or, in the same process, it refuses the word.</exception>
    public abstract void Post(ulong word);
}

/// <summary>A portal that a task of this process serves.</summary>
internal sealed class LocalPortal : Portal
{
    private readonly L4Task _task;

    internal LocalPortal(L4Task task, IPortalHandler handler)
    {
        _task = task;
        Handler = handler;
    }

    internal IPortalHandler Handler { get; }

    public override ulong Enter(ulong word)
    {
        if (_task.IsDead)
            throw new ServiceException(ServiceError.ServerGone, _task.GoneText);
        return Handler.Enter(word);
    }

    public override void Post(ulong word) => Enter(word);

    internal override CapabilityRecord Export(CapabilityRights rights, OutgoingDescriptors descriptors) =>
        _task.Served.Export(this, CapabilityKind.Portal, descriptors);
}

/// <summary>One call on its way: the caller's message, then the answer.</summary>
internal sealed class ThreadControlBlock
{
    [ThreadStatic]
    private static ThreadControlBlock? _current;

    internal ThreadControlBlock(L4Task task, Notification reply)
    {
        Task = task;
        Reply = reply;
    }

    /// <summary>The block of this host thread; null when it is no L4 thread.</summary>
    internal static ThreadControlBlock? Current
    {
        get => _current;
        set => _current = value;
    }

    internal L4Task Task { get; }

    internal Message Message { get; } = new();

    internal Notification Reply { get; }

    internal LocalGate? Target { get; set; }

    internal uint Operation { get; set; }

    internal ServiceError Error { get; set; }

    internal string? ErrorText { get; set; }

    /// <summary>Number of calls that this thread has begun: tells a late answer to an earlier one from the answer to this.</summary>
    internal long CallNumber => Volatile.Read(ref _begun);

    private long _begun;
    private long _ended;

    /// <summary>A call begins; exactly one of those who could answer it will.</summary>
    internal void Begin(LocalGate target, uint operation)
    {
        Target = target;
        Operation = operation;
        Volatile.Write(ref _begun, _begun + 1);
    }

    /// <summary>Takes it upon the calling thread to end call <paramref name="number"/>; false when another has.</summary>
    internal bool TryEnd(long number) => Interlocked.CompareExchange(ref _ended, number, number - 1) == number - 1;

    /// <summary>Ends call <paramref name="number"/> with an error and lets the caller run, unless it has ended.</summary>
    internal void Fail(long number, ServiceError error, string text)
    {
        if (!TryEnd(number))
            return;
        Error = error;
        ErrorText = text;
        Reply.Signal(1);
    }
}

/// <summary>A thread of a serving task that receives calls, handles them and replies. Callers of other processes have threads of their own here
/// (<see cref="CallServer"/>); a handler runs on one of them at a time.</summary>
internal sealed class ServerLoop
{
    private const ulong CallBit = 1;
    private const ulong StopBit = 2;

    private readonly ConcurrentQueue<ThreadControlBlock> _calls = new();
    private readonly Notification _arrived;
    private readonly L4Task _task;
    private readonly Lock _lock = new();
    private readonly Lock _turn = new();
    private (ThreadControlBlock? Caller, long Number) _served;

    internal ServerLoop(L4Task task)
    {
        _task = task;
        _arrived = new Notification(task.System.Clock);
        task.StartThread("server", Serve);
    }

    /// <summary>The serving task.</summary>
    internal L4Task Task => _task;

    internal void Post(ThreadControlBlock caller)
    {
        _calls.Enqueue(caller);
        _arrived.Signal(CallBit);
        // The task may have died between the caller's check and the enqueue: then nobody else would answer.
        if (_task.IsDead)
            Drain();
    }

    /// <summary>Ends the loop. A caller whose call is being handled gets its error at once, however long the handler may still take.</summary>
    internal void Stop()
    {
        _arrived.Signal(StopBit);
        (ThreadControlBlock? Caller, long Number) served;
        lock (_lock)
            served = _served;
        if (served.Caller is not null)
            Refuse(served.Caller, served.Number);
    }

    private void Serve()
    {
        var own = ThreadControlBlock.Current!;
        try
        {
            while ((_arrived.Wait() & StopBit) == 0 && !_task.IsDead)
            {
                while (_calls.TryDequeue(out var caller))
                    Handle(caller, own);
            }
        }
        finally
        {
            Drain();
        }
    }

    private void Handle(ThreadControlBlock caller, ThreadControlBlock own)
    {
        var gate = caller.Target!;
        long call = caller.CallNumber;
        Serve(caller, call);
        try
        {
            own.Message.Receive(caller.Message, caller.Task.Capabilities, _task.Capabilities);
            Handle(gate, caller.Operation, own.Message);
        }
        catch (ServiceException exception)
        {
            caller.Fail(call, exception.Error, exception.Message);
            return;
        }
        finally
        {
            Serve(null, 0);
        }
        if (!caller.TryEnd(call))
            return;
        caller.Error = ServiceError.None;
        try
        {
            caller.Message.Receive(own.Message, _task.Capabilities, caller.Task.Capabilities);
        }
        catch (ServiceException exception)
        {
            caller.Error = exception.Error;
            caller.ErrorText = exception.Message;
        }
        caller.Reply.Signal(1);
    }

    /// <summary>Has a call handled on this thread of the task, in its turn.</summary>
    /// <exception cref="ServiceException">It was refused, or the server made a mistake.</exception>
    internal void Handle(LocalGate gate, uint operation, Message message)
    {
        try
        {
            lock (_turn)
                gate.Handler.Handle(operation, message);
        }
#pragma warning disable CA1031 // A server survives its own mistake in one call: the caller gets the error, the log the whole story.
        catch (Exception exception) when (exception is not ServiceException)
#pragma warning restore CA1031
        {
            throw _task.ReportFault(exception);
        }
    }

    private void Drain()
    {
        while (_calls.TryDequeue(out var caller))
            Refuse(caller, caller.CallNumber);
    }

    private void Serve(ThreadControlBlock? caller, long number)
    {
        lock (_lock)
            _served = (caller, number);
    }

    private void Refuse(ThreadControlBlock caller, long number) =>
        caller.Fail(number, ServiceError.ServerGone, _task.GoneText);
}
