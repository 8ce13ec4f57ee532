using System.Diagnostics;

namespace DdeBsd.Build;

/// <summary>A C compiler of the host, and the linker that comes with it.</summary>
public sealed class CCompiler
{
    /// <summary>
    /// What a module of an amd64 kernel is compiled with: code and data in the upper or lower 2 GiB, no vector registers, no red zone, nothing
    /// of the host's library; <c>KLD_MODULE</c> has locks be calls.
    /// </summary>
    private static readonly string[] s_flags =
    [
        "-c", "-g", "-O2", "-pipe", "-std=gnu99", "-D_KERNEL", "-DKLD_MODULE", "-nostdinc", "-ffreestanding", "-fno-builtin", "-fno-common",
        "-fno-strict-aliasing", "-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-stack-protector", "-fno-pic", "-mcmodel=kernel",
        "-mno-red-zone", "-mno-mmx", "-mno-sse", "-mno-avx", "-msoft-float", "-fcf-protection=none",
        "-Wall", "-Wno-format", "-Wno-unused", "-Wno-pointer-sign", "-Wno-unknown-pragmas", "-Wno-main",
        // What a kernel of the time took for a warning is a wrong call on this machine.
        "-Werror=implicit-function-declaration", "-Werror=incompatible-pointer-types", "-Werror=int-conversion", "-Werror=return-type",
    ];

    private readonly string _path;

    private CCompiler(string path, string version)
    {
        _path = path;
        Identity = $"{version} {string.Join(' ', s_flags)}";
    }

    /// <summary>Version and flags: what its output depends on besides the sources.</summary>
    public string Identity { get; }

    /// <summary>The host's compiler: <c>CC</c> of the environment, else clang, gcc or cc.</summary>
    /// <exception cref="BuildException">There is none.</exception>
    public static CCompiler Find()
    {
        string[] names = Environment.GetEnvironmentVariable("CC") is { Length: > 0 } chosen ? [chosen] : ["clang", "gcc", "cc"];
        string folders = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (string name in names)
        {
            string? path = Path.IsPathRooted(name) ? name : folders.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
            if (path is not null && File.Exists(path))
                return new CCompiler(path, Run(path, ["--version"]).Output.Split('\n')[0]);
        }
        throw new BuildException($"no C compiler ({string.Join(", ", names)}) is in PATH; install one with: sudo apt-get install gcc", isMissingTool: true);
    }

    /// <summary>Compiles one source to an object.</summary>
    /// <exception cref="BuildException">It has errors; the message is the compiler's lines that say so.</exception>
    internal void Compile(string source, string target, IEnumerable<string> includeFolders, IEnumerable<string> options)
    {
        var result = Run(_path, [.. s_flags, .. options, .. includeFolders.Select(folder => "-I" + folder), "-o", target, source]);
        if (result.ExitCode != 0)
            throw new BuildException(Errors(result.Error));
    }

    /// <summary>Joins objects to one that is still relocatable, without debug information.</summary>
    internal void Join(IEnumerable<string> objects, string target) => Link(["-r", "-Wl,-S", .. objects, "-o", target]);

    /// <summary>Lists what a set of objects uses and neither it nor <paramref name="supplied"/> defines, with file and line.</summary>
    internal IReadOnlyList<string> FindUnresolved(IEnumerable<string> objects, string supplied)
    {
        // A link that is thrown away: with debug information, the linker names the source of each use.
        var result = Run(_path, ["-nostdlib", "-no-pie", "-static", "-Wl,-e,0", "-Wl,--warn-unresolved-symbols", "-Wl,--no-demangle", .. objects, supplied, "-o", "/dev/null"]);
        const string Mark = "undefined reference to `";
        return
        [
            .. result.Error.Split('\n').Where(line => line.Contains(Mark, StringComparison.Ordinal))
                .Select(line => line[(line.StartsWith("/usr/bin/ld: ", StringComparison.Ordinal) ? "/usr/bin/ld: ".Length : 0)..]
                    .Replace("warning: " + Mark, "not supplied: ", StringComparison.Ordinal).TrimEnd('\'')),
        ];
    }

    private void Link(IEnumerable<string> arguments)
    {
        var result = Run(_path, ["-nostdlib", "-no-pie", .. arguments]);
        if (result.ExitCode != 0)
            throw new BuildException(Errors(result.Error));
    }

    private static string Errors(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var errors = lines.Where(line => line.Contains("error: ", StringComparison.Ordinal)).ToList();
        return string.Join('\n', errors.Count > 0 ? errors : lines.ToList());
    }

    private static (int ExitCode, string Output, string Error) Run(string path, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Messages are read here: they are to be in one language.
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
