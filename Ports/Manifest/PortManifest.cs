using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Ports;

/// <summary>The kernel family that a driver was written for.</summary>
public enum LegacySystem
{
    /// <summary>Linux: binary modules of a distribution.</summary>
    Linux,
    /// <summary>FreeBSD: modules built from unmodified sources.</summary>
    Bsd,
}

/// <summary>What a driver's devices are for.</summary>
public enum DeviceClass
{
    /// <summary>Disks.</summary>
    Block,
    /// <summary>Network cards.</summary>
    Network,
}

/// <summary>What reads a disk driver's commands below the driver.</summary>
public enum CommandGuardKind
{
    /// <summary>Nothing yet, because the controller takes its commands from memory. The driver's word is all there is.</summary>
    None,
    /// <summary>The guard of controllers that are programmed through a task file.</summary>
    Taskfile,
}

/// <summary>A PCI function that a driver handles.</summary>
public sealed record PortPciId
{
    /// <summary>The vendor's number.</summary>
    public required ushort Vendor { get; init; }

    /// <summary>The vendor's number for the device.</summary>
    public required ushort Device { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>The first revision that the driver handles: devices of one number may want different drivers.</summary>
    public byte FirstRevision { get; init; }

    /// <summary>The last revision that the driver handles.</summary>
    public byte LastRevision { get; init; } = byte.MaxValue;
}

/// <summary>
/// A port as its <c>port.yaml</c> declares it. Reading is strict: a key that is not one of these properties, a key twice, or a missing
/// one is an error with its line.
/// </summary>
public sealed record PortManifest
{
    /// <summary>The port's name: that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The kernel family.</summary>
    public required LegacySystem Os { get; init; }

    /// <summary>What its devices are for.</summary>
    public required DeviceClass Class { get; init; }

    /// <summary>The modules in load order.</summary>
    public required IReadOnlyList<string> Modules { get; init; }

    /// <summary>BSD: what the one module is built from, C and interface files, relative to the port's folder or, when it names one, to the tree.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>BSD: folders of the driver's own headers, relative as the sources are.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>BSD: further options of the C compiler, such as <c>-DNAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>BSD: the user's own source tree of the system, for ports of drivers that are not part of this program; null for sources in the
    /// port's folder.</summary>
    public string? Tree { get; init; }

    /// <summary>The folder of the manifest; empty when it was read from a text.</summary>
    [YamlIgnore]
    public string Folder { get; private set; } = "";

    /// <summary>The devices that the port has been tried with; the modules may handle more.</summary>
    public required IReadOnlyList<PortPciId> PciIds { get; init; }

    /// <summary>For network cards: what the emulated machine calls the card that the port is tried with; null for none.</summary>
    public string? Model { get; init; }

    /// <summary>For disks: what reads the driver's commands below it.</summary>
    public CommandGuardKind? Guard { get; init; }

    /// <summary>What the modules import from outside themselves, with the kernel that the port was last tried with.</summary>
    public required IReadOnlyList<string> ExpectedImports { get; init; }

    /// <summary>Where the modules come from and under which licence.</summary>
    public required string License { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">A <c>port.yaml</c> in a folder with the port's name.</param>
    /// <exception cref="BadManifestException">It is missing or wrong.</exception>
    public static PortManifest Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadManifestException(path, 0, exception.Message, exception);
        }
        var manifest = Parse(text, path);
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)));
        manifest.Folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return manifest.Name == folder
            ? manifest
            : throw new BadManifestException(path, 0, $"the name is {manifest.Name}, the folder is {folder}");
    }

    /// <summary>Reads a manifest from its text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="BadManifestException">It is wrong.</exception>
    public static PortManifest Parse(string text, string path)
    {
        try
        {
            var manifest = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .WithTypeMapping<IReadOnlyList<string>, List<string>>()
                .WithTypeMapping<IReadOnlyList<PortPciId>, List<PortPciId>>()
                .WithDuplicateKeyChecking()
                .WithEnforceRequiredMembers()
                .WithEnforceNullability()
                .Build()
                .Deserialize<PortManifest?>(text) ?? throw new BadManifestException(path, 0, "is empty");
            manifest.Check(path);
            return manifest;
        }
        catch (YamlException exception)
        {
            // The reason stands in the innermost exception; the outer ones only say where.
            var reason = exception.GetBaseException();
            throw new BadManifestException(path, exception.Start.Line, reason.Message, exception);
        }
    }

    private void Check(string path)
    {
        if (Modules.Count == 0)
            throw new BadManifestException(path, 0, "lists 0 modules");
        if (PciIds.Count == 0)
            throw new BadManifestException(path, 0, "lists 0 PCI ids");
        if (PciIds.Any(id => id is null))
            throw new BadManifestException(path, 0, "lists an empty PCI id");
        if (PciIds.FirstOrDefault(id => id.FirstRevision > id.LastRevision) is { } reversed)
            throw new BadManifestException(path, 0, $"{reversed.Name}: the first revision, {reversed.FirstRevision}, is behind the last, {reversed.LastRevision}");
        if (Class == DeviceClass.Block && Guard is null)
            throw new BadManifestException(path, 0, "drives disks and does not say which guard stands below it (guard: taskfile, or guard: none)");
        if (Os == LegacySystem.Bsd && (Sources.Count == 0 || Modules.Count != 1))
            throw new BadManifestException(path, 0, $"a port of os bsd builds one module from its sources; this one lists {Modules.Count} modules and {Sources.Count} sources");
        if (Os == LegacySystem.Linux && (Sources.Count > 0 || Includes.Count > 0 || Options.Count > 0 || Tree is not null))
            throw new BadManifestException(path, 0, "sources, includes, options and tree are for ports of os bsd; Linux modules are fetched, not built");
        foreach (var list in new[] { Modules, Sources, ExpectedImports })
        {
            if (list.Any(string.IsNullOrEmpty))
                throw new BadManifestException(path, 0, "lists an empty name");
            if (list.CountBy(entry => entry).FirstOrDefault(entry => entry.Value > 1) is { Key: not null } twice)
                throw new BadManifestException(path, 0, $"lists {twice.Key} {twice.Value} times");
        }
    }
}
