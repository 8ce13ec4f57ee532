namespace DdeLinux;

/// <summary>Time-outs and error handling of a host.</summary>
internal sealed partial class ScsiAdapter
{
    /// <summary>BLK_EH_RESET_TIMER (linux/blk-mq.h): the driver wants to go on waiting.</summary>
    private const int ResetTimer = 1;

    private KernelThread? _errorHandler;
    private bool _isErrorHandlerStopping;
    private bool _isHandling;

    /// <summary>Starts the thread that runs the driver's error handler. It runs when all commands in flight have failed, or when the
    /// driver asked for it and none is left.</summary>
    internal nint StartErrorHandler()
    {
        _errorHandler = _kernel.Scheduler.StartThread($"scsi_eh_{Host.host_no}", HandleErrors);
        return _errorHandler.Task.Address;
    }

    /// <summary>Lets the thread end. It does not touch the host any more.</summary>
    internal void StopErrorHandler()
    {
        _isErrorHandlerStopping = true;
        Wake();
    }

    /// <summary>The driver asks for its error handler.</summary>
    internal void ScheduleErrorHandler()
    {
        var host = Host;
        if (!TrySetState(ScsiHostState.Recovery) && !TrySetState(ScsiHostState.CancelRecovery))
            return;
        host.host_eh_scheduled++;
        WakeErrorHandlerIfReady();
    }

    /// <summary>Changes the host's state if the kernel's rules allow it (drivers/scsi/hosts.c, scsi_host_set_state).</summary>
    internal bool TrySetState(ScsiHostState state)
    {
        var host = Host;
        var old = host.shost_state;
        bool isLegal = state == old || (state, old) is
            (ScsiHostState.Running, ScsiHostState.Created or ScsiHostState.Recovery)
            or (ScsiHostState.Recovery, ScsiHostState.Running)
            or (ScsiHostState.Cancel, ScsiHostState.Created or ScsiHostState.Running or ScsiHostState.CancelRecovery)
            or (ScsiHostState.Deleted, ScsiHostState.Cancel or ScsiHostState.DeleteRecovery)
            or (ScsiHostState.CancelRecovery, ScsiHostState.Cancel or ScsiHostState.Recovery)
            or (ScsiHostState.DeleteRecovery, ScsiHostState.CancelRecovery);
        if (isLegal)
            host.shost_state = state;
        return isLegal;
    }

    /// <summary>What the error handler is through with is sent again or finished (drivers/scsi/scsi_error.c, scsi_eh_flush_done_q).</summary>
    internal void FinishHandled(ScsiSlot slot)
    {
        var command = slot.Command;
        if (command.device.IsOnline && ScsiResult.MayRetry(command))
        {
            SendAgain(slot);
            return;
        }
        if (command.result == 0)
            command.result = ScsiResult.From(HostByte.TimeOut);
        FinishCommand(slot);
    }

    private void CheckDeadlines()
    {
        _areDeadlinesPosted = false;
        long now = _kernel.Cpu.Now;
        long next = L4.Clock.Never;
        foreach (var slot in _slots)
        {
            if (!slot.IsInFlight || slot.IsOver)
                continue;
            if (slot.Deadline <= now)
                TimeOut(slot, now);
            if (slot is { IsInFlight: true, IsOver: false })
                next = Math.Min(next, slot.Deadline);
        }
        if (next != L4.Clock.Never)
            _deadlines.Set(next);
    }

    private void TimeOut(ScsiSlot slot, long now)
    {
        if (_timedOut != 0 && unchecked((int)_kernel.Call(_timedOut, slot.Command.Address)) == ResetTimer)
        {
            slot.Deadline = now + slot.Timeout;
            return;
        }
        slot.IsOver = true;
        var command = slot.Command;
        // The driver's own errors come this way too, with a result that it sets later (blk_abort_request).
        command.result = (command.result & ~(0xff << 16)) | ScsiResult.From(HostByte.TimeOut);
        HandToErrorHandler(slot);
    }

    private void HandToErrorHandler(ScsiSlot slot)
    {
        var host = Host;
        if (!TrySetState(ScsiHostState.Recovery) && !TrySetState(ScsiHostState.CancelRecovery))
            throw new KernelFaultException($"host {host.host_no} in state {host.shost_state} has a failed command");
        host.eh_cmd_q.AddTail(slot.Command.eh_entry);
        host.host_failed++;
        WakeErrorHandlerIfReady();
    }

    private void WakeErrorHandlerIfReady()
    {
        // The handler's own waits are not to be cut short.
        if (!_isHandling && Host.InRecovery && IsErrorHandlerDue())
            Wake();
    }

    private bool IsErrorHandlerDue() => (Host.host_failed != 0 || Host.host_eh_scheduled != 0) && Host.host_failed == Busy;

    private void Wake()
    {
        if (_errorHandler is { HasEnded: false, Host: not null } thread)
            Scheduler.Wake(thread);
    }

    private void HandleErrors()
    {
        while (!_isErrorHandlerStopping)
        {
            if (!IsErrorHandlerDue())
            {
                _kernel.Scheduler.Wait();
                continue;
            }
            nint handler = Host.transportt.IsNull ? 0 : Host.transportt.eh_strategy_handler;
            if (handler == 0)
                throw new KernelFaultException($"host {Host.host_no} ({Host.hostt.name}) brings no error handler of its own, and this shim has none");
            _isHandling = true;
            _kernel.Call(handler, Host.Address);
            _isHandling = false;
            var host = Host;
            host.host_failed = 0;
            Restart();
        }
    }

    private void Restart()
    {
        if (!TrySetState(ScsiHostState.Running) && !TrySetState(ScsiHostState.Cancel))
            TrySetState(ScsiHostState.Deleted);
        Unblock();
        Dispatch();
        // Asked for again meanwhile: what was held up had its chance, now the handler runs once more.
        if (Host.host_eh_scheduled != 0 && !TrySetState(ScsiHostState.Recovery))
            TrySetState(ScsiHostState.CancelRecovery);
    }
}
