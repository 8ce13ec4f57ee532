using System.Security.Cryptography;
using System.Text;
using InterfaceCompiler;

namespace DdeBsd.Build;

/// <summary>A relocatable object that was built.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Path">The object.</param>
/// <param name="Sha256">Of the object, in lower-case hexadecimal.</param>
public sealed record BuiltModule(string Name, string Path, string Sha256)
{
    /// <summary>The object's bytes.</summary>
    public byte[] Read() => File.ReadAllBytes(Path);
}

/// <summary>What a module is built from.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Sources">C files, and interface files (<c>*_if.m</c>) of its own, as absolute paths.</param>
/// <param name="IncludeFolders">Searched before the shim's own headers.</param>
/// <param name="Options">Further options of the compiler, such as definitions.</param>
public sealed record ModuleSources(string Name, IReadOnlyList<string> Sources, IReadOnlyList<string> IncludeFolders, IReadOnlyList<string> Options)
{
    /// <summary>Searched after the shim's own headers: a source tree of the system.</summary>
    public IReadOnlyList<string> FallbackFolders { get; init; } = [];
}

/// <summary>
/// Builds the modules of BSD ports from source: against the shim's headers, with the host's compiler, once for every state of the sources.
/// The first module of every port is the shim's own, <c>kernel</c>: variables, library functions and interfaces that drivers import.
/// </summary>
public sealed class KldBuilder
{
    private const string KernelName = "kernel";

    private readonly CCompiler _compiler;
    private readonly string _shim;
    private readonly string _cache;
    private readonly string _shimHash;

    /// <param name="compiler">The compiler.</param>
    /// <param name="shimFolder">Holds include/, interfaces/ and kernel/.</param>
    /// <param name="cacheFolder">Where results are kept.</param>
    public KldBuilder(CCompiler compiler, string shimFolder, string cacheFolder)
    {
        _compiler = compiler;
        _shim = shimFolder;
        _cache = cacheFolder;
        _shimHash = Hash([compiler.Identity], FilesBelow(shimFolder));
    }

