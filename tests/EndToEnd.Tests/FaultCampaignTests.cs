using System.Globalization;
using FaultCampaign;
using Ports;

namespace EndToEnd.Tests;

/// <summary>Drivers and devices go wrong under clients whose work is checked: one fault of each kind, or as many as DDE_FAULTS says.</summary>
public sealed class FaultCampaignTests
{
    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("DDE_FAULTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : FaultKinds.ByName.Count;

    [ToolFact]
    public void No_fault_of_ata_piix_or_its_device_loses_or_spoils_anything() => Run("linux-ata-piix");

    [ToolFact]
    public void No_fault_of_e1000_or_its_card_harms_anybody_else() => Run("linux-e1000");

    private static void Run(string port)
    {
        var results = Campaign.Run(new CampaignOptions { Port = PortCatalog.Default.Open(port), Count = Count, Seed = 1 }, _ => { });
        var problems = results.SelectMany(result => result.Problems.Select(problem => $"case {result.Case.Number} {FaultKinds.NameOf(result.Case.Kind)}: {result.Place}: {problem}"));
        problems.ShouldBeEmpty();
        var report = CampaignReport.Of(results);
        report.IsClean().ShouldBeTrue();
        // A campaign whose faults never strike shows nothing.
        report.Activated.ShouldBeGreaterThan(Count / 3);
    }
}
