namespace DdeLinux;

/// <summary>What state the system is in: running, from a domain's first day to its last.</summary>
internal sealed unsafe partial class SystemState : IVariableOwner
{
    /// <inheritdoc />
    public void Define(VariableTable variables) =>
        *(int*)variables.Define("system_state", sizeof(int), sizeof(int)) = (int)KernelTypes.Current.EnumValue("SYSTEM_RUNNING");

    /// <summary>Never: domains are ended, not put to sleep.</summary>
    [KernelFunction]
    public bool system_entering_hibernation() => false;
}

public sealed partial class LinuxKernel
{
    internal SystemState SystemState => field ??= new SystemState();
}
