using DdeBsd.Build;

namespace Ports;

/// <summary>Where the sources of a BSD port are.</summary>
public static class PortSources
{
    /// <summary>What the port's module is built from.</summary>
    /// <exception cref="BadManifestException">A source is not there.</exception>
    public static ModuleSources Of(PortManifest port)
    {
        string root = port.Tree is null ? port.Folder : Path.GetFullPath(port.Tree, port.Folder);
        string[] sources = [.. port.Sources.Select(source => Path.GetFullPath(source, root))];
        if (Array.Find(sources, source => !File.Exists(source)) is { } missing)
            throw new BadManifestException(Path.Combine(port.Folder, "port.yaml"), 0, $"the source {missing} is not there");
        // Headers beside a source are found by the compiler itself. A tree's own are for what the shim does not have.
        return new ModuleSources(port.Modules[0], sources, [.. port.Includes.Select(folder => Path.GetFullPath(folder, root))], port.Options)
        {
            FallbackFolders = port.Tree is null ? [] : [root],
        };
    }
}
