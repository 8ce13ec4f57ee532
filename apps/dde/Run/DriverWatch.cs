using System.Runtime.InteropServices;
using L4;
using RootTask;

namespace Dde;

/// <summary>Stays with a running system until the person or the clock ends it, or a device is given up.</summary>
internal static class DriverWatch
{
    private const ulong EndBit = 1;
    private const ulong GivenUpBit = 2;

    private static readonly PosixSignal[] s_ends = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    /// <summary>Returns at a signal to end, or after a time. Called on a thread of the system's client.</summary>
    /// <param name="system">What runs.</param>
    /// <param name="time">How long it stays; null for ever.</param>
    /// <exception cref="SystemStartException">A device was given up; the text says why.</exception>
    internal static void Wait(DdeSystem system, TimeSpan? time)
    {
        var client = system.Client;
        var notification = client.Open<Notification>(client.CreateNotification());
        void Look(DriverStatus status)
        {
            if (status.State == DriverState.GivenUp)
                notification.Signal(GivenUpBit);
        }
        PosixSignalRegistration[] signals = [.. s_ends.Select(end => PosixSignalRegistration.Create(end, context =>
        {
            context.Cancel = true;
            notification.Signal(EndBit);
        }))];
        system.Supervisor.Changed += Look;
        try
        {
            // It may have been given up before anybody looked.
            foreach (var status in system.Supervisor.Drivers)
                Look(status);
            long deadline = time is { } length ? system.Clock.Now + (long)length.TotalMilliseconds * 1_000_000 : Clock.Never;
            if ((notification.Wait(deadline) & GivenUpBit) != 0)
                throw new SystemStartException(ExitCode.DriverGone, system.Supervisor.Drivers.First(status => status.State == DriverState.GivenUp).LastLoss!);
        }
        finally
        {
            system.Supervisor.Changed -= Look;
            foreach (var signal in signals)
                signal.Dispose();
        }
    }
}
