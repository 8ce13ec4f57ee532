using DdeKit;
using DdeKit.Foreign;
using L4;

namespace DdeBsd;

/// <summary>A kernel thread.</summary>
internal sealed class KernelThread(nint address, string name)
{
    /// <summary>What the driver sees of it: an address that is nobody else's.</summary>
    internal nint Address { get; } = address;

    internal string Name { get; } = name;

    internal KitThread? Host { get; set; }
}

/// <summary>
/// Kernel threads and sleeping: tsleep(9), kproc_create(9). Each is a host thread; one runs at a time, and another gets its turn only where
/// this one sleeps. Interrupt threads, callouts and fast tasks run on the event loop, which may not sleep.
/// </summary>
internal sealed unsafe class Threads
{
    private const int PriorityDrop = 0x200;

    private readonly BsdKernel _kernel;
    private readonly SleepQueue<KernelThread> _channels;
    private readonly nint _loop;
    private KernelThread? _current;

    internal Threads(BsdKernel kernel)
    {
        _kernel = kernel;
        _channels = CreateQueue();
        _loop = kernel.Malloc.AllocateOwn(64);
    }

    /// <summary>The thread that runs; null on the event loop and in interrupts.</summary>
    internal KernelThread? Current => _kernel.Cpu.InInterrupt ? null : _current;

    /// <summary>Starts a thread; it runs when the caller sleeps or ends.</summary>
    internal KernelThread Start(string name, Action body)
    {
        var thread = new KernelThread(_kernel.Malloc.AllocateOwn(64), name);
        thread.Host = _kernel.Cpu.StartThread(name, () =>
        {
            _current = thread;
            body();
            _current = null;
            _kernel.Malloc.FreeOwn(thread.Address);
        });
        return thread;
    }

    /// <summary>A queue for threads that wait for one kind of object.</summary>
    internal SleepQueue<KernelThread> CreateQueue() => new(Park, thread => thread.Host!.Unpark());

    /// <summary>The thread that runs, for code that may sleep.</summary>
    /// <exception cref="KernelFaultException">Nothing may sleep here.</exception>
    internal KernelThread RequireSleeper(string operation)
    {
        var thread = Current ?? throw new KernelFaultException($"{operation} may sleep, but an interrupt, a callout or other work of the event loop runs");
        return _kernel.Mutexes.Held == 0
            ? thread
            : throw new KernelFaultException($"{operation} in thread '{thread.Name}' may sleep, but it holds {_kernel.Mutexes.DescribeHeld()}");
    }

    /// <summary>Sleeps for at least this long.</summary>
    internal void Sleep(long nanoseconds)
    {
        long deadline = _kernel.Cpu.Now + nanoseconds;
        RequireSleeper("pause");
        while (_kernel.Cpu.Now < deadline)
            Park(deadline);
    }

    /// <summary>The address that stands for the calling thread.</summary>
    [KernelFunction]
    public nint _dde_curthread() => CurrentAddress;

    /// <inheritdoc cref="_dde_curthread"/>
    internal nint CurrentAddress => Current?.Address ?? _loop;

    [KernelFunction]
    public int tsleep(nint channel, int priority, KernelString text, int ticks) => Sleep("tsleep", channel, ticks);

    [KernelFunction]
    public int pause(KernelString text, int ticks)
    {
        Sleep(Clocks.Nanoseconds(Math.Max(ticks, 1)));
        return Errno.EWOULDBLOCK;
    }

    /// <summary>Sleeps without the mutex, and takes it again unless PDROP says otherwise.</summary>
    [KernelFunction]
    public int msleep(nint channel, nint mutex, int priority, KernelString text, int ticks)
    {
        if (mutex == 0)
            return Sleep("msleep", channel, ticks);
        _kernel.Mutexes.Unlock(mutex, 0, 0);
        try
        {
            return Sleep("msleep", channel, ticks);
        }
        finally
        {
            if ((priority & PriorityDrop) == 0)
                _kernel.Mutexes.Lock(mutex, 0, 0);
        }
    }

    [KernelFunction]
    public int msleep_spin(nint channel, nint mutex, KernelString text, int ticks) => msleep(channel, mutex, 0, text, ticks);

    [KernelFunction]
    public void wakeup(nint channel)
    {
        while (_channels.WakeFirst(channel) is not null)
        {
        }
    }

    [KernelFunction]
    public void wakeup_one(nint channel) => _channels.WakeFirst(channel);

    [KernelFunction(Variadic = true)]
    public int kthread_create(nint function, nint argument, nint process, int flags, int pages, KernelString format, VariadicArguments arguments)
    {
        var thread = Start(_kernel.Printf.ToText(format.Bytes, arguments), () => _kernel.Call(function, argument));
        if (process != 0)
            _kernel.Memory.At<nint>(process) = thread.Address;
        return 0;
    }

    [KernelFunction]
    public void kthread_exit(int code) =>
        // A thread's frames cannot be unwound one by one; it sleeps until the domain ends.
        RequireSleeper("kthread_exit").Host!.Park();

    private int Sleep(string operation, nint channel, int ticks)
    {
        var thread = RequireSleeper(operation);
        return _channels.Wait(channel, thread, ticks == 0 ? Clock.Never : _kernel.Cpu.Now + Clocks.Nanoseconds(ticks)) ? 0 : Errno.EWOULDBLOCK;
    }

    /// <summary>Gives the processor up until the thread is unparked, or the deadline; false at the deadline.</summary>
    internal bool Park(long deadline = Clock.Never)
    {
        var thread = _current!;
        _current = null;
        try
        {
            return thread.Host!.Park(deadline);
        }
        finally
        {
            // Also when the domain stops: the thread unwinds through its own foreign frames then.
            _current = thread;
            _kernel.Clock.Refresh();
        }
    }
}

public sealed partial class BsdKernel
{
    internal Threads Threads => field ??= new Threads(this);
}
