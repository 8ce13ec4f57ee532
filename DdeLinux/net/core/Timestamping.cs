namespace DdeLinux;

/// <summary>Time stamps of frames by the PHY. No PHY here has a driver of its own that takes any.</summary>
internal sealed partial class Timestamping
{
    /// <summary>Offers a frame that is transmitted to the PHY. It would take those of sockets that asked for a stamp; no frame here has one.</summary>
    [KernelFunction]
    public void skb_clone_tx_timestamp(SkBuff frame)
    {
    }

    /// <summary>Offers a received frame to the PHY; true when that keeps it.</summary>
    [KernelFunction]
    public bool skb_defer_rx_timestamp(SkBuff frame) => false;
}

public sealed partial class LinuxKernel
{
    internal Timestamping Timestamping => field ??= new Timestamping();
}
