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

    private sealed class Handler(LinuxKernel kernel, uint line, nint handler, nint owner)
    {
        internal uint Line => line;

        internal nint Owner => owner;

        internal DeviceResources.Entry? Entry { get; set; }

        internal bool Handle()
        {
            kernel.Timekeeping.Refresh();
            int result = unchecked((int)kernel.PerCpu.CallIn(PerCpu.HardInterrupt, handler, (nint)line, owner));
            return result == WakeThread
                ? throw new KernelFaultException($"the handler of interrupt {line} wants its thread woken, but it has none")
                : result == Handled;
        }
    }

    /// <summary>Attaches a handler until the driver leaves the device. irqreturn_t (*)(int, void *).</summary>
    [KernelFunction]
    public int devm_request_threaded_irq(Device device, uint line, nint handler, nint threadFunction, ulong flags, KernelString name, nint owner)
    {
        if (handler == 0 || threadFunction != 0)
        {
            throw new KernelFaultException(
                $"interrupt {line} of '{kernel.DriverCore.NameOf(device)}' wants a handler thread (function 0x{threadFunction:x}), which this shim does not have");
        }
        var action = new Handler(kernel, line, handler, owner);
        InterruptController.InterruptHandler attached = action.Handle;
        try
        {
            kernel.Pci.Interrupts.Attach(line, attached);
        }
        catch (ServiceException exception)
        {
            kernel.Log.Write(LogLevel.Error, $"{kernel.DriverCore.NameOf(device)}: interrupt {line} cannot be attached: {exception.Message}");
            return -Errno.EBUSY;
        }
        _actions.Add(action);
        action.Entry = kernel.DeviceResources.Add(device, () =>
        {
            _actions.Remove(action);
            kernel.Pci.Interrupts.Detach(line, attached);
        });
        return 0;
    }

    [KernelFunction]
    public void devm_free_irq(Device device, uint line, nint owner)
    {
        var action = _actions.Find(a => a.Line == line && a.Owner == owner)
            ?? throw new KernelFaultException($"'{kernel.DriverCore.NameOf(device)}' gives interrupt {line} back, which it does not have");
        kernel.DeviceResources.Release(device, action.Entry!);
    }
}

public sealed partial class LinuxKernel
{
    internal Interrupts Interrupts => field ??= new Interrupts(this);
}
