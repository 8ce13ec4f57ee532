using DSweeper.Core;

namespace DSweeper.Tests;

public class SectorFaultListTests
{
    [Fact]
    public void Neighbours_are_joined_in_whatever_order_they_come()
    {
        var list = new SectorFaultList();
        foreach (ulong sector in (ulong[])[10, 12, 11, 9, 20])
            list.Add(new SectorFault(SweepPhase.Write, sector, 1, "bad"));
        list.Faults.ShouldBe([new SectorFault(SweepPhase.Write, 9, 4, "bad"), new SectorFault(SweepPhase.Write, 20, 1, "bad")]);
        list.Sectors.ShouldBe(5UL);
    }

    [Fact]
    public void Faults_of_different_phases_or_reasons_stay_apart()
    {
        var list = new SectorFaultList();
        list.Add(new SectorFault(SweepPhase.Verify, 10, 1, "bad"));
        list.Add(new SectorFault(SweepPhase.Write, 11, 1, "bad"));
        list.Add(new SectorFault(SweepPhase.Write, 10, 1, "worse"));
        list.Faults.Select(fault => (fault.Phase, fault.FirstSector)).ShouldBe(
            [(SweepPhase.Write, 10UL), (SweepPhase.Write, 11UL), (SweepPhase.Verify, 10UL)]);
    }
}
