using DdeKit.Foreign;
using DdeKit.Memory;

namespace DdeBsd;

/// <summary>Time: ticks, time of day, delays. DELAY(9), microtime(9).</summary>
internal sealed class Clocks(BsdKernel kernel)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Ticks in a second: what kernel/variables.c says <c>hz</c> is.</summary>
    private const int Hertz = 1000;

    private const long TickNanoseconds = NanosecondsPerSecond / Hertz;

    private readonly long _bootTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
    private nint _ticks;
    private nint _uptime;
    private nint _second;

    /// <summary>Ticks since boot.</summary>
    internal int Ticks => unchecked((int)(kernel.Cpu.Now / TickNanoseconds));

    /// <summary>Finds the variables that drivers read.</summary>
    internal void Boot()
    {
        _ticks = kernel.Symbols.Require("ticks");
        _uptime = kernel.Symbols.Require("time_uptime");
        _second = kernel.Symbols.Require("time_second");
        kernel.Memory.At<long>(kernel.Symbols.Require("physmem")) = (long)(kernel.Arena.HeapBytes / Arena.PageSize);
        Refresh();
    }

    /// <summary>Brings the variables up to date: where a driver comes back from anything that takes time.</summary>
    internal void Refresh()
    {
        kernel.Memory.At<int>(_ticks) = Ticks;
        // Zero would mean that the clock does not run yet.
        kernel.Memory.At<long>(_uptime) = 1 + kernel.Cpu.Now / NanosecondsPerSecond;
        kernel.Memory.At<long>(_second) = (_bootTime + kernel.Cpu.Now) / NanosecondsPerSecond;
    }

    /// <summary>How long so many ticks are.</summary>
    internal static long Nanoseconds(int ticks) => Math.Max(ticks, 0) * TickNanoseconds;

    /// <summary>Lets time pass, with interrupts: as on a real processor, they come while a driver spins.</summary>
    [KernelFunction]
    public void DELAY(int microseconds)
    {
        if (kernel.Pci.Delay(Math.Max(microseconds, 0) * 1000L))
            Refresh();
        kernel.Interrupts.Allow();
    }

    [KernelFunction]
    [KernelFunction("getmicrotime")]
    public void microtime(nint time) => PutMicroseconds(time, _bootTime + kernel.Cpu.Now);

    [KernelFunction]
    [KernelFunction("getmicrouptime")]
    public void microuptime(nint time) => PutMicroseconds(time, kernel.Cpu.Now);

    [KernelFunction]
    [KernelFunction("getnanotime")]
    public void nanotime(nint time) => PutNanoseconds(time, _bootTime + kernel.Cpu.Now);

    [KernelFunction]
    [KernelFunction("getnanouptime")]
    public void nanouptime(nint time) => PutNanoseconds(time, kernel.Cpu.Now);

    // struct timeval and struct timespec: two words each.
    private void PutMicroseconds(nint time, long nanoseconds) => Put(time, nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond / 1000);

    private void PutNanoseconds(nint time, long nanoseconds) => Put(time, nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond);

    private void Put(nint time, long seconds, long fraction)
    {
        var words = kernel.Memory.Span<long>(time, 2);
        words[0] = seconds;
        words[1] = fraction;
    }
}

public sealed partial class BsdKernel
{
    internal Clocks Clock => field ??= new Clocks(this);
}
