using Emulator;
using Nddf;
using RootTask;

namespace FaultCampaign;

/// <summary>
/// Numbered frames through a card whose wire leads back to it. Frames may be lost while a driver is replaced, as on any wire; none may arrive that
/// was not sent so.
/// </summary>
internal sealed class FrameWorkload : IWorkload
{
    private const int FramesPerStep = 4;
    private const uint Slots = 64;
    private const long LookNanoseconds = 5_000_000;
    private const long QuietNanoseconds = 100_000_000;
    private const long StallNanoseconds = 8_000_000_000;
    private const int Probes = 16;

    private readonly WireEnd _end;
    private readonly TimeSpan _patience;
    private readonly byte[] _address = new byte[HardwareAddress.Octets];
    private readonly HashSet<ulong> _missing = [];
    private readonly List<string> _problems = [];
    private DdeSystem? _system;
    private NicClient? _client;
    private ulong _sent;
    private long _corruptBytes;
    private long _arrived;

    /// <param name="options">The system to start.</param>
    /// <param name="machine">Its machine.</param>
    /// <param name="end">The end of the card's wire.</param>
    /// <param name="patience">Within this time something must get on.</param>
    internal FrameWorkload(SystemOptions options, MachineDescription machine, WireEnd end, TimeSpan patience)
    {
        (_end, _patience) = (end, patience);
        Options = options with { Machine = machine };
    }

    /// <inheritdoc />
    public SystemOptions Options { get; }

    /// <inheritdoc />
    public bool WantsFreshDriver => true;

    /// <inheritdoc />
    public void Attach(DdeSystem system)
    {
        _system = system;
        system.LoopWire(_end);
        string nic = NicClient.List(system.Client, system.NicServer)[0].Name;
        _client = NicClient.Open(system.Client, system.NicServer, nic, NicRights.Transmit | NicRights.Receive, Slots);
        _client.Info.Address.Write(_address);
        // A link takes its time to come up.
        Probe();
    }

    /// <inheritdoc />
    public void Run(FaultCase fault, Random random, Action inject)
    {
        _problems.Clear();
        _missing.Clear();
        _corruptBytes = 0;
        for (int step = 0; step < 2 * FaultPlan.LatestMoment; step++)
        {
            for (int frame = 0; frame < FramesPerStep; frame++)
            {
                // A driver that takes nothing more and is not lost is replaced by whoever runs the campaign.
                if (!Send())
                    return;
            }
            _client!.Transmit.Ring();
            if (step == fault.Moment)
                inject();
            // As many under way as the case says, as far as they come back at all.
            long end = Now + LookNanoseconds;
            while (_missing.Count > fault.Depth * FramesPerStep && Now < end)
                Receive(end);
            Receive(0);
        }
        for (long quiet = Now + QuietNanoseconds, arrived = _arrived; _missing.Count > 0 && Now < quiet;)
        {
            Receive(quiet);
            if (_arrived != arrived)
                (quiet, arrived) = (Now + QuietNanoseconds, _arrived);
        }
    }

    /// <inheritdoc />
    public WorkloadFindings Check()
    {
        int lost = _missing.Count;
        for (int probe = 0; probe < Probes; probe++)
            Probe();
        return new WorkloadFindings(0, _corruptBytes, lost, [.. _problems]);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Session and card go with their system.
    }

    private long Now => _system!.Clock.Now;

    private long Patience => Now + _patience.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Sends frames until one comes back.</summary>
    private void Probe()
    {
        long end = Patience;
        ulong first = _sent;
        long arrived = _arrived;
        while (_arrived == arrived)
        {
            if (Now > end)
                throw new WorkloadException($"none of {_sent - first} frames came back within {_patience.TotalSeconds:0} s");
            if (!Send())
                throw new WorkloadException($"no frame was taken within {StallNanoseconds / 1e9:0} s by a driver in which nothing is wrong");
            _client!.Transmit.Ring();
            for (long look = Now + 10 * LookNanoseconds; _arrived == arrived && Now < look;)
                Receive(look);
        }
    }

    /// <returns>False when no slot came back for long: longer than it takes to replace a driver that was lost.</returns>
    private bool Send()
    {
        long end = Now + StallNanoseconds;
        Span<byte> slot;
        while ((slot = _client!.Transmit.Next()).IsEmpty)
        {
            _client.Transmit.Ring();
            Receive(0);
            if (Now > end)
                return false;
            _client.Transmit.Wait(Now + LookNanoseconds);
        }
        _client.Transmit.Submit(FramePattern.Fill(slot, _address, ++_sent));
        _missing.Add(_sent);
        return true;
    }

    private void Receive(long deadline)
    {
        if (deadline > 0)
            _client!.Receive.Wait(deadline);
        while (_client!.Receive.TryTake(out var frame))
        {
            _arrived++;
            if (FramePattern.TryIdentify(frame, _address, out ulong number) && number <= _sent)
            {
                _missing.Remove(number);
                continue;
            }
            _corruptBytes += frame.Length;
            _problems.Add($"a frame of {frame.Length} bytes arrived that nobody sent so: {Convert.ToHexString(frame[..Math.Min(frame.Length, 32)])}");
        }
        _client.Receive.Ring();
    }
}
