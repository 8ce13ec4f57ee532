using System.Runtime.InteropServices;
using System.Text;

namespace L4;

/// <summary>
/// A child process of this one, ended with it at the latest. A thread of its own starts it, restricted first if the child is to be so,
/// and sleeps in the kernel until the child has ended.
/// </summary>
/// <remarks>All members may be called from any thread. The thread lives as long as the child because the kernel ties the child's
/// death to the thread that made it (<see cref="ProcessParent.DieWith"/>), and because restrictions of a thread cannot be taken back.</remarks>
public sealed unsafe class ChildProcess : IDisposable
{
    private const int SpawnerStackBytes = 256 * 1024;
    private const int ErrorOutputBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly ProcessStart _start;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new();
    private int _errorPipe = -1;
    private int _descriptor = -1;
    private ServiceException? _failure;
    private ProcessExit? _exit;

    private ChildProcess(ProcessStart start)
    {
        _start = start;
        _thread = new Thread(Run, SpawnerStackBytes) { IsBackground = true, Name = $"process {Path.GetFileName(start.Program)}" };
    }

    /// <summary>The process's number.</summary>
    public int Id { get; private set; }

    /// <summary>A process descriptor (pidfd): readable, for poll, when the process has ended. It belongs to this object.</summary>
    public int Descriptor => _descriptor;

    /// <summary>A line for each protection that was asked for and that the host's kernel does not have. To be reported, never kept quiet.</summary>
    public IReadOnlyList<string> MissingProtection { get; private set; } = [];

    /// <summary>Starts a process. Returns when it runs its program, or failed to.</summary>
    /// <exception cref="ServiceException">It could not be started; the text says why, with the error's number.</exception>
    public static ChildProcess Start(ProcessStart start)
    {
        var child = new ChildProcess(start);
        child._thread.Start();
        child._started.Wait();
        if (child._failure is not { } failure)
            return child;
        child.Dispose();
        throw failure;
    }

    /// <summary>Waits until the process has ended.</summary>
    public ProcessExit Wait()
    {
        _thread.Join();
        return _exit!;
    }

    /// <summary>Waits until the process has ended, but not for ever.</summary>
    /// <returns>Null when it goes on.</returns>
    public ProcessExit? Wait(TimeSpan limit) => _thread.Join(limit) ? _exit : null;

