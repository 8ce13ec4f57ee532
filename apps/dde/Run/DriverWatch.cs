using System.Runtime.InteropServices;
using L4;
using Ports;
using RootTask;

namespace Dde;

/// <summary>Stays with a running system until the person or the clock ends it, or a driver dies.</summary>
internal static class DriverWatch
{
    private const ulong EndBit = 1;
    private const ulong GoneBit = 2;

    private static readonly PosixSignal[] s_ends = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    /// <summary>Returns at a signal to end, or after a time. Called on a thread of the system's client.</summary>
    /// <param name="system">What runs.</param>
    /// <param name="time">How long it stays; null for ever.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.ServerGone"/>: a driver died; the text says of what.</exception>
    internal static void Wait(DdeSystem system, TimeSpan? time)
    {
        var client = system.Client;
        var capability = client.CreateNotification();
        var notification = client.Open<Notification>(capability);
        PosixSignalRegistration[] signals = [.. s_ends.Select(end => PosixSignalRegistration.Create(end, context =>
        {
            context.Cancel = true;
            notification.Signal(EndBit);
        }))];
        try
        {
            foreach (var driver in system.DriverStatistics)
                client.NotifyWhenGone(driver, capability, GoneBit);
            long deadline = time is { } length ? system.Clock.Now + (long)length.TotalMilliseconds * 1_000_000 : Clock.Never;
            if ((notification.Wait(deadline) & GoneBit) == 0)
                return;
            // Who is asked and gone says why.
            foreach (var driver in system.DriverStatistics)
                new DriverStatisticsProxy(client, driver).Read();
        }
        finally
        {
            foreach (var signal in signals)
                signal.Dispose();
        }
    }
}
