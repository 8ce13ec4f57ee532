using System.Globalization;
using System.Text;

namespace Ports;

/// <summary>Makes the folder of a port for a driver in a source tree that the user has.</summary>
public static class PortFolder
{
    /// <summary>Writes a <c>port.yaml</c>.</summary>
    /// <param name="folder">The port's folder, new; its last part is the port's name.</param>
    /// <param name="tree">The source tree.</param>
    /// <param name="sources">C and interface files, relative to the tree.</param>
    /// <param name="deviceClass">What the driver's devices are for.</param>
    /// <param name="ids">Vendor and device of the PCI functions.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="BadManifestException">The folder is there already, or a source is not.</exception>
    public static PortManifest Create(string folder, string tree, IReadOnlyList<string> sources, DeviceClass deviceClass, IReadOnlyList<(ushort Vendor, ushort Device)> ids)
    {
        string path = Path.Combine(Path.GetFullPath(folder), "port.yaml");
        if (Directory.Exists(folder))
            throw new BadManifestException(path, 0, "the folder is there already; choose another name");
        string root = Path.GetFullPath(tree);
        if (sources.FirstOrDefault(source => !File.Exists(Path.Combine(root, source))) is { } missing)
            throw new BadManifestException(path, 0, $"{root} has no {missing}");
        string module = Path.GetFileNameWithoutExtension(sources.First(source => source.EndsWith(".c", StringComparison.Ordinal)));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"name: {Path.GetFileName(Path.GetFullPath(folder))}\ndescription: FreeBSD's {module}, built from the source tree {root}.\nos: bsd\n");
        text.Append(CultureInfo.InvariantCulture, $"class: {(deviceClass == DeviceClass.Block ? "block\n# Nothing below the driver reads its commands.\nguard: none" : "network")}\n");
        text.Append(CultureInfo.InvariantCulture, $"tree: {root}\nmodules: [{module.Replace('-', '_')}]\nsources: [{string.Join(", ", sources)}]\npciIds:\n");
        foreach (var (vendor, device) in ids)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ vendor: 0x{vendor:x4}, device: 0x{device:x4}, name: {module} }}\n");
        text.Append("license: That of the source tree; its files are not part of this port.\nexpectedImports: []\n");
        Directory.CreateDirectory(folder);
        File.WriteAllText(path, text.ToString());
        return PortManifest.Read(path);
    }
}
