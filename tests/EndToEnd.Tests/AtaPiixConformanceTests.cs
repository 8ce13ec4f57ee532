using Bddf.Testing;
using L4;
using RootTask;

namespace EndToEnd.Tests;

/// <summary>What every disk driver has to do, done by Debian's ata_piix on the emulated controller, in virtual time.</summary>
public sealed class AtaPiixConformanceTests() : BlockConformance(new Bed())
{
    private sealed class Bed : IBlockTestBed
    {
        private readonly DiskImage _image = DiskImage.Blank(8 << 20);
        private readonly DdeSystem _system;

        internal Bed() => _system = DdeSystem.Start(new SystemOptions { Disks = [_image.Path], Writable = true, Clock = new VirtualClock() });

        public L4Task Client => _system.Client;

        public Capability Server => _system.BlockServer;

        public string Device => "disk0";

        public void Dispose()
        {
            _system.Dispose();
            _image.Dispose();
        }
    }
}
