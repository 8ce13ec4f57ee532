namespace DdeLinux;

/// <summary>How a command that somebody waited for ended.</summary>
/// <param name="Result">Host and status byte; 0 when all went well, negative when the command could not be sent.</param>
/// <param name="Sense">The sense data, empty when there is none.</param>
/// <param name="Residue">Bytes that were asked for and not transferred.</param>
internal readonly record struct ScsiOutcome(int Result, byte[] Sense, uint Residue)
{
    internal bool IsGood => Result == 0;

    /// <summary>Key, code and qualifier; all 0 when there is no sense data.</summary>
    internal SenseTriple Triple => SenseData.TryRead(Sense, out var sense) ? sense : default;
}

/// <summary>One command with one data buffer that a thread waits for.</summary>
internal sealed class ScsiExecution : ScsiRequest
{
    /// <summary>SD_TIMEOUT (drivers/scsi/sd.h).</summary>
    internal const long DefaultTimeout = 30_000_000_000;

    /// <summary>SD_MAX_RETRIES.</summary>
    internal const int DefaultRetries = 5;

    private readonly KernelThread _waiter;
    private readonly byte[] _block;
    private readonly DataDirection _direction;
    private readonly nint _buffer;
    private readonly uint _bytes;
    private readonly long _timeout;
    private readonly int _retries;
    private readonly LinuxKernel _kernel;
    private bool _isOver;
    private ScsiOutcome _outcome;

    private ScsiExecution(LinuxKernel kernel, KernelThread waiter, byte[] block, DataDirection direction, nint buffer, uint bytes, long timeout, int retries)
    {
        _kernel = kernel;
        _waiter = waiter;
        _block = block;
        _direction = direction;
        _buffer = buffer;
        _bytes = bytes;
        _timeout = timeout;
        _retries = retries;
    }

    /// <summary>Sends a command and sleeps until it ended.</summary>
    /// <param name="kernel">The domain's kernel.</param>
    /// <param name="unit">Whom it is for.</param>
    /// <param name="block">The command descriptor block.</param>
    /// <param name="direction">Where data goes.</param>
    /// <param name="buffer">The data, in the arena; may be 0 when there is none.</param>
    /// <param name="bytes">Bytes of data.</param>
    /// <param name="timeout">Nanoseconds that it may take.</param>
    /// <param name="retries">How often it may be retried.</param>
    internal static ScsiOutcome Run(
        LinuxKernel kernel,
        ScsiUnit unit,
        ReadOnlySpan<byte> block,
        DataDirection direction,
        nint buffer,
        uint bytes,
        long timeout = DefaultTimeout,
        int retries = DefaultRetries)
    {
        var waiter = kernel.Scheduler.RequireSleeper("a SCSI command");
        var execution = new ScsiExecution(kernel, waiter, block.ToArray(), direction, buffer, bytes, timeout, retries);
        unit.Submit(execution);
        while (!execution._isOver)
            kernel.Scheduler.Wait();
        return execution._outcome;
    }

    /// <inheritdoc />
    internal override bool Prepare(ScsiSlot slot)
    {
        uint operation = _direction == DataDirection.FromDevice ? Request.OperationDriverIn : Request.OperationDriverOut;
        slot.SetCommand(_block, operation, _bytes == 0 ? DataDirection.None : _direction, _timeout, _retries);
        var request = slot.Request;
        request.rq_flags = Request.Quiet;
        if (_bytes == 0)
            return true;
        uint attached = slot.SetData(_kernel.Arena.BusAddress(_buffer), _bytes, QueueLimits.Of(slot.Unit!.Queue), 1);
        if (attached == _bytes)
            return true;
        End(new ScsiOutcome(-Errno.EINVAL, [], _bytes));
        return false;
    }

    /// <inheritdoc />
    internal override void Finish(ScsiUnit unit, ScsiSlot? slot)
    {
        if (slot is null)
        {
            End(new ScsiOutcome(ScsiResult.From(HostByte.NoConnect), [], _bytes));
            return;
        }
        bool hasSense = SenseData.IsPresent(slot.Sense);
        End(new ScsiOutcome(slot.Result, hasSense ? slot.Sense.ToArray() : [], slot.Command.resid_len));
    }

    private void End(ScsiOutcome outcome)
    {
        _outcome = outcome;
        _isOver = true;
        Scheduler.Wake(_waiter);
    }
}
