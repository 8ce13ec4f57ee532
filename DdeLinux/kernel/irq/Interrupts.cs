using DdeKit.Pci;
using L4;

namespace DdeLinux;

/// <summary>Interrupt handlers of drivers.</summary>
internal sealed partial class Interrupts(LinuxKernel kernel)
{
    /// <summary>IRQ_HANDLED (linux/irqreturn.h).</summary>
    private const int Handled = 1;

    /// <summary>IRQ_WAKE_THREAD.</summary>
    private const int WakeThread = 2;

    private readonly List<Handler> _actions = [];

    private sealed class Handler(LinuxKernel kernel, uint line, nint handler, nint owner, nint name)
    {
        /// <summary>What the interrupt controller knows it by.</summary>
        internal InterruptController.InterruptHandler Attached => field ??= Handle;

        internal uint Line => line;

        internal nint Name => name;

        internal nint Owner => owner;

        internal DeviceResources.Entry? Entry { get; set; }

        internal bool Handle()
        {
            kernel.Timekeeping.Refresh();
            kernel.Trace?.Interrupt(line, handler);
            int result = unchecked((int)kernel.PerCpu.CallIn(PerCpu.HardInterrupt, handler, (nint)line, owner));
            if (result != Handled)
                kernel.Trace?.UnhandledInterrupt(line, handler);
            return result == WakeThread
                ? throw new KernelFaultException($"the handler of interrupt {line} wants its thread woken, but it has none")
                : result == Handled;
        }
    }

    /// <summary>Attaches a handler: irqreturn_t (*)(int, void *).</summary>
    [KernelFunction]
    public int request_threaded_irq(uint line, nint handler, nint threadFunction, ulong flags, KernelString name, nint owner) =>
        Attach(line, handler, threadFunction, name, owner, out _);

    /// <summary>Detaches a handler; the result is the name that it was attached with.</summary>
    [KernelFunction]
    public nint free_irq(uint line, nint owner)
    {
        var action = Find(line, owner);
        Detach(action);
        return action.Name;
    }

    /// <summary>Attaches a handler until the driver leaves the device. irqreturn_t (*)(int, void *).</summary>
    [KernelFunction]
    public int devm_request_threaded_irq(Device device, uint line, nint handler, nint threadFunction, ulong flags, KernelString name, nint owner)
    {
        int error = Attach(line, handler, threadFunction, name, owner, out var action);
        if (error == 0)
            action!.Entry = kernel.DeviceResources.Add(device, () => Detach(action));
        return error;
    }

    [KernelFunction]
    public void devm_free_irq(Device device, uint line, nint owner) => kernel.DeviceResources.Release(device, Find(line, owner).Entry!);

    /// <summary>Keeps a line's interrupts back, and waits for handlers: none runs beside other code of the domain.</summary>
    [KernelFunction]
    public void disable_irq(uint line) => kernel.Pci.Interrupts.Disable(line);

    [KernelFunction]
    public void disable_irq_nosync(uint line) => kernel.Pci.Interrupts.Disable(line);

    /// <summary>As <see cref="disable_irq"/>, but does not wait for handler threads; true when none runs.</summary>
    [KernelFunction]
    public bool disable_hardirq(uint line)
    {
        kernel.Pci.Interrupts.Disable(line);
        return true;
    }

    [KernelFunction]
    public void enable_irq(uint line)
    {
        if (!kernel.Pci.Interrupts.Enable(line))
            kernel.Panic.Warn($"interrupt {line} is enabled more often than it was disabled");
    }

    /// <summary>Waits for handlers: none runs beside other code of the domain.</summary>
    [KernelFunction]
    public void synchronize_irq(uint line)
    {
    }

    private int Attach(uint line, nint handler, nint threadFunction, KernelString name, nint owner, out Handler? action)
    {
        action = null;
        if (handler == 0 || threadFunction != 0)
        {
            throw new KernelFaultException(
                $"interrupt {line} of '{name}' wants a handler thread (function 0x{threadFunction:x}), which this shim does not have");
        }
        var made = new Handler(kernel, line, handler, owner, name.Address);
        try
        {
            kernel.Pci.Interrupts.Attach(line, made.Attached);
        }
        catch (ServiceException exception)
        {
            kernel.Log.Write(LogLevel.Error, $"{name}: interrupt {line} cannot be attached: {exception.Message}");
            return -Errno.EBUSY;
        }
        _actions.Add(action = made);
        return 0;
    }

    private Handler Find(uint line, nint owner) => _actions.Find(a => a.Line == line && a.Owner == owner)
        ?? throw new KernelFaultException($"interrupt {line} is given back by 0x{owner:x}, which does not have it");

    private void Detach(Handler action)
    {
        _actions.Remove(action);
        kernel.Pci.Interrupts.Detach(action.Line, action.Attached);
    }
}

public sealed partial class LinuxKernel
{
    internal Interrupts Interrupts => field ??= new Interrupts(this);
}
