using Bddf.Testing;
using L4;

namespace Bddf.Tests;

public sealed class RamDiskConformanceTests() : BlockConformance(new Bed(new RamDisk(8192)));

public sealed class RamDiskWith4KiBSectorsConformanceTests() : BlockConformance(new Bed(new RamDisk(4096, sectorSize: 4096)));

internal sealed class Bed(RamDisk disk) : IBlockTestBed
{
    private readonly BlockTestSystem _system = new(disk);

    public L4Task Client => _system.Client;

    public Capability Server => _system.Server;

    public string Device => "disk0";

    public void Dispose() => _system.Dispose();
}
