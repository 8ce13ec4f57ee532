using L4;
using Ports;

namespace FaultCampaign;

/// <summary>What campaign to run.</summary>
public sealed record CampaignOptions
{
    /// <summary>The port whose driver is spoiled.</summary>
    public required PortManifest Port { get; init; }

    /// <summary>How many faults.</summary>
    public required int Count { get; init; }

    /// <summary>Chooses everything else.</summary>
    public required int Seed { get; init; }

    /// <summary>What goes wrong: one after the other.</summary>
    public IReadOnlyList<FaultKind> Kinds { get; init; } = [.. Enum.GetValues<FaultKind>()];

    /// <summary>The one case that is run; null for all.</summary>
    public int? Only { get; init; }

    /// <summary>The kernel release whose modules run; null for the newest pack.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Where the tasks live.</summary>
    public Isolation Isolation { get; init; } = Isolation.Process;

    /// <summary>A folder for the image.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Within this time something must get on, recoveries included.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
