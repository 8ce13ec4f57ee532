using System.Globalization;

namespace L4;

/// <summary>A child process's side of <see cref="ChildProcess"/>.</summary>
public static class ProcessParent
{
    /// <summary>
    /// Ties this process's life to its parent's: the kernel ends it when the parent is gone, however that came. The first thing that the main
    /// method of a child does.
    /// </summary>
    /// <returns>False when there is no parent that started this process, or it has ended already: then the process is to end too.</returns>
    public static bool DieWith()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(ProcessStart.ParentVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
            return false;
        // The order matters: a parent that ends before the first line is seen by the second.
        return NativeProcess.prctl(NativeProcess.SetParentDeathSignal, NativeProcess.SignalKill, 0, 0, 0) == 0
            && NativeProcess.getppid() == parent;
    }
}
