using System.Runtime.InteropServices;

namespace L4.Sandbox.Tests;

/// <summary>A test that needs the host's kernel to filter system calls.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class ConfinementFactAttribute : FactAttribute
{
    public ConfinementFactAttribute()
    {
        if (!File.Exists("/proc/sys/kernel/seccomp/actions_avail"))
            Skip = "the host's kernel has no system call filters";
        else if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Skip = $"the filter is for x86-64; this is {RuntimeInformation.ProcessArchitecture}";
    }
}

/// <summary>A test that becomes another user, which only the superuser can; others are unprivileged in all tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UserFactAttribute : ConfinementFactAttribute
{
    public UserFactAttribute()
    {
        if (Skip is not null)
            return;
        if (Environment.UserName != "root")
            Skip = "these tests run as an ordinary user anyway";
        else if (!File.Exists("/usr/bin/setpriv"))
            Skip = "not installed here: setpriv";
        else if (Folders(TestProcess.Folder).Any(static f => OperatingSystem.IsLinux() && !File.GetUnixFileMode(f).HasFlag(UnixFileMode.OtherExecute)))
            Skip = $"other users cannot enter {TestProcess.Folder}";
    }

    private static IEnumerable<string> Folders(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }
}
