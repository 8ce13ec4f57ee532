namespace DdeLinux;

/// <summary>The firmware's table of board and vendor names, for drivers that know odd machines. A domain has a device and no machine:
/// nothing matches.</summary>
internal sealed partial class Dmi
{
    /// <summary>How many entries of a list describe this machine.</summary>
    [KernelFunction]
    public int dmi_check_system(nint list) => 0;

    /// <summary>The first entry of a list that describes this machine.</summary>
    [KernelFunction]
    public nint dmi_first_match(nint list) => 0;

    /// <summary>Whether a field of the table has this value.</summary>
    [KernelFunction]
    public bool dmi_match(int field, nint text) => false;
}

public sealed partial class LinuxKernel
{
    internal Dmi Dmi => field ??= new Dmi();
}
