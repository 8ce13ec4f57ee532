using DdeKit.Foreign;
using DdeKit.Pci;
using L4;

namespace DdeBsd;

/// <summary>
/// Interrupt handlers: BUS_SETUP_INTR(9). A filter runs, and then the handler, in the same delivery: what FreeBSD gives to a thread needs
/// none here, because interrupts are delivered only where no mutex is held.
/// </summary>
internal sealed class Interrupts(BsdKernel kernel)
{
    // sys/bus.h: FILTER_*, INTR_MPSAFE.
    private const int FilterHandled = 2;
    private const int FilterScheduleThread = 4;
    private const int MultiprocessorSafe = 512;

    private readonly Dictionary<nint, Handler> _handlers = [];
    private int _sections;

    private sealed class Handler(BsdKernel kernel, uint line, int flags, nint filter, nint function, nint argument)
    {
        internal InterruptController.InterruptHandler Attached => field ??= Handle;

        internal uint Line => line;

        internal bool Handle()
        {
            kernel.Clock.Refresh();
            kernel.Trace?.Interrupt(line, filter != 0 ? filter : function);
            int answer = filter == 0 ? FilterScheduleThread : unchecked((int)kernel.Call(filter, argument));
            if ((answer & FilterScheduleThread) != 0 && function != 0)
                RunThread();
            // A handler without a filter cannot say whether the interrupt was its device's.
            return filter == 0 || (answer & (FilterHandled | FilterScheduleThread)) != 0;
        }

        private void RunThread()
        {
            bool needsGiant = (flags & MultiprocessorSafe) == 0;
            if (needsGiant)
                kernel.Mutexes.Lock(kernel.Mutexes.Giant, 0, 0);
            kernel.Call(function, argument);
            if (needsGiant)
                kernel.Mutexes.Unlock(kernel.Mutexes.Giant, 0, 0);
        }
    }

    /// <summary>Delivers interrupts that wait, if they may come now.</summary>
    internal void Allow()
    {
        if (_sections == 0 && kernel.Mutexes.Held == 0 && !kernel.Cpu.InInterrupt)
            kernel.Cpu.EnableInterrupts();
    }

    /// <summary>Attaches a handler; the cookie names it.</summary>
    internal int Attach(Resource resource, int flags, nint filter, nint function, nint argument, out nint cookie)
    {
        cookie = 0;
        if (filter == 0 && function == 0)
            return Errno.EINVAL;
        var handler = new Handler(kernel, (uint)resource.Extent.First, flags, filter, function, argument);
        try
        {
            kernel.Pci.Interrupts.Attach(handler.Line, handler.Attached);
        }
        catch (ServiceException exception)
        {
            kernel.Printf.Print($"{resource} cannot be attached: {exception.Message}\n");
            return Errno.EBUSY;
        }
        cookie = kernel.Malloc.AllocateOwn(8);
        _handlers.Add(cookie, handler);
        return 0;
    }

    /// <summary>Detaches a handler.</summary>
    internal int Detach(nint cookie)
    {
        if (!_handlers.Remove(cookie, out var handler))
            return Errno.EINVAL;
        kernel.Pci.Interrupts.Detach(handler.Line, handler.Attached);
        kernel.Malloc.FreeOwn(cookie);
        return 0;
    }

    [KernelFunction]
    [KernelFunction("spinlock_enter")]
    public void critical_enter() => _sections++;

    [KernelFunction]
    [KernelFunction("spinlock_exit")]
    public void critical_exit()
    {
        if (_sections == 0)
            throw new KernelFaultException("a critical section is left that was not entered");
        if (--_sections == 0)
            Allow();
    }
}

public sealed partial class BsdKernel
{
    internal Interrupts Interrupts => field ??= new Interrupts(this);
}
