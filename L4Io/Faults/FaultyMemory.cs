namespace L4Io;

/// <summary>The memory that a bus master of a <see cref="FaultyMachine"/> reaches.</summary>
internal sealed class FaultyMemory(FaultyMachine machine, IDmaMemory memory) : IDmaMemory
{
    private const int LongestDelayMilliseconds = 20;

    /// <inheritdoc />
    public bool TryAccess(ulong address, int length, DmaAccess access, out Span<byte> bytes)
    {
        if (machine.Strikes(MachineFault.FailedDma) is not null)
        {
            machine.Report($"{access} of {length} bytes at bus address 0x{address:x} fails");
            bytes = default;
            return false;
        }
        if (!memory.TryAccess(address, length, access, out bytes))
            return false;
        if (access == DmaAccess.Write && machine.Strikes(MachineFault.DelayedDma) is { } random)
        {
            int delay = 1 + random.Next(LongestDelayMilliseconds);
            bytes = machine.Late.Begin(memory, address, bytes, delay);
            machine.Report($"{length} bytes for bus address 0x{address:x} arrive {delay} ms late");
        }
        return true;
    }
}
