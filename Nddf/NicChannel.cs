using L4;

namespace Nddf;

/// <summary>The framework's end of one channel to a card.</summary>
internal sealed class NicChannel
{
    private readonly L4Task _task;
    private readonly Capability _portal;
    private readonly Capability _ringDataspace;
    private readonly Mapping _mapping;
    private readonly NicChannelSetup _setup;
    private readonly NicChannelProxy _proxy;
    private readonly Notification _doorbell;
    private bool _isClosed;

    /// <param name="task">The framework's task.</param>
    /// <param name="nic">The card.</param>
    /// <param name="direction">Which way the frames go.</param>
    /// <param name="promiscuous">Whether all frames on the wire are wanted.</param>
    /// <param name="frames">The frames' memory, with no more rights than the direction needs.</param>
    /// <param name="slots">Slots in it.</param>
    /// <param name="completions">Entered by the driver, on its thread.</param>
    /// <exception cref="ServiceException">The driver refuses, is gone, or answers nonsense.</exception>
    public NicChannel(L4Task task, Nic nic, NicDirection direction, bool promiscuous, Capability frames, uint slots, IPortalHandler completions)
    {
        _task = task;
        _portal = task.CreatePortal(completions);
        _ringDataspace = task.CreateDataspace("nic-channel-ring", FrameRing.BytesFor(slots));
        _mapping = task.Map(_ringDataspace);
        Ring = new FrameSubmitter(_mapping, slots);
        try
        {
            _setup = nic.Driver.Service.OpenChannel(nic.Index, direction, promiscuous, frames, slots, _ringDataspace, _portal);
            _proxy = new NicChannelProxy(task, _setup.Gate);
            _doorbell = task.Open<Notification>(_setup.Doorbell, CapabilityRights.Write);
        }
        catch
        {
            FreeOwn();
            throw;
        }
    }

    /// <summary>The driver's ring.</summary>
    public FrameSubmitter Ring { get; }

    /// <summary>Tells the driver that frames were handed over.</summary>
    public void RingDoorbell() => _doorbell.Signal(_setup.DoorbellBits);

    /// <summary>See <see cref="INicChannel.Close"/>. A driver that is gone has nothing left to end; one that cannot end the channel is
    /// reported, and does not keep the framework from ending it. Closing twice does no harm.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        try
        {
            _proxy.Close();
        }
        catch (ServiceException exception)
        {
            if (exception.Error != ServiceError.ServerGone)
                _task.System.Events.Report("nddf", "channel-not-closed", $"the network driver did not close a channel: {exception.Message}");
        }
    }

    /// <summary>Gives everything up. No thread uses the channel any more.</summary>
    public void Free()
    {
        _task.Release(_setup.Gate);
        _task.Release(_setup.Doorbell);
        FreeOwn();
    }

    private void FreeOwn()
    {
        _mapping.Dispose();
        _task.Release(_ringDataspace);
        _task.Release(_portal);
    }
}
