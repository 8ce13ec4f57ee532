using System.Net.NetworkInformation;
using L4;
using L4Io;

namespace Emulator.Tests;

/// <summary>A machine with one network card, its interrupt, its memory and its events in view, and a peer at the other end of its wire.</summary>
internal sealed class NicMachine : IDisposable, IServiceSink, IWireUser
{
    public const uint MemoryBase = 0xe000_0000;
    public const ushort PortBase = 0xc000;

    public static readonly PciAddress Card = new(0, 3, 0);
    public static readonly byte[] Station = [0x52, 0x54, 0, 0x12, 0x34, 0x56];

    /// <param name="model">Which card.</param>
    /// <param name="bases">The base address registers of its memory and its ports.</param>
    public NicMachine(NicModel model, params (int Register, uint Place)[] bases)
    {
        Events = new(() => Clock.Now);
        Machine = new EmulatedMachine(new MachineDescription { Nics = [new NicDescription(model, new PhysicalAddress(Station), Wire.Left)] }, Clock, Events);
        Machine.ConnectInterrupt(16, Interrupt);
        Machine.SetDmaMemory(Card, Memory);
        Machine.ConnectService(Card, this);
        Wire.Right.Attach(this);
        Wire.Right.IsListening = true;
        foreach (var (register, place) in bases)
            Machine.WriteConfig(Card, register, 4, place);
        Machine.WriteConfig(Card, 0x04, 2, 0x7);
    }

    public VirtualClock Clock { get; } = new();

    public EventLog Events { get; }

    public EmulatedMachine Machine { get; }

    public Wire Wire { get; } = new();

    public WireEnd Peer => Wire.Right;

    public InterruptRecorder Interrupt { get; } = new();

    public TestDmaMemory Memory { get; } = new();

    /// <summary>Whether the card asked for service and was not served.</summary>
    public bool WantsService { get; private set; }

    public void Request() => WantsService = true;

    public void WireChanged()
    {
    }

    /// <summary>Serves the card as long as it asks, as a domain's event loop does. Returns when it wants to be served again.</summary>
    public long Serve()
    {
        long again;
        int rounds = 0;
        do
        {
            WantsService = false;
            again = Machine.Service(Card);
            if (++rounds == 100)
                throw new InvalidOperationException("The card asks for service again and again.");
        }
        while (WantsService);
        return again;
    }

    /// <summary>Lets time pass as far as the card's next deadline, and serves it.</summary>
    public void ServeAtDeadline()
    {
        long deadline = Serve();
        deadline.ShouldNotBe(L4.Clock.Never);
        Clock.Delay(deadline - Clock.Now);
        Serve();
    }

    /// <summary>A frame to the station from the peer.</summary>
    public static byte[] FrameTo(ReadOnlySpan<byte> destination, int length, int seed = 1)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        destination.CopyTo(frame);
        new byte[] { 0x52, 0x54, 0, 0, 0, 1, 0x88, 0xb5 }.CopyTo(frame, 6);
        return frame;
    }

    /// <summary>The same to the card's own station.</summary>
    public static byte[] Frame(int length, int seed = 1) => FrameTo(Station, length, seed);

    /// <summary>The peer sends frames, and the card is served.</summary>
    public void Send(params ReadOnlySpan<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            Peer.TryReserve(frame.Length, out Span<byte> room).ShouldBeTrue();
            frame.CopyTo(room);
            Peer.Commit(frame.Length);
        }

        Peer.Flush();
        Serve();
    }

    /// <summary>The oldest frame that the card sent and nobody took; null when there is none.</summary>
    public byte[]? Sent()
    {
        if (!Peer.TryReceive(out ReadOnlySpan<byte> frame))
            return null;
        byte[] copy = frame.ToArray();
        Peer.Release();
        Peer.Flush();
        return copy;
    }

    public void ShouldHaveReported(string source, string kind, string text)
    {
        Events.Count(source, kind).ShouldBe(1, $"reported: {string.Join("; ", Events.Recent)}");
        Events.Recent.ShouldContain(e => e.Source == source && e.Kind == kind && e.Text.Contains(text, StringComparison.Ordinal));
    }

    public void ShouldHaveReportedNothing() => Events.Recent.ShouldBeEmpty();

    public void Dispose() => Machine.Dispose();
}
