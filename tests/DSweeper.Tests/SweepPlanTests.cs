using Bddf;
using DSweeper.Core;

namespace DSweeper.Tests;

public class SweepPlanTests
{
    private static SweepPlan Plan(IReadOnlyList<BlockDeviceInfo> devices, params string[] names) =>
        SweepPlan.Create(devices, names, SweepMode.ReadOnly, EraseMethod.Zero, verify: true);

    [Fact]
    public void Targets_know_their_place_on_the_disk()
    {
        var plan = Plan([Disks.Partitioned(), Disks.Disk1()], "disk0p5", "disk1");
        plan.Targets[0].ShouldBe(new SweepTarget("disk0p5", "disk0", "DDE HARDDISK", "DDE-0001", 135_168, 65_536, 512));
        plan.Targets[1].Sectors.ShouldBe(524_288UL);
        plan.WorkBytes.ShouldBe(2 * (65_536UL + 524_288) * 512);
        plan.Disks.Select(disk => disk.Serial).ShouldBe(["DDE-0001", "DDE-0002"]);
    }

    [Fact]
    public void Unknown_name_lists_what_there_is()
    {
        var exception = Should.Throw<SweepPlanException>(() => Plan([Disks.Partitioned(), Disks.Disk1()], "disk0p9"));
        exception.Message.ShouldBe("there is no 'disk0p9'; there is disk0, disk0p1, disk0p2, disk0p5, disk1");
        exception.Problem.ShouldBe(SweepPlanProblem.Selection);
    }

    [Fact]
    public void Partition_of_a_damaged_table_is_refused_with_the_damage()
    {
        var exception = Should.Throw<SweepPlanException>(() => Plan([Disks.Damaged()], "disk2p1"));
        exception.Message.ShouldBe("there is no 'disk2p1' because disk2: partitions 1 and 2 overlap at sector 2048");
        exception.Problem.ShouldBe(SweepPlanProblem.PartitionTable);
    }

    [Theory]
    [InlineData("disk0", "disk0p1", "disk0 (sectors 0 to 524287) and disk0p1 (sectors 2048 to 133119) overlap; select one of them")]
    [InlineData("disk0p2", "disk0p5", "disk0p2 (sectors 133120 to 524287) and disk0p5 (sectors 135168 to 200703) overlap; select one of them")]
    [InlineData("disk0p1", "disk0p1", "disk0p1 is selected twice")]
    public void No_sector_is_erased_twice(string one, string other, string message) =>
        Should.Throw<SweepPlanException>(() => Plan([Disks.Partitioned()], one, other)).Message.ShouldBe(message);

    [Fact]
    public void Neighbours_are_no_overlap() => Plan([Disks.Partitioned()], "disk0p1", "disk0p5").Targets.Count.ShouldBe(2);

    [Fact]
    public void Disk_that_went_away_is_refused() =>
        Should.Throw<SweepPlanException>(() => Plan([Disks.Partitioned() with { Gone = "oops in ata_sff" }], "disk0p1")).Problem.ShouldBe(SweepPlanProblem.Gone);

    [Fact]
    public void Plan_is_not_carried_over_to_another_disk_or_table()
    {
        var plan = Plan([Disks.Partitioned()], "disk0p1");
        plan.ForWriting([Disks.Partitioned()]).Mode.ShouldBe(SweepMode.Write);
        Should.Throw<SweepPlanException>(() => plan.ForWriting([Disks.Partitioned() with { Serial = "OTHER" }])).Problem.ShouldBe(SweepPlanProblem.Changed);
        Should.Throw<SweepPlanException>(() => plan.ForWriting([Disks.Disk0(new BlockPartition("disk0p1", "mbr", "83", 2048, 131_073))]))
            .Problem.ShouldBe(SweepPlanProblem.Changed);
    }

    [Fact]
    public void Rate_is_that_of_the_last_seconds()
    {
        var meter = new RateMeter();
        meter.Sample(0, 0).ShouldBe(0);
        double rate = 0;
        ulong bytes = 0;
        for (long second = 1; second <= 20; second++)
            rate = meter.Sample(second * 1_000_000_000, bytes += second <= 10 ? 100UL : 1000UL);
        rate.ShouldBeInRange(100, 1000);
        for (long tenth = 201; tenth <= 300; tenth++)
            rate = meter.Sample(tenth * 100_000_000, bytes += 100);
        rate.ShouldBe(1000, 1);
    }
}
