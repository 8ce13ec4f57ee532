namespace Ports;

/// <summary>All ports: a folder with one folder for each.</summary>
/// <param name="folder">Where they lie.</param>
public sealed class PortCatalog(string folder)
{
    private const string ManifestFile = "port.yaml";

    /// <summary>The ports that came with this program.</summary>
    public static PortCatalog Default => new(Path.Combine(AppContext.BaseDirectory, "ports"));

    /// <summary>The names of all ports, sorted.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, ManifestFile))).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The manifest of a port.</summary>
    /// <exception cref="BadManifestException">There is no such port, or its manifest is wrong.</exception>
    public PortManifest Open(string name) => Names.Contains(name)
        ? PortManifest.Read(Path.Combine(folder, name, ManifestFile))
        : throw new BadManifestException(folder, 0, $"no port {name}; there are: {string.Join(", ", Names)}");
}
