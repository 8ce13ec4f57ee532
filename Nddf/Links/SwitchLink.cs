using L4;

namespace Nddf.Links;

/// <summary>Several links on a learning switch whose first port is whoever uses this link. A port whose link has ended is left out; the whole ends with the last.</summary>
public sealed class SwitchLink : ILink
{
    private const int OwnPort = 0;

    private readonly DescriptorLink[] _links;
    private readonly LearningSwitch _switch;
    private readonly EventLog _events;
    private readonly bool[] _hasEnded;
    private LinkDescriptor[] _descriptors;
    private int _next;

    /// <param name="links">The links; this object's from here on.</param>
    /// <param name="clock">The system's time, for the age of what was learned.</param>
    /// <param name="events">Told when a link ends.</param>
    public SwitchLink(IReadOnlyList<DescriptorLink> links, Clock clock, EventLog events)
    {
        _links = [.. links];
        _descriptors = [.. links.Select(link => link.Descriptor)];
        _switch = new LearningSwitch(links.Count + 1, clock);
        _events = events;
        _hasEnded = new bool[links.Count];
        Name = string.Join('+', links.Select(link => link.Name));
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public string? End { get; private set; }

    /// <inheritdoc />
    public ulong Lost => _links.Aggregate(0UL, (sum, link) => sum + link.Lost);

    /// <inheritdoc />
    public void Wait() => LinkDescriptor.Wait(_descriptors);

    /// <inheritdoc />
    public void Wake()
    {
        foreach (var link in _links)
            link.Wake();
    }

    /// <inheritdoc />
    public int Receive(Span<byte> buffer)
    {
        // Each link in turn, until none has a frame that goes this way.
        for (int dry = 0; dry < _links.Length;)
        {
            int index = _next;
            _next = (_next + 1) % _links.Length;
            int length = _links[index].Receive(buffer);
            if (length == 0)
            {
                dry++;
                NoteEnd(index);
                continue;
            }
            dry = 0;
            ulong ports = _switch.Forward(index + 1, buffer[..length]);
            Send(ports, buffer[..length]);
            if ((ports & 1UL << OwnPort) != 0)
                return length;
        }
        return 0;
    }

    /// <inheritdoc />
    public void Send(ReadOnlySpan<byte> frame) => Send(_switch.Forward(OwnPort, frame), frame);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var link in _links)
            link.Dispose();
    }

    private void Send(ulong ports, ReadOnlySpan<byte> frame)
    {
        for (int i = 0; i < _links.Length; i++)
        {
            if ((ports & 2UL << i) != 0 && !_hasEnded[i])
                _links[i].Send(frame);
        }
    }

    private void NoteEnd(int index)
    {
        if (_hasEnded[index] || _links[index].End is not { } cause)
            return;
        _hasEnded[index] = true;
        _events.Report("nddf", "link-ended", cause);
        // An ended link would end every wait at once.
        _descriptors = [.. _links.Where((_, i) => !_hasEnded[i]).Select(link => link.Descriptor)];
        if (_descriptors.Length == 0)
            End = cause;
    }
}
