namespace DdeLinux;

/// <summary>Encryption of memory against the machine's owner.</summary>
internal sealed partial class ConfidentialComputing
{
    /// <summary>Whether the machine encrypts memory in some way: a domain's is plain.</summary>
    [KernelFunction]
    public bool cc_platform_has(int attribute) => false;
}

public sealed partial class LinuxKernel
{
    internal ConfidentialComputing ConfidentialComputing => field ??= new ConfidentialComputing();
}
