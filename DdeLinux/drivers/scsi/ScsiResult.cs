namespace DdeLinux;

/// <summary>The host byte of a command's result: what the host adapter has to say (scsi/scsi_status.h).</summary>
internal enum HostByte
{
    Ok = 0,
    NoConnect = 1,
    BusBusy = 2,
    TimeOut = 3,
    BadTarget = 4,
    Abort = 5,
    Parity = 6,
    Error = 7,
    Reset = 8,
    PassThrough = 0xa,
    SoftError = 0xb,
    ImmediateRetry = 0xc,
    Requeue = 0xd,
    TransportDisrupted = 0xe,
    TransportFailFast = 0xf,
    TransportMarginal = 0x14,
}

/// <summary>The status byte: what the logical unit has to say (SAM-5, 5.3.1).</summary>
internal enum ScsiStatus
{
    Good = 0,
    CheckCondition = 2,
    ConditionMet = 4,
    Busy = 8,
    Intermediate = 0x10,
    IntermediateConditionMet = 0x14,
    ReservationConflict = 0x18,
    CommandTerminated = 0x22,
    TaskSetFull = 0x28,
    AutoContingentAllegiance = 0x30,
    TaskAborted = 0x40,
}

/// <summary>What is to be done with a command that ended; the numbers are the kernel's (scsi/scsi.h).</summary>
internal enum ScsiDisposition
{
    NeedsRetry = 0x2001,
    Success = 0x2002,
    Failed = 0x2003,
    AddToQueue = 0x2006,
}

/// <summary>Taking results apart, and the decision what follows from them.</summary>
internal static class ScsiResult
{
    internal static HostByte Host(int result) => (HostByte)((result >> 16) & 0xff);

    internal static ScsiStatus Status(int result) => (ScsiStatus)(result & 0xff);

    internal static int From(HostByte host) => (int)host << 16;

    /// <summary>What follows from a result. Failed hands the command to the error handler.</summary>
    /// <param name="command">The command; its retry count goes up when it is to be retried for an error of its own.</param>
    /// <param name="check">Looks at the sense data.</param>
    internal static ScsiDisposition Decide(ScsiCommand command, Func<ScsiCommand, ScsiDisposition> check)
    {
        int result = command.result;
        if (result == 0)
            return ScsiDisposition.Success;
        if (!command.device.IsOnline)
            return ScsiDisposition.Success;
        switch (Host(result))
        {
            case HostByte.Ok:
                break;
            case HostByte.PassThrough:
                command.result = result & ~(0xff << 16);
                return ScsiDisposition.Success;
            case HostByte.ImmediateRetry:
                return ScsiDisposition.NeedsRetry;
            case HostByte.Requeue:
                return ScsiDisposition.AddToQueue;
            case HostByte.Error when Status(result) == ScsiStatus.ReservationConflict:
                return ScsiDisposition.Success;
            case HostByte.Error or HostByte.SoftError or HostByte.BusBusy or HostByte.Parity or HostByte.TransportDisrupted:
                return RetryOrGiveUp(command);
            case HostByte.TimeOut:
                // While a bus is scanned a time-out means that nobody is there, and needs no recovery.
                return Opcode(command) is ScsiOpcode.TestUnitReady or ScsiOpcode.Inquiry ? ScsiDisposition.Success : ScsiDisposition.Failed;
            case HostByte.NoConnect or HostByte.BadTarget or HostByte.Abort or HostByte.Reset or HostByte.TransportFailFast or HostByte.TransportMarginal:
                return ScsiDisposition.Success;
            default:
                return ScsiDisposition.Failed;
        }
        switch (Status(result))
        {
            case ScsiStatus.TaskSetFull or ScsiStatus.Busy:
                return ScsiDisposition.AddToQueue;
            case ScsiStatus.TaskAborted:
                return RetryOrGiveUp(command);
            case ScsiStatus.CheckCondition:
                var disposition = check(command);
                return disposition == ScsiDisposition.NeedsRetry ? RetryOrGiveUp(command) : disposition;
            case ScsiStatus.Good or ScsiStatus.CommandTerminated or ScsiStatus.ReservationConflict or ScsiStatus.ConditionMet or ScsiStatus.Intermediate
                or ScsiStatus.IntermediateConditionMet or ScsiStatus.AutoContingentAllegiance:
                return ScsiDisposition.Success;
            default:
                return ScsiDisposition.Failed;
        }
    }

    /// <summary>Whether a command may be tried again; that counts.</summary>
    internal static bool MayRetry(ScsiCommand command)
    {
        if (IsNeverRetried(command))
            return false;
        return ++command.retries <= command.allowed;
    }

    internal static byte Opcode(ScsiCommand command) => LinuxKernel.Current.Memory.At<byte>(command.cmnd);

    /// <summary>Commands that are not the block layer's are not retried after a time-out or for their sense data: who sent them decides.</summary>
    private static bool IsNeverRetried(ScsiCommand command)
    {
        var host = Host(command.result);
        if (host != HostByte.TimeOut && Status(command.result) != ScsiStatus.CheckCondition)
            return false;
        if (host is HostByte.BusBusy or HostByte.Parity or HostByte.Error or HostByte.SoftError)
            return false;
        uint operation = RequestOf(command).cmd_flags & 0xff;
        return operation is Request.OperationDriverIn or Request.OperationDriverOut;
    }

    /// <summary>The request that precedes a command.</summary>
    internal static Request RequestOf(ScsiCommand command) => new(LinuxKernel.Current.Memory.Check(command.Address - Request.Size, Request.Size));

    private static ScsiDisposition RetryOrGiveUp(ScsiCommand command) => MayRetry(command) ? ScsiDisposition.NeedsRetry : ScsiDisposition.Success;
}

/// <summary>Operation codes (SPC-4, SBC-3).</summary>
internal static class ScsiOpcode
{
    internal const byte TestUnitReady = 0x00;
    internal const byte Inquiry = 0x12;
    internal const byte ModeSense6 = 0x1a;
    internal const byte ReadCapacity10 = 0x25;
    internal const byte Read10 = 0x28;
    internal const byte Write10 = 0x2a;
    internal const byte SynchronizeCache10 = 0x35;
    internal const byte Read16 = 0x88;
    internal const byte Write16 = 0x8a;
    internal const byte ServiceActionIn16 = 0x9e;

    private static ReadOnlySpan<byte> GroupLengths => [6, 10, 10, 12, 16, 12, 10, 10];

    /// <summary>Bytes of a command by the group in the upper three bits of its operation code (SPC-4, 4.2.5.1).</summary>
    internal static int LengthOf(byte opcode) => GroupLengths[opcode >> 5];

    /// <summary>The table behind <see cref="LengthOf"/>.</summary>
    internal static ReadOnlySpan<byte> Lengths => GroupLengths;
}
