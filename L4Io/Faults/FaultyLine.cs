namespace L4Io;

/// <summary>An interrupt line of a <see cref="FaultyMachine"/>. Called by one thread at a time, as the line is.</summary>
internal sealed class FaultyLine(FaultyMachine machine, uint line, IInterruptSink sink) : IInterruptSink
{
    private bool _isLost;

    /// <inheritdoc />
    public void SetLevel(bool asserted)
    {
        if (asserted && machine.Strikes(MachineFault.LostInterrupt) is not null)
        {
            _isLost = true;
            machine.Report($"an interrupt of line {line} is lost");
            return;
        }
        if (!asserted && _isLost)
        {
            _isLost = false;
            return;
        }
        if (asserted && machine.Late.Hold(sink))
            return;
        if (!asserted && machine.Late.Release(sink))
            return;
        sink.SetLevel(asserted);
        if (!asserted && machine.Strikes(MachineFault.DuplicatedInterrupt) is not null)
        {
            machine.Report($"an interrupt of line {line} comes twice");
            sink.SetLevel(true);
            sink.SetLevel(false);
        }
    }
}
