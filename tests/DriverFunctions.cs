using System.Runtime.InteropServices;
using DdeLinux;

namespace Testing;

/// <summary>Functions of a driver that a test plays. In the test projects of DdeLinux.</summary>
internal sealed class DriverFunctions
{
    private readonly List<Delegate> _alive = [];

    internal delegate nint Body(nint first, nint second, nint third);

    /// <summary>What the shim calls to get to <paramref name="body"/>; an exception in it ends the domain, as a fault of the driver does.</summary>
    internal nint Add(LinuxKernel kernel, Body body)
    {
        Body guarded = (first, second, third) =>
        {
            try
            {
                return body(first, second, third);
            }
            catch (Exception exception)
            {
                kernel.Fault(exception);
                return 0;
            }
        };
        _alive.Add(guarded);
        return kernel.Thunks.Function("test callback", Marshal.GetFunctionPointerForDelegate(guarded), 3);
    }
}
