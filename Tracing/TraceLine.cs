using Registers;

namespace Tracing;

/// <summary>Something that a trace tells of, decoded.</summary>
/// <param name="Time">The clock's time in nanoseconds.</param>
/// <param name="Task">The driver's task.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Site">The place in the driver, <c>ata_bmdma_start+0x2c [libata]</c>: who made the access, or the interrupt's handler; empty when
/// it was the shim's own.</param>
/// <param name="Space">The address space of the register.</param>
/// <param name="Address">The register's configuration offset, port or physical address; the line of an interrupt.</param>
/// <param name="Width">Bytes of one access.</param>
/// <param name="Value">What was read or is written; the bytes of a block.</param>
/// <param name="Registers">The registers that were reached; for an interrupt one, which is what the line is called.</param>
public sealed record TraceLine(
    long Time, string Task, TraceKind Kind, string Site, PciSpace Space, ulong Address, int Width, ulong Value, IReadOnlyList<DecodedRegister> Registers)
{
    /// <summary>The registers' names: <c>piix.primary.taskfile.status</c>, or of several <c>piix.configuration.{vendorId,deviceId}</c>.</summary>
    public string RegisterPath
    {
        get
        {
            if (Registers.Count == 1)
                return Registers[0].Path;
            string block = Registers[0].Path[..(Registers[0].Path.LastIndexOf('.') + 1)];
            return block.Length > 0 && Registers.All(r => r.Path.StartsWith(block, StringComparison.Ordinal))
                ? $"{block}{{{string.Join(',', Registers.Select(r => r.Path[block.Length..]))}}}"
                : string.Join(',', Registers.Select(r => r.Path));
        }
    }

    /// <summary>The values in the device's words, in the order of the registers.</summary>
    public string Text => string.Join(", ", Registers.Select(r => r.Text));

    /// <summary>Whether data goes to the device.</summary>
    public bool IsWrite => Kind is TraceKind.Write or TraceKind.WriteBlock;

    /// <summary>Whether it is the transfer of a block.</summary>
    public bool IsBlock => Kind is TraceKind.ReadBlock or TraceKind.WriteBlock;

    /// <summary>Whether it is an interrupt's.</summary>
    public bool IsInterrupt => Kind is TraceKind.Interrupt or TraceKind.UnhandledInterrupt;
}
