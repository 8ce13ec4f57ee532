namespace DdeLinux;

/// <summary>Commands that drivers themselves send to a unit, for ioctls.</summary>
internal sealed partial class ScsiCommands(LinuxKernel kernel)
{
    /// <summary>Sends a command and waits for it. The result is the command's, or a negative error.</summary>
    [KernelFunction]
    public int __scsi_execute(
        ScsiDevice device, nint block, int direction, nint buffer, uint bytes, nint sense, ScsiSenseHeader header, int timeout, int retries, uint flags, uint requestFlags, nint residue)
    {
        byte opcode = kernel.Memory.At<byte>(block);
        var unit = kernel.ScsiHosts.Of(device.host).Units.FirstOrDefault(u => u.Device.Address == device.Address);
        if (unit is null)
            return -Errno.ENODEV;
        // The caller's buffer may lie on its stack, which the device does not reach.
        nint data = bytes == 0 ? 0 : kernel.AllocateOrPanic((int)bytes, "a SCSI command's data");
        if (bytes != 0)
            kernel.Memory.Span<byte>(buffer, (int)bytes).CopyTo(kernel.Memory.Span<byte>(data, (int)bytes));
        var outcome = ScsiExecution.Run(
            kernel,
            unit,
            kernel.Memory.Span<byte>(block, ScsiOpcode.LengthOf(opcode)),
            (DataDirection)direction,
            data,
            bytes,
            timeout * Timekeeping.TickNanoseconds,
            retries);
        if (bytes != 0)
        {
            uint valid = bytes - Math.Min(outcome.Residue, bytes);
            var target = kernel.Memory.Span<byte>(buffer, (int)bytes);
            kernel.Memory.Span<byte>(data, (int)valid).CopyTo(target);
            target[(int)valid..].Clear();
            kernel.Slab.kfree(data);
        }
        if (residue != 0)
            kernel.Memory.At<uint>(residue) = outcome.Residue;
        if (sense != 0 && outcome.Sense.Length != 0)
            outcome.Sense.CopyTo(kernel.Memory.Span<byte>(sense, ScsiCommand.SenseBytes));
        if (!header.IsNull)
            Fill(header, outcome.Sense);
        return outcome.Result;
    }

    private static void Fill(ScsiSenseHeader header, ReadOnlySpan<byte> sense)
    {
        _ = SenseData.TryRead(sense, out var triple);
        header.response_code = SenseData.IsPresent(sense) ? (byte)(sense[0] & 0x7f) : (byte)0;
        header.sense_key = triple.Key;
        header.asc = triple.Code;
        header.ascq = triple.Qualifier;
        header.additional_length = SenseData.IsPresent(sense) && SenseData.IsDescriptor(sense) ? sense[7] : (byte)0;
    }
}

public sealed partial class LinuxKernel
{
    internal ScsiCommands ScsiCommands => field ??= new ScsiCommands(this);
}
