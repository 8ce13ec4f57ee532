namespace DdeKit.Foreign.Btf;

/// <summary>Type information that is damaged or not for this machine. The message is one line: which file, what, the number.</summary>
public sealed class BadBtfException : Exception
{
    /// <param name="name">Whose type information it is, e.g. <c>vmlinux</c> or <c>libata</c>.</param>
    /// <param name="problem">What is wrong, with the number.</param>
    public BadBtfException(string name, string problem) : base($"{name}: type information (BTF): {problem}")
    {
    }
}
