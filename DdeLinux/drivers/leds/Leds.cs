namespace DdeLinux;

/// <summary>Lights that show activity. A domain has none.</summary>
internal sealed partial class Leds
{
    /// <summary>Blinks for a read or a write of a disk: there is nothing to blink.</summary>
    [KernelFunction]
    public void ledtrig_disk_activity(bool write)
    {
    }
}

public sealed partial class LinuxKernel
{
    internal Leds Leds => field ??= new Leds();
}
