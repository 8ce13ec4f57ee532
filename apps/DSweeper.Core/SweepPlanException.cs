namespace DSweeper.Core;

/// <summary>Why a plan cannot be made.</summary>
public enum SweepPlanProblem
{
    /// <summary>The names chosen do not make sense together, or do not exist.</summary>
    Selection,

    /// <summary>The partition is unknown because the table of its disk is in error.</summary>
    PartitionTable,

    /// <summary>The disk is gone.</summary>
    Gone,

    /// <summary>What is there now is not what was chosen.</summary>
    Changed,
}

/// <summary>A plan cannot be made from what is there. The message is one line with names and numbers.</summary>
public sealed class SweepPlanException : Exception
{
    /// <param name="problem">The kind.</param>
    /// <param name="message">One line.</param>
    public SweepPlanException(SweepPlanProblem problem, string message)
        : base(message) => Problem = problem;

    /// <summary>The kind.</summary>
    public SweepPlanProblem Problem { get; }
}
