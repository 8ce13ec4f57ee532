using System.Globalization;
using System.Runtime.InteropServices;

namespace L4;

/// <summary>
/// Landlock: a thread gives up, for itself and all that it starts, every access to the file system that is not granted, TCP, and the
/// means to reach processes outside. An unprivileged user may. (Linux, userspace-api/landlock; the interface's versions add rights.)
/// </summary>
internal static unsafe class Landlock
{
    private const long CreateRulesetVersion = 1;
    private const long CreateRulesetErrata = 2;
    private const long RuleOfPath = 1;

    private const ulong Execute = 1 << 0;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;
    // Rights that each version of the interface knows, from the first: 1-3 files, 5 control operations of devices.
    private const ulong FilesOfVersion1 = (1 << 13) - 1;
    private const ulong Refer = 1 << 13;
    private const ulong Truncate = 1 << 14;
    private const ulong DeviceControl = 1 << 15;
    private const ulong TcpBindAndConnect = 3;
    private const ulong ScopeAbstractSockets = 1;
    private const ulong ScopeSignals = 2;
    // Erratum 2: signals between threads of one process were refused too, which .NET's runtime needs.
    private const long SignalErratumMended = 1 << 1;

    /// <summary>The version of the interface that the running kernel has; 0 for none.</summary>
    internal static int Version { get; } = (int)Math.Max(0, NativeProcess.Call(SystemCall.LandlockCreateRuleset, 0, null, CreateRulesetVersion));

    /// <summary>A line for each protection that the running kernel does not have.</summary>
    internal static IReadOnlyList<string> Missing => Version switch
    {
        0 => ["the host's kernel has no Landlock: until a task has confined itself, it can open what its user can"],
        < 4 => [string.Create(CultureInfo.InvariantCulture, $"the host's kernel has Landlock version {Version}, below 4: until a task has confined itself, it can reach the network")],
        _ => [],
    };

    /// <summary>The rules in the kernel's form.</summary>
    /// <returns>A descriptor for <see cref="RestrictThread"/>, or -1 if the kernel has no Landlock.</returns>
    /// <exception cref="ServiceException">The kernel refused; the text has the error.</exception>
    internal static int CreateRules(FileGrants grants)
    {
        if (Version == 0)
            return -1;
        ulong handled = FilesOfVersion1 | (Version >= 2 ? Refer : 0) | (Version >= 3 ? Truncate : 0) | (Version >= 5 ? DeviceControl : 0);
        ulong scopes = Version < 6 ? 0 : ScopeAbstractSockets | (HasMendedSignals() ? ScopeSignals : 0);
        var attributes = stackalloc ulong[3] { handled, Version >= 4 ? TcpBindAndConnect : 0, scopes };
        // A kernel takes the size that its version has, or longer if the rest is zero.
        long rules = NativeProcess.Call(SystemCall.LandlockCreateRuleset, (nint)attributes, (void*)(3 * sizeof(ulong)));
        if (rules < 0)
            throw NativeProcess.Error("landlock_create_ruleset", -rules);
        try
        {
            foreach (string path in grants.Run)
                Grant((int)rules, path, Execute | ReadFile, ReadFolder);
            foreach (string path in grants.Read)
                Grant((int)rules, path, ReadFile, ReadFolder);
        }
        catch
        {
            NativeProcess.Close((int)rules);
            throw;
        }
        return (int)rules;
    }

    /// <summary>
    /// Restricts the calling thread for ever, and all that it starts: the rules, no superuser's capabilities, and no way to get any. Loads no code.
    /// </summary>
    /// <param name="rules">What <see cref="CreateRules"/> gave.</param>
    /// <returns>0, or the error's number.</returns>
    internal static int RestrictThread(int rules)
    {
        if (NativeProcess.prctl(NativeProcess.SetNoNewPrivileges, 1, 0, 0, 0) != 0)
            return Marshal.GetLastPInvokeError();
        // capset(2): version 3, this thread; three words of 64 bits in two halves.
        var header = stackalloc uint[2] { NativeProcess.CapabilityVersion, 0 };
        var none = stackalloc uint[6];
        new Span<uint>(none, 6).Clear();
        long result = NativeProcess.Call(SystemCall.CapSet, (nint)header, none);
        if (result == 0 && rules >= 0)
            result = NativeProcess.Call(SystemCall.LandlockRestrictSelf, rules);
        return (int)-result;
    }

    private static bool HasMendedSignals()
    {
        long errata = NativeProcess.Call(SystemCall.LandlockCreateRuleset, 0, null, CreateRulesetErrata);
        return errata > 0 && (errata & SignalErratumMended) != 0;
    }

    private static void Grant(int rules, string path, ulong ofFiles, ulong ofFolders)
    {
        int descriptor = NativeProcess.open(path, NativeProcess.OpenPathOnly | NativeProcess.OpenCloseOnExec);
        if (descriptor < 0)
            return;
        try
        {
            var rule = new PathRule { Rights = ofFiles | (Directory.Exists(path) ? ofFolders : 0), Parent = descriptor };
            long result = NativeProcess.Call(SystemCall.LandlockAddRule, rules, (void*)RuleOfPath, (nint)(&rule));
            if (result < 0)
                throw NativeProcess.Error($"landlock_add_rule for {path}", -result);
        }
        finally
        {
            NativeProcess.Close(descriptor);
        }
    }

    /// <summary>struct landlock_path_beneath_attr: packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathRule
    {
        public ulong Rights;
        public int Parent;
    }
}
