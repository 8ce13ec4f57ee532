using System.Runtime.InteropServices;

namespace DdeKit.Foreign;

/// <summary>What stubs of patched sites call. Each answers whether it made the access; if not, the stub runs the instruction itself.</summary>
internal static unsafe class PatchedEntry
{
    /// <summary><c>int ReadMemory(address, ulong *value, int width)</c>.</summary>
    public static nint ReadMemory => (nint)(delegate* unmanaged<ulong, ulong*, int, int>)&LoadFromWindow;

    /// <summary><c>int WriteMemory(address, const ulong *value, int width)</c>.</summary>
    public static nint WriteMemory => (nint)(delegate* unmanaged<ulong, ulong*, int, int>)&StoreToWindow;

    /// <summary><c>int ReadPort(port, ulong *value, int width)</c>.</summary>
    public static nint ReadPort => (nint)(delegate* unmanaged<ulong, ulong*, int, int>)&Input;

    /// <summary><c>int WritePort(port, const ulong *value, int width)</c>.</summary>
    public static nint WritePort => (nint)(delegate* unmanaged<ulong, ulong*, int, int>)&Output;

    /// <summary><c>int Emulate(RegisterFrame *frame)</c>: any instruction; the frame's error code names the site, its RIP is where to go on.</summary>
    public static nint Emulate => (nint)(delegate* unmanaged<RegisterFrame*, int>)&Carry;

    [UnmanagedCallersOnly]
    private static int LoadFromWindow(ulong address, ulong* value, int width)
    {
        var cpu = ForeignCpu.Current!;
        try
        {
            var patcher = cpu.Patcher!;
            if (!patcher.Windows.TryTranslate(address, width, out ulong physical))
                return 0;
            *value = RegisterFile.Truncate(patcher.Device.ReadMemory(physical, width), width);
        }
        catch (Exception exception)
        {
            // The stub sees that the domain is dying.
            cpu.Abort(exception);
        }
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int StoreToWindow(ulong address, ulong* value, int width)
    {
        var cpu = ForeignCpu.Current!;
        try
        {
            var patcher = cpu.Patcher!;
            if (!patcher.Windows.TryTranslate(address, width, out ulong physical))
                return 0;
            patcher.Device.WriteMemory(physical, width, RegisterFile.Truncate(*value, width));
        }
        catch (Exception exception)
        {
            cpu.Abort(exception);
        }
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int Input(ulong port, ulong* value, int width)
    {
        var cpu = ForeignCpu.Current!;
        try
        {
            *value = cpu.Patcher!.Device.ReadPort(unchecked((ushort)port), width);
        }
        catch (Exception exception)
        {
            cpu.Abort(exception);
        }
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int Output(ulong port, ulong* value, int width)
    {
        var cpu = ForeignCpu.Current!;
        try
        {
            cpu.Patcher!.Device.WritePort(unchecked((ushort)port), width, (uint)RegisterFile.Truncate(*value, width));
        }
        catch (Exception exception)
        {
            cpu.Abort(exception);
        }
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int Carry(RegisterFrame* frame)
    {
        var cpu = ForeignCpu.Current!;
        try
        {
            var patcher = cpu.Patcher!;
            var site = patcher.SiteOf((int)frame->ErrorCode);
            frame->ErrorCode = 0;
            // What is no device access, or a bad one, traps as it would have: the report then shows the driver's own registers.
            bool done = patcher.Emulation.Emulate(ref *frame, in site.Instruction, in site.Prepared) == EmulationResult.Done;
            frame->Rip = (ulong)(done ? site.Done : site.Native);
            return 0;
        }
        catch (Exception exception)
        {
            cpu.Abort(exception);
            return 1;
        }
    }
}
