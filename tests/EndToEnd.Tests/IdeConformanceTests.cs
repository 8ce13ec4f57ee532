using Bddf.Testing;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>What every disk driver has to do, done by Debian's ata_piix on the emulated controller, in virtual time.</summary>
public sealed class AtaPiixConformanceTests() : BlockConformance(new IdeBed("linux-ata-piix", new VirtualClock(), Isolation.None));

/// <summary>The same with the driver and the controller each in a process of its own, in real time.</summary>
public sealed class IsolatedAtaPiixConformanceTests() : BlockConformance(new IdeBed("linux-ata-piix", new RealClock(), Isolation.Process));

/// <summary>The same by a driver of FreeBSD's interface that is built from source.</summary>
public sealed class BsdPiixIdeConformanceTests() : BlockConformance(new IdeBed("bsd-piix-ide", new VirtualClock(), Isolation.None));

/// <summary>That driver and the controller each in a process of its own, in real time.</summary>
public sealed class IsolatedBsdPiixIdeConformanceTests() : BlockConformance(new IdeBed("bsd-piix-ide", new RealClock(), Isolation.Process));

/// <summary>An emulated controller with a disk, driven by a port.</summary>
internal sealed class IdeBed : IBlockTestBed
{
    private readonly DiskImage _image = DiskImage.Blank(8 << 20);
    private readonly DdeSystem _system;

    internal IdeBed(string port, Clock clock, Isolation isolation) =>
        _system = DdeSystem.Start(new SystemOptions { Disks = [_image.Path], Ports = [port], Writable = true, Clock = clock, Isolation = isolation });

    public L4Task Client => _system.Client;

    public Capability Server => _system.BlockServer;

    public string Device => "disk0";

    public void Dispose()
    {
        _system.Dispose();
        _image.Dispose();
    }
}
