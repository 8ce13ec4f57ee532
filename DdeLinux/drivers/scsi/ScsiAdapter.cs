using DdeKit;

namespace DdeLinux;

/// <summary>
/// A host adapter as the shim keeps it: its struct Scsi_Host, its commands, and the sending and ending of them. For libata, a port.
/// Belongs to the holder of the baton.
/// </summary>
/// <remarks>
/// Drivers call scsi_done with their locks held, so what follows from it waits in a list: it is worked off by whoever is sending just
/// now, or else by the event loop, as the kernel does it in its block softirq. Sending and working off is one loop that does not nest.
/// </remarks>
internal sealed partial class ScsiAdapter
{
    /// <summary>How long the kernel waits before it tries a unit again that refused a command while nothing was in flight
    /// (drivers/scsi/scsi_lib.c, SCSI_QUEUE_DELAY).</summary>
    private const long RefusalDelay = 3_000_000;

    private readonly LinuxKernel _kernel;
    private readonly Queue<ScsiSlot> _over = new();
    private readonly Queue<ScsiSlot> _again = new();
    private readonly Stack<ScsiSlot> _free = new();
    private readonly List<ScsiUnit> _units = [];
    private readonly KitTimer _deadlines;
    private readonly KitTimer _refusals;
    private readonly Action _dispatchPosted;
    private readonly Action _deadlinesPosted;
    private readonly Func<ScsiCommand, ScsiDisposition> _checkSense;
    private ScsiSlot[] _slots = [];
    private nint _queueCommand;
    private nint _timedOut;
    private int _nextUnit;
    private bool _isDispatching;
    private bool _isDispatchPosted;
    private bool _areDeadlinesPosted;

    internal ScsiAdapter(LinuxKernel kernel, ScsiHost host)
    {
        _kernel = kernel;
        Host = host;
        _deadlines = new KitTimer(kernel.Cpu.Timers, CheckDeadlines);
        _refusals = new KitTimer(kernel.Cpu.Timers, AskAgain);
        _dispatchPosted = RunPostedDispatch;
        _deadlinesPosted = CheckDeadlines;
        _checkSense = kernel.ScsiSense.Check;
    }

    internal ScsiHost Host { get; }

    internal IReadOnlyList<ScsiUnit> Units => _units;

    /// <summary>Commands that the driver or the error handler has.</summary>
    internal int Busy { get; private set; }

    /// <summary>Makes the commands: as many as the driver can queue.</summary>
    internal void Start(List<ScsiSlot?> all)
    {
        _queueCommand = Host.hostt.queuecommand;
        _timedOut = Host.hostt.eh_timed_out;
        _slots = new ScsiSlot[Host.can_queue];
        for (int tag = 0; tag < _slots.Length; tag++)
        {
            _slots[tag] = new ScsiSlot(_kernel, this, tag, all.Count);
            all.Add(_slots[tag]);
        }
        for (int tag = _slots.Length - 1; tag >= 0; tag--)
            _free.Push(_slots[tag]);
    }

    /// <summary>Ends timers and frees the commands.</summary>
    internal void Stop(List<ScsiSlot?> all)
    {
        _deadlines.Cancel();
        _refusals.Cancel();
        foreach (var slot in _slots)
        {
            all[slot.Request.internal_tag] = null;
            slot.Free();
        }
        _slots = [];
        _free.Clear();
    }

    internal void Add(ScsiUnit unit) => _units.Add(unit);

    internal void Remove(ScsiUnit unit) => _units.Remove(unit);

    /// <summary>The driver is through with a command. Any context.</summary>
    internal void Done(ScsiSlot slot)
    {
        // A command that timed out belongs to the error handler, however late its interrupt comes.
        if (!slot.IsInFlight || slot.IsOver)
            return;
        slot.IsOver = true;
        _over.Enqueue(slot);
        if (!_isDispatching)
            DispatchSoon();
    }

    /// <summary>Works off what is over and sends what can be sent.</summary>
    internal void Dispatch()
    {
        if (_isDispatching)
            return;
        _isDispatching = true;
        try
        {
            do
            {
                while (_over.TryDequeue(out var slot))
                    Complete(slot);
            }
            while (SendOne());
        }
        finally
        {
            _isDispatching = false;
        }
    }

