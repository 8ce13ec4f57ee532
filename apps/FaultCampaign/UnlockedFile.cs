using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FaultCampaign;

/// <summary>Opens a file that another program holds for itself alone, as whoever looks at a medium from outside must.</summary>
internal static partial class UnlockedFile
{
    // asm-generic/fcntl.h: O_RDWR and O_CLOEXEC. .NET's own open always locks.
    private const int ReadWrite = 0x0000_0002;
    private const int CloseOnExec = 0x0008_0000;

    internal static SafeFileHandle Open(string path)
    {
        int descriptor = OpenFile(path, ReadWrite | CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"opening {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);
}
