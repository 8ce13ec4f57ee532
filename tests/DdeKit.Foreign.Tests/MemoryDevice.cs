namespace DdeKit.Foreign.Tests;

/// <summary>A device whose memory and ports keep what is written, as ordinary memory does.</summary>
internal sealed class MemoryDevice : IDeviceAccess
{
    public const ulong Physical = 0xfebf_0000;

    public byte[] Memory { get; } = new byte[4096];

    public byte[] Ports { get; } = new byte[65536];

    public int Accesses { get; private set; }

    /// <summary>Done before the next access is answered.</summary>
    public Action? BeforeAccess { get; set; }

    public uint ReadPort(ushort port, int width) => (uint)Read(Ports, port, width);

    public void WritePort(ushort port, int width, uint value) => Write(Ports, port, width, value);

    public void ReadPortBlock(ushort port, int width, Span<byte> destination)
    {
        for (; destination.Length > 0; destination = destination[width..])
            Ports.AsSpan(port, width).CopyTo(destination);
    }

    public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source)
    {
        for (; source.Length > 0; source = source[width..])
            source[..width].CopyTo(Ports.AsSpan(port));
    }

    public ulong ReadMemory(ulong address, int width) => Read(Memory, (int)(address - Physical), width);

    public void WriteMemory(ulong address, int width, ulong value) => Write(Memory, (int)(address - Physical), width, value);

    private ulong Read(byte[] bytes, int at, int width)
    {
        Note();
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        bytes.AsSpan(at, width).CopyTo(value);
        return BitConverter.ToUInt64(value);
    }

    private void Write(byte[] bytes, int at, int width, ulong value)
    {
        Note();
        BitConverter.GetBytes(value).AsSpan(0, width).CopyTo(bytes.AsSpan(at));
    }

    private void Note()
    {
        Accesses++;
        var action = BeforeAccess;
        BeforeAccess = null;
        action?.Invoke();
    }
}