    /// <summary>Sends a command again, after what waits to be sent again already.</summary>
    internal void SendAgain(ScsiSlot slot)
    {
        Leave(slot);
        _again.Enqueue(slot);
    }

    /// <summary>Tells who asked for a command how it ended, and gives its slot back.</summary>
    internal void FinishCommand(ScsiSlot slot)
    {
        Leave(slot);
        var unit = slot.Unit!;
        var work = slot.Work!;
        unit.Active--;
        Unblock();
        work.Finish(unit, slot);
        slot.End();
        _free.Push(slot);
    }

    /// <summary>Has time-outs looked at by the event loop.</summary>
    internal void CheckDeadlinesSoon()
    {
        if (_areDeadlinesPosted)
            return;
        _areDeadlinesPosted = true;
        _kernel.Cpu.Post(_deadlinesPosted);
    }

    /// <summary>Has <see cref="Dispatch"/> run by the event loop.</summary>
    internal void DispatchSoon()
    {
        if (_isDispatchPosted)
            return;
        _isDispatchPosted = true;
        _kernel.Cpu.Post(_dispatchPosted);
    }

    private void RunPostedDispatch()
    {
        _isDispatchPosted = false;
        Dispatch();
    }

    private void Leave(ScsiSlot slot)
    {
        slot.IsInFlight = false;
        Busy--;
        WakeErrorHandlerIfReady();
    }

    private void Complete(ScsiSlot slot)
    {
        switch (ScsiResult.Decide(slot.Command, _checkSense))
        {
            case ScsiDisposition.Success:
                FinishCommand(slot);
                break;
            case ScsiDisposition.NeedsRetry:
                SendAgain(slot);
                break;
            case ScsiDisposition.AddToQueue:
                Block(slot.Unit!);
                SendAgain(slot);
                break;
            default:
                HandToErrorHandler(slot);
                break;
        }
    }

    /// <summary>Sends one command; false when none can be sent now.</summary>
    private bool SendOne()
    {
        if (Host.InRecovery)
            return false;
        if (_again.TryPeek(out var again) && !again.Unit!.IsBlocked)
        {
            _again.Dequeue();
            Send(again);
            return true;
        }
        if (NextReadyUnit() is not { } unit)
            return false;
        var request = unit.Waiting.RemoveFirst()!;
        if (!unit.Device.IsOnline)
        {
            request.Finish(unit, null);
            return true;
        }
        var slot = _free.Pop();
        slot.Begin(unit, request);
        if (!request.Prepare(slot))
        {
            slot.End();
            _free.Push(slot);
            return true;
        }
        unit.Active++;
        Send(slot);
        return true;
    }

    private ScsiUnit? NextReadyUnit()
    {
        if (_free.Count == 0)
            return null;
        for (int tried = 0; tried < _units.Count; tried++)
        {
            // Round and round, so that no unit of a host starves another.
            if (++_nextUnit >= _units.Count)
                _nextUnit = 0;
            if (_units[_nextUnit].IsReady)
                return _units[_nextUnit];
        }
        return null;
    }

    private void Send(ScsiSlot slot)
    {
        slot.Arm();
        slot.IsInFlight = true;
        Busy++;
        slot.Deadline = _kernel.Cpu.Now + slot.Timeout;
        // The timer is left running when commands end and looks for itself what is due: most commands never touch it.
        if (!_deadlines.IsPending || slot.Deadline < _deadlines.Deadline)
            _deadlines.Set(slot.Deadline);
        int refusal = unchecked((int)_kernel.Call(_queueCommand, Host.Address, slot.Command.Address));
        if (refusal == 0)
            return;
        // SCSI_MLQUEUE_*_BUSY: the driver did not take it.
        Block(slot.Unit!);
        SendAgain(slot);
    }

    /// <summary>Keeps a unit quiet until one of the host's commands ends, or for a while when there is none.</summary>
    private void Block(ScsiUnit unit)
    {
        unit.IsBlocked = true;
        if (!_refusals.IsPending)
            _refusals.Set(_kernel.Cpu.Now + RefusalDelay);
    }

    private void AskAgain()
    {
        Unblock();
        Dispatch();
    }

    private void Unblock()
    {
        foreach (var unit in _units)
            unit.IsBlocked = false;
    }
}
