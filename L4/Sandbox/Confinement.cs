using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace L4;

/// <summary>The last step into the sandbox, taken by the child process itself when it has loaded what it runs.</summary>
public static unsafe class Confinement
{
    private const long SetModeFilter = 1;
    private const ulong SynchronizeThreads = 1;

    // A list of what any library could name, all of the framework: what is used of it, others name as well.
    private const string Everything = "netstandard";

    // Loaded by the runtime by name, when it writes down where an exception came from.
    private static readonly string[] s_loadedByName = ["System.Diagnostics.StackTrace", "System.Reflection.Metadata", "System.Collections.Immutable"];

    /// <summary>
    /// Confines this process for ever: from here on it computes, makes threads and memory, and uses the open files that it has or receives. It
    /// opens no file, no socket and no process, starts none, and signals none. Loads all assemblies that the given ones name first, since none
    /// can be loaded behind it. Native libraries that are still to be loaded are the caller's to load, and the console is the caller's to write to for the
    /// first time, if it is to be written to.
    /// </summary>
    /// <param name="roots">What the task runs.</param>
    /// <exception cref="ServiceException">The host's kernel has no system call filters, or refused this one; the text has the error.</exception>
    public static void Enter(params IReadOnlyList<Assembly> roots)
    {
        Load(roots);
        WarmUp();
        var program = SystemCallFilter.Assemble(SystemCallFilter.RulesFor(Environment.ProcessId));
        if (NativeProcess.prctl(NativeProcess.SetNoNewPrivileges, 1, 0, 0, 0) != 0)
            throw NativeProcess.Error("giving up new privileges", Marshal.GetLastPInvokeError());
        fixed (BpfInstruction* instructions = program)
        {
            var filter = new FilterProgram { Length = (ushort)program.Length, Instructions = instructions };
            long result = NativeProcess.Call(SystemCall.Seccomp, SetModeFilter, (void*)SynchronizeThreads, (nint)(&filter));
            if (result < 0)
                throw NativeProcess.Error($"a system call filter of {program.Length} instructions", -result);
            // A thread that has a filter of its own keeps it: its number is the answer.
            if (result > 0)
                throw new ServiceException(ServiceError.Busy, $"thread {result} has a system call filter of its own");
        }
    }

    /// <summary>All that the assemblies name, and what those name.</summary>
    private static void Load(IReadOnlyList<Assembly> roots)
    {
        var seen = new HashSet<string>(roots.Select(static r => r.GetName().Name!));
        var waiting = new Queue<Assembly>(roots);
        foreach (string name in s_loadedByName)
            waiting.Enqueue(Assembly.Load(name));
        while (waiting.TryDequeue(out var assembly))
        {
            if (assembly.GetName().Name == Everything)
                continue;
            foreach (var name in assembly.GetReferencedAssemblies())
            {
                if (!seen.Add(name.Name!))
                    continue;
                try
                {
                    waiting.Enqueue(Assembly.Load(name));
                }
                catch (FileNotFoundException)
                {
                    // Named for the compiler's sake only, as analyzers' and generators' helpers are: what is not there now would not be later.
                }
            }
        }
    }

    /// <summary>What opens files the first time opens them now: the unwinder, generated methods, a thread's stack, a collection, a timer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WarmUp()
    {
        try
        {
            throw new InvalidOperationException("the first exception");
        }
        catch (InvalidOperationException exception)
        {
            _ = exception.ToString();
        }
        // The runtime makes such methods itself, where a method is called through reflection more than once.
        var method = new DynamicMethod("first", typeof(int), null);
        var generator = method.GetILGenerator();
        generator.Emit(OpCodes.Ldc_I4_1);
        generator.Emit(OpCodes.Ret);
        method.CreateDelegate<Func<int>>()();
        var thread = new Thread(static () => GC.Collect());
        thread.Start();
        thread.Join();
        using var elapsed = new ManualResetEventSlim();
        using var timer = new Timer(_ => elapsed.Set(), null, 1, Timeout.Infinite);
        elapsed.Wait();
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public BpfInstruction* Instructions;
    }
}