    /// <summary>Ends the process at once, if it has not ended.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
                _ = NativeProcess.Call(SystemCall.PidFdSendSignal, _descriptor, (void*)NativeProcess.SignalKill);
        }
    }

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            if (_exit is { } exit)
                return exit.ProcessorTime;
            // clock_getcpuclockid(3): the clock of a process is its number, complemented and shifted, with 2 for "all that it ran".
            const int Scheduled = 2;
            var time = stackalloc long[2];
            return NativeProcess.clock_gettime(unchecked(~Id << 3) | Scheduled, time) == 0
                ? TimeSpan.FromSeconds(time[0]) + TimeSpan.FromMicroseconds(time[1] / 1000.0)
                : default;
        }
    }

    /// <summary>
    /// Lets the process use this much more processor time, in whole seconds and at least one; beyond it the kernel ends it. For a task that is to
    /// be cut off when it makes no progress: whoever watches its progress grants anew at each step. Until the first grant it may use any.
    /// </summary>
    /// <exception cref="ServiceException">The kernel refused; the text has the error.</exception>
    public void GrantProcessorTime(TimeSpan time) => SetLimit(NativeProcess.LimitProcessorTime, (ulong)Math.Ceiling((ProcessorTime + time).TotalSeconds), keepMaximum: true);

    /// <summary>Ends the process if it runs, and waits until it has ended.</summary>
    public void Dispose()
    {
        Kill();
        _thread.Join();
        lock (_lock)
        {
            NativeProcess.Close(_descriptor);
            NativeProcess.Close(_errorPipe);
            _descriptor = _errorPipe = -1;
        }
        _started.Dispose();
    }

    private void Run()
    {
        try
        {
            Spawn();
        }
        catch (ServiceException exception)
        {
            _failure = exception;
            if (Id != 0)
                _ = NativeProcess.Call(SystemCall.Kill, Id, (void*)NativeProcess.SignalKill);
        }
        _started.Set();
        if (Id != 0)
            _exit = Reap();
    }

    private void Spawn()
    {
        var pipe = stackalloc int[2] { -1, -1 };
        int nullDevice = -1, rules = -1;
        try
        {
            // Non-blocking: a child that writes more than the pipe holds loses it instead of standing still.
            if (NativeProcess.pipe2(pipe, NativeProcess.OpenCloseOnExec | NativeProcess.OpenNonBlocking) != 0)
                throw NativeProcess.Error("making a pipe", Marshal.GetLastPInvokeError());
            _errorPipe = pipe[0];
            nullDevice = NativeProcess.open("/dev/null", NativeProcess.OpenReadWrite | NativeProcess.OpenCloseOnExec);
            if (nullDevice < 0)
                throw NativeProcess.Error("opening /dev/null", Marshal.GetLastPInvokeError());
            using var plan = new SpawnPlan(_start, nullDevice, pipe[1]);
            if (_start.Files is { } files)
            {
                rules = Landlock.CreateRules(files);
                MissingProtection = Landlock.Missing;
                // From here on this thread can open nothing but what the child may: no code of this program is loaded behind this line.
                if (Landlock.RestrictThread(rules) is not 0 and var refused)
                    throw NativeProcess.Error("restricting a thread with Landlock", refused);
            }
            if (plan.Spawn(out int process) is not 0 and var error)
                throw NativeProcess.Error($"starting {_start.Program}", error);
            Id = process;
            // Nobody reaps the child but this thread, so its number is still its own.
            long descriptor = NativeProcess.Call(SystemCall.PidFdOpen, process);
            if (descriptor < 0)
                throw NativeProcess.Error("pidfd_open", -descriptor);
            _descriptor = (int)descriptor;
            SetLimits(_start.Limits);
        }
        finally
        {
            NativeProcess.Close(pipe[1]);
            NativeProcess.Close(nullDevice);
            NativeProcess.Close(rules);
        }
    }

    private void SetLimits(ProcessLimits limits)
    {
        SetLimit(NativeProcess.LimitCore, 0);
        if (limits.MemoryBytes is { } memory)
            SetLimit(NativeProcess.LimitData, (ulong)memory);
        if (limits.OpenFiles is { } files)
            SetLimit(NativeProcess.LimitOpenFiles, (ulong)files);
        if (limits.FileBytes is { } bytes)
            SetLimit(NativeProcess.LimitFileSize, (ulong)bytes);
    }

    private void SetLimit(int resource, ulong value, bool keepMaximum = false)
    {
        var limit = stackalloc ulong[2];
        if (NativeProcess.prlimit(Id, resource, null, limit) == 0)
        {
            limit[1] = keepMaximum ? limit[1] : Math.Min(value, limit[1]);
            limit[0] = Math.Min(value, limit[1]);
            if (NativeProcess.prlimit(Id, resource, limit, null) == 0)
                return;
        }
        int error = Marshal.GetLastPInvokeError();
        // One that has ended and was reaped has nothing left to be limited.
        if (error != NativeProcess.NoSuchProcess)
            throw NativeProcess.Error($"setting limit {resource} of process {Id} to {value}", error);
    }

    private ProcessExit Reap()
    {
        // siginfo_t: si_code at 8, si_status at 24; struct rusage: two times of 16 bytes, then the peak resident size in KiB.
        var information = stackalloc int[32];
        var usage = stackalloc long[18];
        long result;
        do
        {
            result = NativeProcess.Call(SystemCall.WaitId, NativeProcess.WaitForProcess, (void*)Id, (nint)information, NativeProcess.WaitExited, usage);
        }
        while (result == -NativeProcess.InterruptedCall);
        string output = ReadErrorOutput();
        if (result != 0)
            return new ProcessExit(ProcessEnd.Unknown, (int)-result, output, 0, default);
        var time = TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]);
        return ProcessExit.From(information[2] != NativeProcess.ChildExited, information[6], output, usage[4] * 1024, time);
    }

    private string ReadErrorOutput()
    {
        byte[] bytes = new byte[ErrorOutputBytes];
        int length = 0;
        fixed (byte* start = bytes)
        {
            nint count;
            while (length < bytes.Length && (count = NativeProcess.read(_errorPipe, start + length, (nuint)(bytes.Length - length))) > 0)
                length += (int)count;
        }
        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
