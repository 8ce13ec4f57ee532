namespace DdeLinux;

/// <summary>A driver did what ends its domain: where a kernel would stop or be corrupted in silence. The text says what, where, and the numbers.</summary>
public sealed class KernelPanicException : Exception
{
    /// <param name="message">One line.</param>
    public KernelPanicException(string message)
        : base(message)
    {
    }
}
