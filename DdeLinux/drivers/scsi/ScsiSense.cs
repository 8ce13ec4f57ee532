using System.Globalization;
using System.Text;

namespace DdeLinux;

/// <summary>Sense data and command descriptor blocks, as drivers build and print them.</summary>
internal sealed partial class ScsiSense(LinuxKernel kernel) : IVariableOwner
{
    /// <inheritdoc />
    public void Define(VariableTable variables) =>
        ScsiOpcode.Lengths.CopyTo(kernel.Memory.Span<byte>(variables.Define("scsi_command_size_tbl", ScsiOpcode.Lengths.Length), ScsiOpcode.Lengths.Length));

    /// <summary>Ends a command with CHECK CONDITION and sense data.</summary>
    [KernelFunction]
    public void scsi_build_sense(ScsiCommand command, int descriptor, byte key, byte code, byte qualifier)
    {
        SenseData.Build(BufferOf(command), descriptor != 0, new SenseTriple(key, code, qualifier));
        command.result = (int)ScsiStatus.CheckCondition;
    }

    [KernelFunction]
    public int scsi_set_sense_information(nint buffer, int length, ulong information) =>
        SenseData.TrySetInformation(kernel.Memory.Span<byte>(buffer, length), information) ? 0 : -Errno.EINVAL;

    [KernelFunction]
    public int scsi_set_sense_field_pointer(nint buffer, int length, ushort field, byte bit, bool inCommand) =>
        SenseData.TrySetFieldPointer(kernel.Memory.Span<byte>(buffer, length), field, bit, inCommand) ? 0 : -Errno.EINVAL;

    /// <summary>The address of a descriptor, or null.</summary>
    [KernelFunction]
    public nint scsi_sense_desc_find(nint buffer, int length, int type)
    {
        int at = SenseData.FindDescriptor(kernel.Memory.Span<byte>(buffer, length), (byte)type);
        return at < 0 ? 0 : buffer + at;
    }

    /// <summary>Prints a command descriptor block; the result is the length printed.</summary>
    [KernelFunction]
    public nuint __scsi_format_command(nint buffer, nuint size, nint block, nuint length)
    {
        if (size == 0 || length == 0)
            return 0;
        var bytes = kernel.Memory.Span<byte>(block, (int)length);
        bytes = bytes[..Math.Min(bytes.Length, ScsiOpcode.LengthOf(bytes[0]))];
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"cdb[0]=0x{bytes[0]:x}:");
        foreach (byte value in bytes)
            text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
        var target = kernel.Memory.Span<byte>(buffer, (int)size);
        int printed = Math.Min(text.Length, target.Length - 1);
        Encoding.ASCII.GetBytes(text.ToString().AsSpan(0, printed), target);
        target[printed] = 0;
        return (nuint)printed;
    }

    /// <summary>What a command's sense data asks for.</summary>
    [KernelFunction]
    public int scsi_check_sense(ScsiCommand command) => (int)Check(command);

    /// <inheritdoc cref="scsi_check_sense"/>
    internal ScsiDisposition Check(ScsiCommand command)
    {
        var buffer = BufferOf(command);
        if (!SenseData.TryRead(buffer, out var sense))
            return ScsiDisposition.Failed;
        if (SenseData.IsDeferred(buffer))
            return ScsiDisposition.NeedsRetry;
        // Who asks whether a unit is ready wants the answer, not a recovery.
        if (ScsiResult.Opcode(command) == ScsiOpcode.TestUnitReady)
            return ScsiDisposition.Success;
        var device = command.device;
        switch (sense.Key)
        {
            case SenseData.KeyAborted:
                // 10h: the protection information is wrong, and stays so.
                return sense.Code == 0x10 ? ScsiDisposition.Success : ScsiDisposition.NeedsRetry;
            case SenseData.KeyNotReady or SenseData.KeyUnitAttention:
                if (device.expecting_cc_ua && sense is not { Code: 0x28, Qualifier: 0 })
                {
                    device.expecting_cc_ua = false;
                    return ScsiDisposition.NeedsRetry;
                }
                return sense switch
                {
                    // Becoming ready.
                    { Code: 0x04, Qualifier: 0x01 } => ScsiDisposition.NeedsRetry,
                    // Stopped: the error handler may start it.
                    { Code: 0x04, Qualifier: 0x02 } when device.allow_restart => ScsiDisposition.Failed,
                    _ => ScsiDisposition.Success,
                };
            case SenseData.KeyMedium:
                // Unrecovered read error, address mark not found, record not found: trying again changes nothing.
                return sense.Code is 0x11 or 0x13 or 0x14 ? ScsiDisposition.Success : ScsiDisposition.NeedsRetry;
            case SenseData.KeyHardware:
                return device.retry_hwerror ? ScsiDisposition.AddToQueue : ScsiDisposition.Success;
            default:
                return ScsiDisposition.Success;
        }
    }

    private Span<byte> BufferOf(ScsiCommand command) => kernel.Memory.Span<byte>(command.sense_buffer, ScsiCommand.SenseBytes);
}

public sealed partial class LinuxKernel
{
    internal ScsiSense ScsiSense => field ??= new ScsiSense(this);
}
