using Bddf.Testing;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>What every disk driver has to do, done by Debian's ata_piix on the emulated controller, in virtual time.</summary>
public sealed class AtaPiixConformanceTests() : BlockConformance(new AtaPiixBed(new VirtualClock(), Isolation.None));

/// <summary>The same with the driver and the controller each in a process of its own, in real time.</summary>
public sealed class IsolatedAtaPiixConformanceTests() : BlockConformance(new AtaPiixBed(new RealClock(), Isolation.Process));

/// <summary>An emulated controller with a disk, driven by Debian's ata_piix.</summary>
internal sealed class AtaPiixBed : IBlockTestBed
{
    private readonly DiskImage _image = DiskImage.Blank(8 << 20);
    private readonly DdeSystem _system;

    internal AtaPiixBed(Clock clock, Isolation isolation) =>
        _system = DdeSystem.Start(new SystemOptions { Disks = [_image.Path], Writable = true, Clock = clock, Isolation = isolation });

    public L4Task Client => _system.Client;

    public Capability Server => _system.BlockServer;

    public string Device => "disk0";

    public void Dispose()
    {
        _system.Dispose();
        _image.Dispose();
    }
}
