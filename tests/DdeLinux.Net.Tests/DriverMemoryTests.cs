using DdeKit.Foreign;

namespace DdeLinux.Net.Tests;

/// <summary>A heap that is full at the worst moment, whichever that is: each allocation fails once.</summary>
public abstract partial class DriverTests
{
    [KernelFact]
    public void A_heap_that_fails_at_any_moment_of_loading_ends_in_an_error_a_report_or_a_device_that_works()
    {
        long needed = 0;
        Run(domain =>
        {
            Unload(domain);
            long before = domain.Kernel.Arena.Heap.Requests;
            Load(domain);
            needed = domain.Kernel.Arena.Heap.Requests - before;
        });
        int failed = 0;
        for (long refused = 0; refused < needed; refused++)
        {
            try
            {
                Run(domain => failed += LoadWith(domain, refused));
            }
            catch (InvalidOperationException exception) when (exception.InnerException is KernelFaultException { Message: var report })
            {
                // What the kernel itself cannot do without ends the domain, which says so.
                report.ShouldStartWith("no memory for ");
                failed++;
            }
        }
        failed.ShouldBeGreaterThan(1);
    }

    [KernelFact]
    public void A_heap_that_fails_at_any_moment_of_opening_ends_in_an_error_or_a_device_that_works() => Run(domain =>
    {
        var heap = domain.Kernel.Arena.Heap;
        long before = heap.Requests;
        domain.OpenWithCarrier();
        domain.Device.Close();
        long needed = heap.Requests - before;
        var books = (heap.LiveObjects, heap.LiveBytes);
        for (long refused = 0; refused < needed; refused++)
        {
            heap.RefuseAfter(refused);
            try
            {
                domain.Device.Open();
            }
            catch (NetworkDeviceException exception)
            {
                exception.ErrorNumber.ShouldBe(-Errno.ENOMEM);
            }
            if (domain.Device.IsOpen)
                domain.Device.Close();
            (heap.LiveObjects, heap.LiveBytes).ShouldBe(books, $"after allocation {refused} was refused");
        }
        RefuseNoMore(domain);
        domain.OpenWithCarrier();
        ShouldCarryFrames(domain);
    });

    [KernelFact]
    public void A_heap_that_fails_during_traffic_loses_frames_at_most() => Run(domain =>
    {
        domain.OpenWithCarrier();
        ulong place = domain.Place(NetworkDomain.Frame(NetworkDomain.Peer, NetworkDomain.Address, 1000, 1));
        byte[] back = NetworkDomain.Frame(NetworkDomain.Address, NetworkDomain.Peer, 500, 1);
        for (int refused = 0; refused < 40; refused++)
        {
            domain.Kernel.Arena.Heap.RefuseAfter(refused);
            for (int number = 0; number < 4; number++)
            {
                domain.Device.TryTransmit(place, 1000, 1, more: false);
                domain.SendToDriver(back);
            }
            domain.Kernel.Scheduler.Sleep(20_000_000);
            domain.Drain();
        }
        RefuseNoMore(domain);
        ShouldCarryFrames(domain);
    });

    /// <summary>Loads the driver while one allocation is refused. The result is 1 when no device came of that.</summary>
    private int LoadWith(NetworkDomain domain, long refused)
    {
        var heap = domain.Kernel.Arena.Heap;
        Unload(domain);
        var books = (heap.LiveObjects, heap.LiveBytes);
        heap.RefuseAfter(refused);
        Load(domain);
        int failed = domain.Kernel.NetworkDevices.Count == 0 ? 1 : 0;
        Unload(domain);
        (heap.LiveObjects, heap.LiveBytes).ShouldBe(books, $"after allocation {refused} was refused");
        Load(domain);
        domain.OpenWithCarrier();
        ShouldCarryFrames(domain);
        return failed;
    }

    private static void RefuseNoMore(NetworkDomain domain) => domain.Kernel.Arena.Heap.RefuseAfter(long.MaxValue - domain.Kernel.Arena.Heap.Requests);

    private void Load(NetworkDomain domain)
    {
        foreach (string module in Modules)
            domain.Insert(module);
    }
}
