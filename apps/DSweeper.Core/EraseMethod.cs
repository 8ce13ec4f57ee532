namespace DSweeper.Core;

/// <summary>What takes the place of the data.</summary>
public enum EraseMethod
{
    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>A stream that nobody can predict, keyed anew for each run.</summary>
    Random,
}

/// <summary>Whether a run changes anything.</summary>
public enum SweepMode
{
    /// <summary>The whole plan runs with reads in the place of writes; the sessions hold no right to write.</summary>
    ReadOnly,

    /// <summary>The data is overwritten.</summary>
    Write,
}

/// <summary>What a run is doing to its current target.</summary>
public enum SweepPhase
{
    /// <summary>Reading what a write run would overwrite.</summary>
    Rehearse,

    /// <summary>Overwriting.</summary>
    Write,

    /// <summary>Making the disk put on the medium what it still holds in its cache.</summary>
    Flush,

    /// <summary>Reading back and comparing; in read-only mode reading a second time, since there is nothing to compare with.</summary>
    Verify,
}
