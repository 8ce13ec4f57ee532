using L4;
using L4Io;
using RootTask;

namespace FaultCampaign;

/// <summary>What a system tells while one case runs. Events come on any thread.</summary>
internal sealed class CaseWatch : IDisposable
{
    /// <summary>What the guards below a driver, and the framework above it, tell of one that goes wrong.</summary>
    private static readonly HashSet<string> s_refusals = new(StringComparer.Ordinal)
    {
        "command-refused", "access-refused", "data-refused", "dma-refused", "disk-changed", "false-completion", "stray-completion", "bad-completion", "malformed-ring", "peer-cut-off",
    };

    private readonly Lock _lock = new();
    private readonly DdeSystem _system;
    private readonly string _driver;
    private readonly bool _isRefusedAllocation;
    private readonly List<double> _recoveries = [];
    private readonly List<string> _crashes = [];
    private string? _place;
    private bool _hasStruck;
    private bool _hasRefusal;
    private bool _isRecovering;
    private int _losses;

    /// <param name="system">The system.</param>
    /// <param name="port">The port whose driver is spoiled: its tasks may end.</param>
    /// <param name="kind">What goes wrong.</param>
    internal CaseWatch(DdeSystem system, string port, FaultKind kind)
    {
        _system = system;
        _driver = port + "@";
        _isRefusedAllocation = kind == FaultKind.RefusedAllocation;
        system.Events.Reported += Watch;
        system.Supervisor.Changed += Watch;
    }

    /// <summary>Whether what was spoiled was used.</summary>
    internal bool HasStruck { get { lock (_lock) return _hasStruck; } }

    /// <summary>What was spoiled; null when nothing was, or nobody told.</summary>
    internal string? Place { get { lock (_lock) return _place; } }

    /// <summary>Whether a driver was lost, other than to be replaced on purpose.</summary>
    internal bool HasLoss { get { lock (_lock) return _losses > 0; } }

    /// <summary>Whether anybody told of something wrong.</summary>
    internal bool IsDetected { get { lock (_lock) return _losses > 0 || _hasRefusal; } }

    /// <summary>How long recoveries took.</summary>
    internal IReadOnlyList<double> Recoveries { get { lock (_lock) return [.. _recoveries]; } }

    /// <summary>Tasks that ended and are no drivers of the port.</summary>
    internal IReadOnlyList<string> Crashes { get { lock (_lock) return [.. _crashes]; } }

    /// <inheritdoc />
    public void Dispose()
    {
        _system.Events.Reported -= Watch;
        _system.Supervisor.Changed -= Watch;
    }

    /// <summary>The fault is in place, and is used at once: a kill.</summary>
    internal void Struck(string place)
    {
        lock (_lock)
            (_hasStruck, _place) = (true, place);
    }

    private void Watch(SystemEvent entry)
    {
        bool isDriver = entry.Source.StartsWith(_driver, StringComparison.Ordinal);
        lock (_lock)
        {
            if (entry.Kind == FaultyMachine.StruckEvent || _isRefusedAllocation && isDriver && entry.Kind == "out-of-memory")
                (_hasStruck, _place) = (true, entry.Text);
            else if (entry.Kind == FaultyMachine.PlacedEvent)
                _place = entry.Text;
            else if (!isDriver && entry.Kind is "task-ended" or L4Task.FaultEvent)
                _crashes.Add($"task {entry.Source} ended: {entry.Text}");
            else if (s_refusals.Contains(entry.Kind))
                _hasRefusal = true;
        }
    }

    private void Watch(DriverStatus status)
    {
        lock (_lock)
        {
            if (status.State == DriverState.Recovering && !_isRecovering && IsLoss(status.LastLoss!))
            {
                _isRecovering = true;
                _losses++;
            }
            else if (status.State == DriverState.Running && _isRecovering)
            {
                _isRecovering = false;
                _recoveries.Add(status.LastRecoveryNanoseconds / 1e6);
            }
        }
    }

    /// <summary>One that is replaced on purpose was not lost, unless the new one does not come up.</summary>
    private static bool IsLoss(string loss) =>
        !loss.StartsWith(nameof(LossCause.Replacement), StringComparison.Ordinal) || loss.Contains("did not come up", StringComparison.Ordinal);
}
