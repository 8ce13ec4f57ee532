using System.Net.NetworkInformation;
using L4;
using L4Io;

namespace Emulator.Tests;

/// <summary>A machine with one network card, whose service, interrupt, memory and wire the test holds in its hands.</summary>
internal sealed class NicBench : IDisposable, IServiceSink, IWireUser
{
    public const uint PortsBase = 0xd000;
    public const uint MemoryBase = 0xe000_0000;
    public static readonly byte[] Station = [0x02, 0x00, 0x5e, 0x10, 0x20, 0x30];
    public static readonly PciAddress Card = new(0, 3, 0);

    private readonly Wire _wire = new();
    private bool _isAsked;

    public NicBench(NicModel model)
    {
        var description = new MachineDescription { Nics = [new NicDescription(model, new PhysicalAddress(Station), _wire.Left)] };
        Machine = new EmulatedMachine(description, Clock, Events);
        Machine.ConnectInterrupt(16, Interrupt);
        Machine.SetDmaMemory(Card, Memory);
        Machine.WriteConfig(Card, 0x10, 4, PortsBase);
        Machine.WriteConfig(Card, 0x14, 4, MemoryBase);
        Machine.WriteConfig(Card, 0x04, 2, 0x7);
        Machine.ConnectService(Card, this);
        _wire.Right.Attach(this);
        _wire.Right.IsListening = true;
        Serve();
    }

    public VirtualClock Clock { get; } = new();

    public EventLog Events { get; } = new(() => 0);

    public EmulatedMachine Machine { get; }

    public InterruptRecorder Interrupt { get; } = new();

    public TestDmaMemory Memory { get; } = new();

    public WireEnd Wire => _wire.Right;

    public long NextDeadline { get; private set; } = L4.Clock.Never;

    /// <summary>A frame to the card's station from another one.</summary>
    public static byte[] FrameTo(ReadOnlySpan<byte> destination, int length, int seed)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        destination.CopyTo(frame);
        frame[6] = 0x02;
        frame[12] = 0x88;
        frame[13] = 0xb5;
        return frame;
    }

    public static byte[] Frame(int length, int seed) => FrameTo(Station, length, seed);

    /// <summary>What the driver's event loop does when the card asks.</summary>
    public void Serve()
    {
        for (int i = 0; i < 100 && _isAsked; i++)
        {
            _isAsked = false;
            NextDeadline = Machine.Service(Card);
        }

        _isAsked.ShouldBeFalse("the card asks for service again and again");
    }

    /// <summary>A frame arrives, and the driver's event loop runs.</summary>
    public void Arrive(params ReadOnlySpan<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            Wire.TryReserve(frame.Length, out Span<byte> room).ShouldBeTrue();
            frame.CopyTo(room);
            Wire.Commit(frame.Length);
        }

        Wire.Flush();
        Serve();
    }

    /// <summary>The next frame that the card sent; null when there is none.</summary>
    public byte[]? Sent()
    {
        if (!Wire.TryReceive(out ReadOnlySpan<byte> frame))
            return null;
        byte[] copy = frame.ToArray();
        Wire.Release();
        Wire.Flush();
        return copy;
    }

    public void Plug(bool isPluggedIn)
    {
        _wire.IsPluggedIn = isPluggedIn;
        Serve();
    }

    public void ShouldHaveReported(string kind, string text) =>
        Events.Recent.ShouldContain(e => e.Kind == kind && e.Text.Contains(text, StringComparison.Ordinal), string.Join("; ", Events.Recent));

    public void ShouldHaveReportedNothing() => Events.Recent.ShouldBeEmpty();

    public void Request() => _isAsked = true;

    public void WireChanged()
    {
    }

    public void Dispose() => Machine.Dispose();
}
