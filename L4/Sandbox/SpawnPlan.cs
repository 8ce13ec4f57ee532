using System.Runtime.InteropServices;

namespace L4;

/// <summary>
/// A child's beginning in the C library's form, made ahead: the thread that starts the child may have restricted itself so far that it can
/// load no code any more. The C library makes the child without copying this process's memory and with all signals blocked, so no
/// managed code ever runs between fork and exec.
/// </summary>
internal sealed unsafe class SpawnPlan : IDisposable
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private readonly List<nint> _blocks = [];
    private readonly byte* _actions;
    private readonly byte* _attributes;
    private readonly byte* _program;
    private readonly byte** _arguments;
    private readonly byte** _environment;

    /// <param name="start">What the child begins with.</param>
    /// <param name="nullDevice">Its standard input and output, unless it is handed others.</param>
    /// <param name="errorPipe">Its standard error, unless it is handed another.</param>
    internal SpawnPlan(ProcessStart start, int nullDevice, int errorPipe)
    {
        try
        {
            _program = AddText(start.Program);
            _arguments = AddList([start.Program, .. start.Arguments]);
            _environment = AddList([.. start.Environment.Select(v => $"{v.Key}={v.Value}"), $"{ProcessStart.ParentVariable}={Environment.ProcessId}"]);
            byte* actions = (byte*)AddBlock(NativeProcess.OpaqueBytes), attributes = (byte*)AddBlock(NativeProcess.OpaqueBytes);
            NativeProcess.Check("posix_spawn_file_actions_init", NativeProcess.posix_spawn_file_actions_init(actions));
            _actions = actions;
            NativeProcess.Check("posix_spawnattr_init", NativeProcess.posix_spawnattr_init(attributes));
            _attributes = attributes;
            AddDescriptors(start.Descriptors, nullDevice, errorPipe);
            NativeProcess.Check("posix_spawn_file_actions_addchdir_np", NativeProcess.posix_spawn_file_actions_addchdir_np(_actions, AddText("/")));
            SetAttributes();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts the child with the calling thread's restrictions. Loads no code.</summary>
    /// <param name="process">Its number.</param>
    /// <returns>0, or the error's number.</returns>
    internal int Spawn(out int process)
    {
        int started = 0;
        int error = NativeProcess.posix_spawn(&started, _program, _actions, _attributes, _arguments, _environment);
        process = started;
        return error;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_actions != null)
            _ = NativeProcess.posix_spawn_file_actions_destroy(_actions);
        if (_attributes != null)
            _ = NativeProcess.posix_spawnattr_destroy(_attributes);
        foreach (nint block in _blocks)
            Marshal.FreeCoTaskMem(block);
        _blocks.Clear();
    }

    /// <summary>Two steps, because a target's number may be another's source: first all to numbers that are neither, then to their places.</summary>
    private void AddDescriptors(IReadOnlyList<HandedDescriptor> handed, int nullDevice, int errorPipe)
    {
        var all = new List<HandedDescriptor>(handed);
        foreach (var (source, target) in (ReadOnlySpan<(int, int)>)[(nullDevice, StandardInput), (nullDevice, StandardOutput), (errorPipe, StandardError)])
        {
            if (!all.Exists(h => h.Target == target))
                all.Add(new HandedDescriptor(source, target));
        }
        var targets = new HashSet<int>();
        foreach (var (source, target) in all)
        {
            if (source < 0 || target < 0 || !targets.Add(target))
                throw new ServiceException(ServiceError.BadArgument,
                    $"descriptor {source} was to be {target} in the child: numbers start at 0, and each can be one descriptor only");
        }
        int free = all.Max(h => Math.Max(h.Source, h.Target)) + 1;
        for (int index = 0; index < all.Count; index++)
            Duplicate(all[index].Source, free + index);
        for (int index = 0; index < all.Count; index++)
            Duplicate(free + index, all[index].Target);
        int last = targets.Max();
        for (int gap = 0; gap < last; gap++)
        {
            if (!targets.Contains(gap))
                NativeProcess.Check("posix_spawn_file_actions_addclose", NativeProcess.posix_spawn_file_actions_addclose(_actions, gap));
        }
        NativeProcess.Check("posix_spawn_file_actions_addclosefrom_np", NativeProcess.posix_spawn_file_actions_addclosefrom_np(_actions, last + 1));
    }

    private void Duplicate(int descriptor, int target) =>
        NativeProcess.Check("posix_spawn_file_actions_adddup2", NativeProcess.posix_spawn_file_actions_adddup2(_actions, descriptor, target));

    private void SetAttributes()
    {
        byte* signals = stackalloc byte[NativeProcess.OpaqueBytes];
        _ = NativeProcess.sigemptyset(signals);
        NativeProcess.Check("posix_spawnattr_setsigmask", NativeProcess.posix_spawnattr_setsigmask(_attributes, signals));
        _ = NativeProcess.sigfillset(signals);
        NativeProcess.Check("posix_spawnattr_setsigdefault", NativeProcess.posix_spawnattr_setsigdefault(_attributes, signals));
        // A session of its own is a process group of its own too, and has no terminal: no key press reaches it.
        NativeProcess.Check("posix_spawnattr_setflags", NativeProcess.posix_spawnattr_setflags(_attributes,
            NativeProcess.SpawnSetSession | NativeProcess.SpawnSetSignalMask | NativeProcess.SpawnSetSignalDefaults));
    }

    private nint AddBlock(int bytes)
    {
        nint block = Marshal.AllocCoTaskMem(bytes);
        _blocks.Add(block);
        return block;
    }

    private byte* AddText(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ServiceException(ServiceError.BadArgument, $"the word '{text.Replace("\0", "\\0", StringComparison.Ordinal)}' for a child process has a zero in it");
        nint block = Marshal.StringToCoTaskMemUTF8(text);
        _blocks.Add(block);
        return (byte*)block;
    }

    private byte** AddList(string[] texts)
    {
        var list = (byte**)AddBlock((texts.Length + 1) * sizeof(byte*));
        for (int index = 0; index < texts.Length; index++)
            list[index] = AddText(texts[index]);
        list[texts.Length] = null;
        return list;
    }
}
