using FsCheck;
using FsCheck.Fluent;
using L4;

namespace Bddf.Tests.Partitions;

/// <summary>Whatever is on a disk, reading its table ends, throws nothing, and offers only partitions that can be.</summary>
public sealed class MutatedTableTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20241, 77);

    [Fact]
    public void Random_boot_records_are_read_or_refused() => Check.One(_config, Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var disk = new SparseDisk(3000);
        for (ulong sector = 0; sector < 3000; sector += (ulong)random.Next(1, 400))
            disk.WriteBootRecord(sector, [.. Enumerable.Range(0, 4).Select(_ => Entry(random))]);
        ShouldBeSound(disk);
    }));

    [Fact]
    public void Sectors_of_noise_are_read_or_refused() => Check.One(_config, Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var disk = new SparseDisk((ulong)random.Next(1, 100));
        for (ulong sector = 0; sector < disk.Sectors; sector++)
        {
            random.NextBytes(disk[sector]);
            disk[sector][510] = 0x55;
            disk[sector][511] = 0xAA;
            for (int entry = 0; entry < 4; entry++)
                disk[sector][446 + 16 * entry] = 0;
        }
        ShouldBeSound(disk);
    }));

    [Fact]
    public void Mutated_chains_are_read_or_refused() => Check.One(_config, Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var disk = new SparseDisk(10_000);
        disk.WriteBootRecord(0, (0x83, 10, 90), (0x05, 100, 9000));
        for (uint i = 0; i < 8; i++)
            disk.WriteBootRecord(100 + i * 1000, (0x83, 1, 900), (0x05, i == 7 ? 0 : (i + 1) * 1000, i == 7 ? 0u : 1000));
        Mutate(random, disk, [446, 447, 450, 454, 455, 458, 462, 466, 470, 471, 472, 474, 475, 510]);
        ShouldBeSound(disk);
    }));

    [Fact]
    public void Mutated_guid_tables_are_read_or_refused() => Check.One(_config.WithMaxTest(400), Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var image = new GptImage(sectors: 300);
        for (uint i = 0; i < 6; i++)
            image.WithPartition(i * 20 + 1, 40 + i * 30, 60 + i * 30);
        Mutate(random, image.Disk, [.. Enumerable.Range(8, 84)]);
        // Half of the time the mutations are under right checksums, so that the checks behind those are reached.
        if (random.Next(2) == 0)
        {
            image.SealHeader(1);
            image.SealHeader(image.Last);
        }
        ShouldBeSound(image.Disk);
    }));

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static (byte Type, uint Start, uint Sectors) Entry(Random random) => (
        (byte)(random.Next(3) switch { 0 => 0x05, 1 => 0x83, _ => random.Next(256) }),
        random.Next(8) == 0 ? (uint)random.NextInt64(uint.MaxValue) : (uint)random.Next(3000),
        random.Next(4) == 0 ? 0 : (uint)random.Next(1, 1000));

    private static void Mutate(Random random, SparseDisk disk, int[] offsets)
    {
        var written = disk.Written;
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            var sector = disk[written[random.Next(written.Count)]];
            int offset = random.Next(3) == 0 ? random.Next(sector.Length) : offsets[random.Next(offsets.Length)];
            sector[offset] = (byte)(random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => random.Next(256) });
        }
        if (random.Next(10) == 0)
            disk.Bad.Add(written[random.Next(written.Count)]);
    }

    private static void ShouldBeSound(SparseDisk disk)
    {
        var table = disk.ReadTable();

        disk.Reads.ShouldBeLessThan(1000);
        (table.Error is null || table.Partitions.Count == 0).ShouldBeTrue();
        foreach (string line in table.Warnings.Append(table.Error ?? "disk0: "))
        {
            line.ShouldStartWith("disk0: ");
            line.ShouldNotContain('\n');
        }
        table.Partitions.Select(p => p.Name).ShouldBeUnique();
        var extents = table.Partitions
            .Where(p => !(p.Scheme == "mbr" && p.Type is "5" or "f" or "85"))
            .Select(p => new Extent(p.FirstSector, p.Sectors)).ToArray();
        for (int i = 0; i < extents.Length; i++)
        {
            new Extent(0, disk.Sectors).Contains(extents[i]).ShouldBeTrue();
            extents[i].Count.ShouldBeGreaterThan(0UL);
            for (int j = 0; j < i; j++)
                extents[i].Overlaps(extents[j]).ShouldBeFalse();
        }
    }
}
