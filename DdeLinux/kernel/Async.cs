namespace DdeLinux;

/// <summary>Calls that run beside their caller, numbered in the order of their start (kernel/async.c).</summary>
internal sealed partial class Async
{
    private readonly LinuxKernel _kernel;
    private readonly List<ulong> _running = [];
    private readonly List<KernelThread> _waiting = [];
    private ulong _next = 1;

    internal Async(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Waits until all calls have ended, as loading a module does.</summary>
    internal void SynchronizeAll() => Synchronize(ulong.MaxValue);

    /// <summary>Calls a driver's function (data, cookie) on a thread of its own; the result is the call's number.</summary>
    [KernelFunction]
    public ulong async_schedule_node(nint function, nint data, int node)
    {
        ulong cookie = _next++;
        _running.Add(cookie);
        _kernel.Scheduler.StartThread($"async/{cookie}", () =>
        {
            _kernel.Call(function, data, (nint)cookie);
            _running.Remove(cookie);
            foreach (var thread in _waiting)
                Scheduler.Wake(thread);
        });
        return cookie;
    }

    /// <summary>Waits until all calls that started before this one have ended.</summary>
    [KernelFunction]
    public void async_synchronize_cookie(ulong cookie) => Synchronize(cookie);

    private void Synchronize(ulong cookie)
    {
        while (_running.Count > 0 && _running[0] < cookie)
        {
            var thread = _kernel.Scheduler.RequireSleeper("async_synchronize_cookie");
            _waiting.Add(thread);
            _kernel.Scheduler.Wait();
            _waiting.Remove(thread);
        }
    }
}

public sealed partial class LinuxKernel
{
    internal Async Async => field ??= new Async(this);
}
