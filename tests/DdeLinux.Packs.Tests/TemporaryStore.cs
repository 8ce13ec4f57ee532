namespace DdeLinux.Packs.Tests;

/// <summary>A store in a folder of its own, and room for files beside it.</summary>
internal sealed class TemporaryStore : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dde-test-").FullName;

    public TemporaryStore() => Store = new(Path.Combine(_root, "kernels"));

    public KernelPackStore Store { get; }

    public PackImporter Importer => new(Store, null);

    public string Write(string name, byte[] contents)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, contents);
        return path;
    }

    /// <summary>What lies in the store besides the lock, hidden files too.</summary>
    public IEnumerable<string> Entries() => Directory.Exists(Store.Folder)
        ? Directory.EnumerateFileSystemEntries(Store.Folder).Select(path => Path.GetFileName(path)).Where(name => name != ".lock").Order()
        : [];

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
