using DdeKit;

namespace DdeLinux;

/// <summary>A kernel thread as the shim sees it. Belongs to the holder of the baton.</summary>
internal sealed class KernelThread
{
    internal KernelThread(TaskStruct task, string name)
    {
        Task = task;
        Name = name;
    }

    /// <summary>For people.</summary>
    internal string Name { get; }

    /// <summary>What drivers see of it. Its memory is given back when the thread has ended.</summary>
    internal TaskStruct Task { get; }

    /// <summary>Whether the body has returned.</summary>
    internal bool HasEnded { get; set; }

    internal KitThread? Host { get; set; }
}