    /// <summary>The shim's sources that came with this program, and the user's cache.</summary>
    /// <exception cref="BuildException">There is no compiler.</exception>
    public static KldBuilder CreateDefault()
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new KldBuilder(CCompiler.Find(), Path.Combine(AppContext.BaseDirectory, "bsd"), Path.Combine(cache, "dde", "bsd"));
    }

    /// <summary>The shim's headers.</summary>
    public string HeaderFolder => Path.Combine(_shim, "include");

    /// <summary>The shim's own module.</summary>
    /// <exception cref="BuildException">It cannot be built.</exception>
    public BuiltModule BuildKernel() => Build(
        KernelName, _shimHash, [.. Sorted(Path.Combine(_shim, "kernel"), "*.c"), .. Sorted(Path.Combine(_shim, "interfaces"), "*.m")], [], [], []);

    /// <summary>A driver's module.</summary>
    /// <exception cref="BuildException">It cannot be built; the message names file and line of each finding.</exception>
    public BuiltModule Build(ModuleSources module)
    {
        // A port's own headers, beside its sources and below its include folders, are what it depends on too.
        var beside = module.Sources.Select(source => Path.GetDirectoryName(source)!).Distinct().Where(Directory.Exists).SelectMany(folder => Sorted(folder, "*.h"));
        var below = module.IncludeFolders.Where(Directory.Exists).SelectMany(FilesBelow).Where(file => file.EndsWith(".h", StringComparison.Ordinal));
        string key = Hash([_shimHash, module.Name, .. module.Options, .. module.IncludeFolders, .. module.FallbackFolders], [.. module.Sources, .. beside, .. below]);
        return Build(module.Name, key, module.Sources, module.IncludeFolders, module.Options, module.FallbackFolders);
    }

    /// <summary>What a module uses and nobody supplies, with file and line.</summary>
    /// <param name="module">Built before.</param>
    /// <param name="supplied">The names that the shim's functions supply.</param>
    public IReadOnlyList<string> FindUnresolved(BuiltModule module, IEnumerable<string> supplied)
    {
        string folder = Path.GetDirectoryName(module.Path)!;
        string names = Path.Combine(folder, $"supplied.{Environment.ProcessId}.ld");
        File.WriteAllLines(names, supplied.Select(name => $"PROVIDE({name} = 0);"));
        try
        {
            return _compiler.FindUnresolved([.. Directory.EnumerateFiles(folder, "*.part.o").Order(StringComparer.Ordinal), BuildKernel().Path], names);
        }
        finally
        {
            File.Delete(names);
        }
    }

    private BuiltModule Build(string name, string key, IReadOnlyList<string> sources, IReadOnlyList<string> includeFolders, IReadOnlyList<string> options, IReadOnlyList<string> fallbackFolders)
    {
        string folder = Path.Combine(_cache, $"{name}-{key[..16]}");
        string target = Path.Combine(folder, name + ".ko");
        if (!File.Exists(target))
            Make(folder, name, sources, includeFolders, options, fallbackFolders);
        return new BuiltModule(name, target, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(target))));
    }

    private void Make(string folder, string name, IReadOnlyList<string> sources, IReadOnlyList<string> includeFolders, IReadOnlyList<string> options, IReadOnlyList<string> fallbackFolders)
    {
        Directory.CreateDirectory(_cache);
        // Made aside and moved when it is whole: another process may build the same.
        string work = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}").FullName;
        try
        {
            string generated = Directory.CreateDirectory(Path.Combine(work, "generated")).FullName;
            var ownInterfaces = sources.Where(IsInterface).ToList();
            foreach (string file in Sorted(Path.Combine(_shim, "interfaces"), "*.m").Where(f => !ownInterfaces.Exists(o => Path.GetFileName(o) == Path.GetFileName(f))))
                Generate(file, generated);
            var tables = ownInterfaces.Select(file => Generate(file, generated)).ToList();
            var objects = new List<string>();
            var errors = new List<string>();
            foreach (string source in sources.Where(s => !IsInterface(s)).Concat(tables))
            {
                string part = Path.Combine(work, $"{Path.GetFileNameWithoutExtension(source)}.part.o");
                objects.Add(part);
                try
                {
                    _compiler.Compile(source, part, [.. includeFolders, generated, HeaderFolder, .. fallbackFolders], options);
                }
                catch (BuildException exception)
                {
                    errors.Add(exception.Message);
                }
            }
            if (errors.Count > 0)
                throw new BuildException(string.Join('\n', errors));
            _compiler.Join(objects, Path.Combine(work, name + ".ko"));
            try
            {
                Directory.Move(work, folder);
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, name + ".ko")))
            {
                // The other process was first, with the same result.
            }
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Writes an interface's header and table; the result is the table.</summary>
    private static string Generate(string file, string folder)
    {
        InterfaceFile read;
        try
        {
            read = InterfaceFile.Parse(File.ReadAllText(file), file);
        }
        catch (BadInterfaceException exception)
        {
            throw new BuildException(exception.Message, inner: exception);
        }
        File.WriteAllText(Path.Combine(folder, $"{read.Name}_if.h"), read.WriteHeader());
        string table = Path.Combine(folder, $"{read.Name}_if.c");
        File.WriteAllText(table, read.WriteTable());
        return table;
    }

    private static bool IsInterface(string file) => file.EndsWith(".m", StringComparison.Ordinal);

    private static string[] Sorted(string folder, string pattern) => [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)];

    private static string[] FilesBelow(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string Hash(IEnumerable<string> texts, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in texts)
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        foreach (string file in files)
        {
            try
            {
                hash.AppendData(Encoding.UTF8.GetBytes(file + "\0"));
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new BuildException($"{file}: {exception.Message}", inner: exception);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
