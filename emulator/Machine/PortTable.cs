using L4;

namespace Emulator;

/// <summary>Who decodes each of the 65,536 I/O ports. An access costs one array load and one virtual call.</summary>
internal sealed class PortTable
{
    private readonly PortRange?[] _ports = new PortRange?[ushort.MaxValue + 1];
    private readonly EventLog _events;

    public PortTable(EventLog events) => _events = events;

    /// <summary>The range that decodes <paramref name="port"/>.</summary>
    public PortRange? this[ushort port] => _ports[port];

    /// <summary>Lets <paramref name="range"/> decode ports from <paramref name="first"/> on. Where another range does so already that
    /// one keeps them, and the conflict is reported.</summary>
    public void Claim(PortRange range, ushort first)
    {
        range.First = first;
        for (int port = first; port < first + range.Count && port < _ports.Length; port++)
        {
            if (_ports[port] is { } owner && owner != range)
                _events.Report(range.Name, "port-conflict", $"port 0x{port:x4} is decoded by {owner.Name} already");
            else
                _ports[port] = range;
        }
    }

    /// <summary>Lets <paramref name="range"/> decode nothing.</summary>
    public void Release(PortRange range)
    {
        for (int port = range.First; port < range.First + range.Count && port < _ports.Length; port++)
        {
            if (_ports[port] == range)
                _ports[port] = null;
        }
    }
}
