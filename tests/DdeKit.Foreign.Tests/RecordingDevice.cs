namespace DdeKit.Foreign.Tests;

/// <summary>A device that notes what is done to it and answers reads from a queue.</summary>
internal sealed class RecordingDevice : IDeviceAccess
{
    public List<string> Log { get; } = [];

    public Queue<ulong> Answers { get; } = new();

    /// <summary>Done after a port read was noted, before it is answered.</summary>
    public Action? OnReadPort { get; set; }

    public uint ReadPort(ushort port, int width)
    {
        Log.Add($"in{width} {port:x}");
        OnReadPort?.Invoke();
        return (uint)Answers.Dequeue();
    }

    public void WritePort(ushort port, int width, uint value) => Log.Add($"out{width} {port:x} {value:x}");

    public void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        Log.Add($"ins{width} {port:x} {destination.Length}");
        for (int index = 0; index < destination.Length; index++)
            destination[index] = (byte)(index + 1 + 100 * (Log.Count - 1));
    }

    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) =>
        Log.Add($"outs{width} {port:x} {Convert.ToHexStringLower(source)}");

    public ulong ReadMemory(ulong address, int width)
    {
        Log.Add($"read{width} {address:x}");
        return Answers.Dequeue();
    }

    public void WriteMemory(ulong address, int width, ulong value) => Log.Add($"write{width} {address:x} {value:x}");
}
