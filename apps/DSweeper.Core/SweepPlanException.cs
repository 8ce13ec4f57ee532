namespace DSweeper.Core;

/// <summary>A plan that cannot be made from what is there. The message is one line with names and numbers.</summary>
public sealed class SweepPlanException : Exception
{
    /// <param name="message">One line.</param>
    public SweepPlanException(string message)
        : base(message)
    {
    }
}
