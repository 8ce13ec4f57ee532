namespace DdeLinux;

/// <summary>The kernel's structures are not what the shim was written for.</summary>
public sealed class KernelLayoutException : Exception
{
    /// <param name="message">One line that names structure, field, widths and kernel release.</param>
    public KernelLayoutException(string message)
        : base(message)
    {
    }
}
