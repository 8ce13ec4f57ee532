using L4;

namespace Bddf;

/// <summary>A buffer, as the two who have to know it call it.</summary>
/// <param name="Driver">Its number at the driver; 0 when there is none.</param>
/// <param name="Guard">Its number at the guard; 0 when there is none.</param>
internal readonly record struct ChannelBuffer(uint Driver, uint Guard);

/// <summary>The framework's end of one channel to a disk.</summary>
internal sealed class DiskChannel
{
    private readonly L4Task _task;
    private readonly DiskChannelProxy _proxy;
    private readonly Capability _completionPortal;
    private readonly ChannelSetup _setup;
    private readonly Mapping _mapping;
    private readonly Notification _doorbell;
    private readonly ChannelAuthority? _authority;
    private readonly RingRequester _ring;
    private bool _isClosed;

    /// <param name="task">The framework's task.</param>
    /// <param name="driver">The disk's driver.</param>
    /// <param name="disk">The disk's index there.</param>
    /// <param name="info">The disk.</param>
    /// <param name="completions">Entered by the driver, on its thread.</param>
    /// <param name="entries">Entries of the ring.</param>
    /// <exception cref="ServiceException">The driver refuses, is gone, or offers a ring that cannot be.</exception>
    public DiskChannel(L4Task task, AttachedDriver driver, uint disk, DiskInfo info, IPortalHandler completions, uint entries)
    {
        _task = task;
        _authority = driver.Guard?.Open(driver, info, entries);
        _completionPortal = task.CreatePortal(completions);
        _proxy = new DiskChannelProxy(task, driver.Service.OpenChannel(disk, _completionPortal, entries));
        _setup = _proxy.Setup();
        _mapping = task.Map(_setup.Ring);
        _ring = new RingRequester(_mapping, entries);
        _doorbell = task.Open<Notification>(_setup.Doorbell, CapabilityRights.Write);
    }

    /// <summary>Authorises a request and writes it into the driver's ring, which the driver sees after <see cref="Publish"/>.</summary>
    /// <param name="request">The request; its buffer's number is set here.</param>
    /// <param name="buffer">Its buffer.</param>
    /// <returns>False when the ring is full.</returns>
    public bool TryWrite(in BlockRequest request, ChannelBuffer buffer)
    {
        _authority?.Authorise(request, buffer.Guard);
        if (_ring.TryWrite(request with { Buffer = buffer.Driver }))
            return true;
        _authority?.Retire(request.Tag);
        return false;
    }

    /// <summary>Shows the driver what was written, and tells it.</summary>
    public void Publish()
    {
        _ring.Publish();
        _doorbell.Signal(_setup.DoorbellBits);
    }

    /// <summary>Takes the next completion, if there is one.</summary>
    /// <param name="completion">What the driver says.</param>
    /// <param name="isTrue">False when it says that something was done which was not. What else is in it has not been checked.</param>
    public bool TryReap(out BlockCompletion completion, out bool isTrue)
    {
        isTrue = true;
        if (!_ring.TryReap(out completion))
            return false;
        isTrue = _authority?.Settle(completion) ?? true;
        return true;
    }

    /// <summary>The device may not do a request any more, which was answered without the driver.</summary>
    public void Retire(ulong tag) => _authority?.Retire(tag);

    /// <summary>The device may do none of the channel's requests any more.</summary>
    public void CloseAuthority() => _authority?.Close();

    /// <summary>See <see cref="IDiskChannel.AttachBuffer"/>.</summary>
    public ChannelBuffer AttachBuffer(Capability dataspace)
    {
        bool isWritable = _task.RightsOf(dataspace).HasFlag(CapabilityRights.Write);
        if (_authority is null)
            return new ChannelBuffer(AttachToDriver(dataspace, isWritable), 0);
        // The guard first: it is from there that the device gets the right to write.
        uint guardBuffer = _authority.AttachBuffer(dataspace);
        var readable = _task.Restrict(dataspace, CapabilityRights.Read);
        try
        {
            return new ChannelBuffer(AttachToDriver(readable, isWritable), guardBuffer);
        }
        catch
        {
            _authority.DetachBuffer(guardBuffer);
            throw;
        }
        finally
        {
            _task.Release(readable);
        }
    }

    /// <summary>See <see cref="IDiskChannel.DetachBuffer"/>; a driver that is gone has let go of it already.</summary>
    public void DetachBuffer(ChannelBuffer buffer)
    {
        if (buffer.Guard != 0)
            _authority?.DetachBuffer(buffer.Guard);
        try
        {
            _proxy.DetachBuffer(buffer.Driver);
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
        _authority?.Free();
        _mapping.Dispose();
        _task.Release(_setup.Ring);
        _task.Release(_setup.Doorbell);
        _task.Release(_proxy.Gate);
        _task.Release(_completionPortal);
    }

    private uint AttachToDriver(Capability dataspace, bool isWritable)
    {
        uint buffer = _proxy.AttachBuffer(dataspace, isWritable);
        return buffer != 0 ? buffer : throw new ServiceException(ServiceError.ServerFault, "the disk driver gave a buffer the number 0, which means no buffer");
    }
}
