using L4;
using L4Io;

namespace Emulator.Tests;

/// <summary>Interrupts that arrived on one line.</summary>
internal sealed class InterruptRecorder : IInterruptSink
{
    public bool Level { get; private set; }

    public int RisingEdges { get; private set; }

    public void SetLevel(bool asserted)
    {
        // No assertion library here: it allocates, and a test counts allocations.
        if (asserted == Level)
            throw new InvalidOperationException("the line reports changes only");
        Level = asserted;
        if (asserted)
            RisingEdges++;
    }
}

/// <summary>A guest's memory, as its driver reaches it.</summary>
internal interface IGuestMemory
{
    /// <summary>Bytes at a bus address.</summary>
    Span<byte> At(uint address, int length);
}

/// <summary>Memory for bus masters: windows onto one array. It refuses as L4Io does.</summary>
internal sealed class TestDmaMemory : IDmaMemory, IGuestMemory
{
    public const uint Base = 0x10_0000;

    private readonly byte[] _bytes = new byte[0x8_0000];

    public List<(Extent Bus, DmaAccess Access)> Windows { get; } = [(new Extent(Base, 0x8_0000), DmaAccess.Read | DmaAccess.Write)];

    public int Refusals { get; private set; }

    public Span<byte> At(uint address, int length) => _bytes.AsSpan((int)(address - Base), length);

    public bool TryAccess(ulong address, int length, DmaAccess access, out Span<byte> memory)
    {
        foreach (var (bus, allowed) in Windows)
        {
            if (!bus.Contains(address, (ulong)length) || (allowed & access) != access)
                continue;
            memory = At((uint)address, length);
            return true;
        }

        Refusals++;
        memory = default;
        return false;
    }
}

/// <summary>A medium in memory that counts what is done to it.</summary>
internal sealed class MemoryMedium : IDiskMedium
{
    public MemoryMedium(int sectors, bool readOnly = false, int seed = 1)
    {
        Bytes = new byte[sectors * 512];
        new Random(seed).NextBytes(Bytes);
        IsReadOnly = readOnly;
    }

    public byte[] Bytes { get; }

    public long Length => Bytes.Length;

    public bool IsReadOnly { get; }

    public int Reads { get; private set; }

    public int Writes { get; private set; }

    public int Flushes { get; private set; }

    public bool Disposed { get; private set; }

    public Span<byte> Sectors(int first, int count) => Bytes.AsSpan(first * 512, count * 512);

    public MediumFault? Read(long offset, Span<byte> destination)
    {
        Reads++;
        Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        return null;
    }

    public MediumFault? Write(long offset, ReadOnlySpan<byte> source)
    {
        IsReadOnly.ShouldBeFalse("nothing may write a read-only medium");
        Writes++;
        source.CopyTo(Bytes.AsSpan((int)offset));
        return null;
    }

    public MediumFault? Flush()
    {
        Flushes++;
        return null;
    }

    public void Dispose() => Disposed = true;
}

/// <summary>A medium of any length that holds zeros: for addresses beyond 28 bits.</summary>
internal sealed class HugeMedium(ulong sectors) : IDiskMedium
{
    public List<long> ReadOffsets { get; } = [];

    public long Length => (long)(sectors * 512);

    public bool IsReadOnly => true;

    public MediumFault? Read(long offset, Span<byte> destination)
    {
        ReadOffsets.Add(offset);
        destination.Clear();
        return null;
    }

    public MediumFault? Write(long offset, ReadOnlySpan<byte> source) => throw new InvalidOperationException("read-only");

    public MediumFault? Flush() => null;

    public void Dispose()
    {
    }
}

/// <summary>A machine with its interrupts, its memory and its events in view.</summary>
internal sealed class TestMachine : IDisposable
{
    public const uint BusMasterBase = 0xc000;

    public static readonly PciAddress HostBridge = new(0, 0, 0);
    public static readonly PciAddress IsaBridge = new(0, 1, 0);
    public static readonly PciAddress Ide = new(0, 1, 1);

    public TestMachine(MachineDescription description, bool setUp = true)
    {
        Machine = new EmulatedMachine(description, new VirtualClock(), Events);
        Machine.ConnectInterrupt(14, Interrupt14);
        Machine.ConnectInterrupt(15, Interrupt15);
        Machine.SetDmaMemory(Ide, Memory);
        Primary = new IdeGuest(Machine, 0x1f0, 0x3f6, BusMasterBase, Interrupt14, Memory);
        Secondary = new IdeGuest(Machine, 0x170, 0x376, BusMasterBase + 8, Interrupt15, Memory);
        if (!setUp)
            return;
        Machine.WriteConfig(Ide, 0x20, 4, BusMasterBase);
        Machine.WriteConfig(Ide, 0x04, 2, 0x5);
    }

    public EventLog Events { get; } = new(() => 0);

    public EmulatedMachine Machine { get; }

    public InterruptRecorder Interrupt14 { get; } = new();

    public InterruptRecorder Interrupt15 { get; } = new();

    public TestDmaMemory Memory { get; } = new();

    public IdeGuest Primary { get; }

    public IdeGuest Secondary { get; }

    public static TestMachine With(IDiskMedium? master, IDiskMedium? slave = null) => new(new MachineDescription
    {
        Ide = new IdeControllerDescription
        {
            PrimaryMaster = master is null ? null : new DiskDescription(master, "MASTER"),
            PrimarySlave = slave is null ? null : new DiskDescription(slave, "SLAVE"),
        },
    });

    public void ShouldHaveReported(string source, string kind, string text)
    {
        Events.Count(source, kind).ShouldBe(1, $"reported: {string.Join("; ", Events.Recent)}");
        Events.Recent.ShouldContain(e => e.Source == source && e.Kind == kind && e.Text.Contains(text, StringComparison.Ordinal));
    }

    public void ShouldHaveReportedNothing() => Events.Recent.ShouldBeEmpty();

    public void Dispose() => Machine.Dispose();
}
