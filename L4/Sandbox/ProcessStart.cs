using System.Runtime.InteropServices;

namespace L4;

/// <summary>An open file of this process that a child receives.</summary>
/// <param name="Source">Its number here; the caller keeps it and closes it when it likes.</param>
/// <param name="Target">Its number in the child, 0 and up.</param>
public readonly record struct HandedDescriptor(int Source, int Target);

/// <summary>
/// All that a child process begins with. It inherits nothing: no open file that is not named here, no variable of this process's
/// environment, no signal setting, not the terminal. Its directory is the root directory.
/// </summary>
/// <param name="Program">Absolute path of an executable file; it is also the first word of the child's command line.</param>
/// <param name="Arguments">The words after it.</param>
public sealed record ProcessStart(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The number that <see cref="ProcessParent"/> finds its parent by.</summary>
    internal const string ParentVariable = "L4_PARENT";

    /// <summary>The whole environment, but for one variable that tells the child who its parent is.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The open files. Where 0 and 1 are not among them they are the null device, and 2 is a pipe whose contents become
    /// <see cref="ProcessExit.ErrorOutput"/>.</summary>
    public IReadOnlyList<HandedDescriptor> Descriptors { get; init; } = [];

    /// <summary>What it may use up.</summary>
    public ProcessLimits Limits { get; init; } = ProcessLimits.None;

    /// <summary>The only files that the child can reach by name, and the promise that it has no privileges: no capability of the
    /// superuser, and no way to get one. Null leaves it what this process may do.</summary>
    public FileGrants? Files { get; init; }

    /// <summary>A .NET program run by the runtime that runs this one, with settings that suit a small task which answers quickly: a collector
    /// without a thread of its own, no second compilation to collect profiles, no diagnostics socket (it would answer any process of
    /// the same user), and code pages mapped once.</summary>
    /// <param name="assembly">Absolute path of its main assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="heapBytes">The limit of its managed heap: beyond it the program ends, out of memory.</param>
    public static ProcessStart Dotnet(string assembly, IReadOnlyList<string> arguments, long heapBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heapBytes, 1 << 20);
        return new ProcessStart(Path.Combine(DotnetRoot, "dotnet"), ["exec", assembly, .. arguments])
        {
            Environment = new Dictionary<string, string>
            {
                ["DOTNET_EnableDiagnostics"] = "0",
                ["DOTNET_gcConcurrent"] = "0",
                ["DOTNET_TieredPGO"] = "0",
                ["DOTNET_EnableWriteXorExecute"] = "0",
                ["DOTNET_GCHeapHardLimit"] = heapBytes.ToString("x", System.Globalization.CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>Where the runtime that runs this process is installed: the folder of the program <c>dotnet</c>.</summary>
    internal static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}
