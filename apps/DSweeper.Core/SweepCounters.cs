namespace DSweeper.Core;

/// <summary>What the engine's thread counts and other threads look at. One writer; the wish to stop comes from anywhere.</summary>
internal sealed class SweepCounters
{
    private ulong _phaseBytes;
    private ulong _totalBytes;
    private ulong _faultySectors;
    private int _target;
    private int _phase;
    private bool _canceled;

    internal int Target => Volatile.Read(ref _target);

    internal SweepPhase Phase => (SweepPhase)Volatile.Read(ref _phase);

    internal ulong PhaseBytes => Volatile.Read(ref _phaseBytes);

    internal ulong TotalBytes => Volatile.Read(ref _totalBytes);

    internal ulong FaultySectors => Volatile.Read(ref _faultySectors);

    internal bool IsCanceled => Volatile.Read(ref _canceled);

    internal void Cancel() => Volatile.Write(ref _canceled, true);

    internal void BeginTarget(int index) => Volatile.Write(ref _target, index);

    internal void BeginPhase(SweepPhase phase)
    {
        Volatile.Write(ref _phaseBytes, 0);
        Volatile.Write(ref _phase, (int)phase);
    }

    /// <summary>Bytes that the phase is through with, whether well or ill.</summary>
    internal void Advance(ulong bytes)
    {
        Volatile.Write(ref _phaseBytes, _phaseBytes + bytes);
        Volatile.Write(ref _totalBytes, _totalBytes + bytes);
    }

    internal void AddFaulty(ulong sectors) => Volatile.Write(ref _faultySectors, _faultySectors + sectors);
}
