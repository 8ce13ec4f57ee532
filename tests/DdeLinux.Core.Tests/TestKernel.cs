using System.Runtime.ExceptionServices;
using System.Text;
using DdeKit;
using DdeLinux.Packs;
using L4;
using L4Io;

namespace DdeLinux.Core.Tests;

/// <summary>A domain without a driver: the test plays the driver, on a kernel thread, with the virtual clock, and calls the shim through
/// the same thunks.</summary>
internal sealed unsafe class TestKernel : IDisposable
{
    private readonly L4System _system = new(new VirtualClock());
    private readonly DriverFunctions _functions = new();
    private readonly L4Task _task;
    private readonly VirtualCpu _cpu;

    internal TestKernel(bool withRegisters = false)
    {
        var pack = KernelPackStore.Default.Select();
        KernelTypes.Current = new KernelTypes(pack.Release, pack.TypesWith());
        _task = _system.CreateTask("driver");
        Registers = new RegisterFunction(_system.Root);
        var gate = _system.Root.CreateGate(new PciFunctionDispatcher(withRegisters ? Registers : new IdleFunction(_system.Root)));
        using (_task.Enter())
        {
            _cpu = new VirtualCpu(_task);
            Kernel = new LinuxKernel(_cpu, _system.Root.GiveTo(_task, gate));
        }
    }

    internal LinuxKernel Kernel { get; }

    /// <summary>The function of a kernel with registers.</summary>
    internal RegisterFunction Registers { get; }

    /// <summary>Runs a test's body as a kernel thread until it returns, and whatever it started meanwhile.</summary>
    internal static void Run(Action<TestKernel> body, bool withRegisters = false)
    {
        using var test = new TestKernel(withRegisters);
        test.RunBody(body);
    }

    /// <summary>Runs a body that must end the domain; the result is why.</summary>
    internal static Exception RunToDeath(Action<TestKernel> body, bool withRegisters = false)
    {
        using var test = new TestKernel(withRegisters);
        test.RunBody(kernel =>
        {
            try
            {
                body(kernel);
            }
            catch (DdeKit.Foreign.ForeignAbortException)
            {
                // Expected: the call into the shim did not come back.
            }
        }, mayDie: true);
        return test.Kernel.Foreign.Cause ?? throw new InvalidOperationException("The domain lives.");
    }

    /// <summary>The address by which a driver calls a function of the shim, or has a variable.</summary>
    internal nint Symbol(string name) =>
        Kernel.Symbols.TryResolve(name, out nint value) ? value : throw new KeyNotFoundException($"The shim has no {name}.");

    /// <summary>Calls a function of the shim as a driver does.</summary>
    internal nint Call(string name, params ReadOnlySpan<nint> arguments)
    {
        Span<nint> all = stackalloc nint[6];
        arguments.CopyTo(all);
        return Kernel.Call(Symbol(name), all[0], all[1], all[2], all[3], all[4], all[5]);
    }

    /// <summary>Memory of the driver, zeroed.</summary>
    internal nint Allocate(int size) => Kernel.Slab.Allocate((nuint)size, Slab.Zero);

    /// <summary>A C string of the driver.</summary>
    internal nint Text(string text)
    {
        nint address = Allocate(Encoding.Latin1.GetByteCount(text) + 1);
        Encoding.Latin1.GetBytes(text, new Span<byte>((void*)address, text.Length));
        return address;
    }

    internal string ReadText(nint address) => Encoding.Latin1.GetString(Kernel.Memory.CheckString(address).Bytes);

    /// <summary>A function of the driver.</summary>
    internal nint Function(DriverFunctions.Body body) => _functions.Add(Kernel, body);

    internal ref T At<T>(nint address) where T : unmanaged => ref Kernel.Memory.At<T>(address);

    public void Dispose()
    {
        Kernel.Dispose();
        _cpu.Dispose();
        _system.Dispose();
    }

    private void RunBody(Action<TestKernel> body, bool mayDie = false)
    {
        Exception? failure = null;
        using (_task.Enter())
        {
            Kernel.Boot();
            Kernel.Scheduler.StartThread("test", () =>
            {
                try
                {
                    body(this);
                }
                catch (Exception exception) when (exception is not DomainStoppingException)
                {
                    failure = exception;
                }
                _cpu.Stop();
            });
            _cpu.Run();
        }
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        if (!mayDie && Kernel.Foreign.Cause is { } cause)
            ExceptionDispatchInfo.Throw(cause);
    }
}
