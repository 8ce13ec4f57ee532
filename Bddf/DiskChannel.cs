using L4;

namespace Bddf;

/// <summary>The framework's end of one channel to a disk.</summary>
internal sealed class DiskChannel
{
    private readonly L4Task _task;
    private readonly DiskChannelProxy _proxy;
    private readonly Capability _completionPortal;
    private readonly ChannelSetup _setup;
    private readonly Mapping _mapping;
    private readonly Notification _doorbell;
    private bool _isClosed;

    /// <param name="task">The framework's task.</param>
    /// <param name="driver">The disk's driver.</param>
    /// <param name="disk">The disk's index there.</param>
    /// <param name="completions">Entered by the driver, on its thread.</param>
    /// <param name="entries">Entries of the ring.</param>
    /// <exception cref="ServiceException">The driver refuses, is gone, or offers a ring that cannot be.</exception>
    public DiskChannel(L4Task task, IDiskDriver driver, uint disk, IPortalHandler completions, uint entries)
    {
        _task = task;
        _completionPortal = task.CreatePortal(completions);
        _proxy = new DiskChannelProxy(task, driver.OpenChannel(disk, _completionPortal, entries));
        _setup = _proxy.Setup();
        _mapping = task.Map(_setup.Ring);
        Ring = new RingRequester(_mapping, entries);
        _doorbell = task.Open<Notification>(_setup.Doorbell, CapabilityRights.Write);
    }

    /// <summary>Requests and completions.</summary>
    public RingRequester Ring { get; }

    /// <summary>Tells the driver that requests were published.</summary>
    public void RingDoorbell() => _doorbell.Signal(_setup.DoorbellBits);

    /// <summary>See <see cref="IDiskChannel.AttachBuffer"/>.</summary>
    public uint AttachBuffer(Capability dataspace)
    {
        uint buffer = _proxy.AttachBuffer(dataspace);
        return buffer != 0 ? buffer : throw new ServiceException(ServiceError.ServerFault, "the disk driver gave a buffer the number 0, which means no buffer");
    }

    /// <summary>See <see cref="IDiskChannel.DetachBuffer"/>; a driver that is gone has let go of it already.</summary>
    public void DetachBuffer(uint buffer)
    {
        try
        {
            _proxy.DetachBuffer(buffer);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // What died holds nothing.
        }
    }

    /// <summary>See <see cref="IDiskChannel.Close"/>. A driver that is gone has nothing left to end; one that cannot end the channel is
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
                _task.System.Events.Report("bddf", "channel-not-closed", $"the disk driver did not close a channel: {exception.Message}");
        }
    }

    /// <summary>Gives everything up. No thread uses the channel any more.</summary>
    public void Free()
    {
        _mapping.Dispose();
        _task.Release(_setup.Ring);
        _task.Release(_setup.Doorbell);
        _task.Release(_proxy.Gate);
        _task.Release(_completionPortal);
    }
}
