using DdeBsd;
using DdeBsd.Build;
using DdeLinux.Packs;
using L4;
using L4Io;
using Ports;
using Tracing;

namespace RootTask;

/// <summary>The files of a port, read by the root: its manifest, its modules and the kernel's types. Driver tasks get them as dataspaces.</summary>
internal sealed class DriverImage
{
    private readonly byte[]? _types;
    private readonly List<(string Name, byte[] Bytes)> _modules;

    private DriverImage(PortManifest manifest, string release, byte[]? types, List<(string Name, byte[] Bytes)> modules, string description)
    {
        Manifest = manifest;
        Release = release;
        _types = types;
        _modules = modules;
        Description = description;
    }

    /// <summary>What the port is.</summary>
    internal PortManifest Manifest { get; }

    /// <summary>The kernel release of its modules.</summary>
    internal string Release { get; }

    /// <summary>Port, module file and its SHA-256, as clients are told.</summary>
    internal string Description { get; }

    /// <exception cref="PackException">There is no such kernel pack, or no such module in it.</exception>
    /// <exception cref="BadManifestException">There is no such port.</exception>
    /// <exception cref="BuildException">The port's sources cannot be built.</exception>
    internal static DriverImage Load(string port, string? release)
    {
        var manifest = PortCatalog.Default.Open(port);
        return manifest.Os == LegacySystem.Bsd ? Build(manifest) : Load(manifest, release);
    }

    private static DriverImage Build(PortManifest manifest)
    {
        var builder = KldBuilder.CreateDefault();
        var kernel = builder.BuildKernel();
        var driver = builder.Build(PortSources.Of(manifest));
        return new DriverImage(manifest, ShimSystem.Name, null, [(kernel.Name, kernel.Read()), (driver.Name, driver.Read())],
            $"{manifest.Name} {Path.GetFileName(driver.Path)} sha256:{driver.Sha256}");
    }

    private static DriverImage Load(PortManifest manifest, string? release)
    {
        var pack = KernelPackStore.Default.Select(release);
        var files = manifest.Modules.Select(pack.FindModule).ToList();
        // The last module is the driver proper; those before it are its libraries.
        var driver = files[^1];
        return new DriverImage(manifest, pack.Release, pack.ReadTypes(), [.. files.Select(f => (f.Name, f.Read()))],
            $"{manifest.Name} {Path.GetFileName(driver.Path)} sha256:{driver.ComputeSha256()}");
    }

    /// <summary>Whether the port was made for a PCI function.</summary>
    internal bool Drives(PciFunctionInfo function) => Manifest.PciIds.Any(id =>
        id.Vendor == function.Vendor && id.Device == function.Device && function.Revision >= id.FirstRevision && function.Revision <= id.LastRevision);

    /// <summary>What a driver is started with: capabilities of the root, to be sent and then given up.</summary>
    /// <param name="root">The root task.</param>
    /// <param name="function">The PCI function.</param>
    /// <param name="reportFile">Where the report goes if the driver dies.</param>
    /// <param name="patchesSites">See <see cref="DriverStart"/>.</param>
    /// <param name="trace">The driver's end of a trace; null for none.</param>
    /// <param name="faults">What is to go wrong in it; null for nothing.</param>
    internal DriverStart CreateStart(L4Task root, Capability function, string reportFile, bool patchesSites, TraceChannel? trace, DriverFaultStart? faults)
    {
        DriverFile Fill(string name, byte[] bytes)
        {
            var dataspace = root.CreateDataspace(name, (ulong)bytes.Length);
            using (var mapping = root.Map(dataspace))
                bytes.CopyTo(mapping.Bytes);
            var readable = root.Restrict(dataspace, CapabilityRights.Read);
            root.Release(dataspace);
            return new DriverFile(name, readable, bytes.Length);
        }
        return new DriverStart(
            Manifest.Name, Manifest.Os, Description, Release, reportFile, function, _types is null ? null : Fill("vmlinux", _types), [.. _modules.Select(m => Fill(m.Name, m.Bytes))], patchesSites, trace, faults);
    }

    /// <summary>The driver has what it is started with: the root gives its part up.</summary>
    internal static void GiveUp(L4Task root, DriverStart start)
    {
        root.Release(start.Function);
        foreach (var file in start.Modules)
            root.Release(file.Dataspace);
        if (start.Types is { } types)
            root.Release(types.Dataspace);
        if (start.Trace is not { } trace)
            return;
        root.Release(trace.Ring);
        root.Release(trace.Available);
        root.Release(trace.Room);
    }
}
