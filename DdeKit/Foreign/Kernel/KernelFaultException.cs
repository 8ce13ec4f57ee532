namespace DdeKit.Foreign;

/// <summary>A driver handed over a pointer that does not lie in the domain's memory, or broke a structure that the kernel keeps there.</summary>
public sealed class KernelFaultException : Exception
{
    /// <param name="message">One line that names the thing, its address and what is wrong.</param>
    public KernelFaultException(string message)
        : base(message)
    {
    }
}
