using L4;

namespace Nddf;

/// <summary>A session as applications use it: a queue for each direction that the session has the right for.</summary>
/// <remarks>Opening and closing on a thread of the task that opened it; each queue is for one thread at a time, which may be another.</remarks>
public sealed class NicClient : IDisposable
{
    /// <summary>Slots of a queue unless told otherwise: half a millisecond of the shortest frames at 1 Gb/s.</summary>
    public const uint DefaultSlots = 512;

    private readonly L4Task _task;
    private readonly NicSessionProxy _session;
    private readonly TransmitQueue? _transmit;
    private readonly ReceiveQueue? _receive;
    private bool _disposed;

    private NicClient(L4Task task, Capability session, uint slots)
    {
        _task = task;
        _session = new NicSessionProxy(task, session);
        Info = _session.Describe();
        try
        {
            if (Info.Rights.HasFlag(NicRights.Transmit))
                _transmit = new TransmitQueue(task, _session, Info, slots);
            if (Info.Rights.HasFlag(NicRights.Receive))
                _receive = new ReceiveQueue(task, _session, Info, slots);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the session reaches.</summary>
    public NicSessionInfo Info { get; }

    /// <summary>The longest frame, header included.</summary>
    public int MaximumFrame => (int)Info.Mtu + FrameRing.HeaderBytes;

    /// <summary>The way to the wire.</summary>
    /// <exception cref="InvalidOperationException">The session has no right to transmit.</exception>
    public TransmitQueue Transmit => _transmit ?? throw new InvalidOperationException($"The session on {Info.Nic} has the rights {Info.Rights}.");

    /// <summary>The way from the wire.</summary>
    /// <exception cref="InvalidOperationException">The session has no right to receive.</exception>
    public ReceiveQueue Receive => _receive ?? throw new InvalidOperationException($"The session on {Info.Nic} has the rights {Info.Rights}.");

    /// <summary>Describes all cards, also those that are gone.</summary>
    /// <param name="task">The calling task.</param>
    /// <param name="server">Its gate of <see cref="INicServer"/>.</param>
    public static NicInfo[] List(L4Task task, Capability server)
    {
        var proxy = new NicServerProxy(task, server);
        return [.. proxy.List().Select(proxy.Describe)];
    }

    /// <summary>Opens a card.</summary>
    /// <param name="task">The calling task.</param>
    /// <param name="server">Its gate of <see cref="INicServer"/>.</param>
    /// <param name="nic">The card's name.</param>
    /// <param name="rights">What the session is to be able to do.</param>
    /// <param name="slots">Slots of each queue, a power of two.</param>
    /// <exception cref="ServiceException">See <see cref="INicServer.OpenSession"/> and <see cref="INicSession.Connect"/>.</exception>
    public static NicClient Open(L4Task task, Capability server, string nic, NicRights rights, uint slots = DefaultSlots) =>
        new(task, new NicServerProxy(task, server).OpenSession(nic, rights), slots);

    /// <summary>Closes the session. Neither driver nor device touch its memory afterwards, and no thread may use its queues.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            _session.Close();
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            // The session went with the framework.
        }
        _transmit?.Free();
        _receive?.Free();
        _task.Release(_session.Gate);
    }
}
