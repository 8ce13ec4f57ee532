using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Architecture.Tests;

/// <summary>References point down only. Read from the assemblies that were built, so a reference that crept in is found whatever the
/// project files say.</summary>
public sealed class LayerTests
{
    /// <summary>Each assembly of the house and the assemblies of the house that it may name.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["L4"] = [],
        ["L4Io"] = ["L4"],
        ["Registers"] = [],
        ["Tracing"] = ["L4", "Registers"],
        ["Emulator"] = ["L4", "L4Io", "Registers"],
        ["Bddf"] = ["L4"],
        ["Nddf"] = ["L4"],
        ["CommandGuard"] = ["L4", "L4Io", "Bddf", "Registers"],
        ["DdeKit.Foreign"] = ["L4"],
        ["DdeKit"] = ["L4", "L4Io", "Registers", "Tracing", "DdeKit.Foreign"],
        ["DdeLinux"] = ["L4", "L4Io", "Registers", "Tracing", "DdeKit", "DdeKit.Foreign"],
        ["DdeBsd"] = ["L4", "L4Io", "Registers", "Tracing", "DdeKit", "DdeKit.Foreign"],
        ["DdeLinux.Packs"] = ["L4", "DdeKit.Foreign"],
        ["Ports"] = ["L4", "L4Io", "Tracing", "DdeKit", "DdeKit.Foreign", "DdeLinux", "DdeLinux.Packs", "DdeBsd", "DdeBsd.Build", "Bddf", "Nddf"],
        ["DSweeper.Core"] = ["L4", "Bddf"],
        ["RootTask"] = ["L4", "L4Io", "Registers", "Tracing", "Emulator", "CommandGuard", "Bddf", "Nddf", "DdeLinux.Packs", "DdeBsd", "DdeBsd.Build", "DdeKit.Foreign", "Ports"],
        ["Bench"] = ["L4", "L4Io", "Emulator", "DdeKit", "DdeKit.Foreign", "DdeLinux", "DdeLinux.Packs", "DdeBsd.Build", "Nddf", "Bddf", "Ports", "RootTask"],
        ["FaultCampaign"] = ["L4", "L4Io", "Emulator", "Bddf", "Nddf", "Ports", "RootTask"],
        ["SystemRdl"] = [],
        ["InterfaceCompiler"] = [],
        ["DdeBsd.Build"] = ["InterfaceCompiler"],
        ["dsweeper"] = ["L4", "Tracing", "Bddf", "DSweeper.Core", "RootTask"],
        ["dde"] = ["L4", "Tracing", "Emulator", "Bddf", "Nddf", "DdeKit", "DdeKit.Foreign", "DdeLinux", "DdeLinux.Packs", "DdeBsd", "DdeBsd.Build", "Ports", "RootTask", "FaultCampaign", "Bench", "SystemRdl"],
    };

    public static TheoryData<string> Assemblies => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_names_only_those_below_it(string name)
    {
        var named = ReferencesOf(Path.Combine(AppContext.BaseDirectory, name + ".dll")).Where(s_allowed.ContainsKey);
        named.Except(s_allowed[name]).ShouldBeEmpty();
    }

    [Fact]
    public void Every_assembly_of_the_house_has_a_place_in_the_layers()
    {
        // What was built here and came from no package is the house's own.
        var house = Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(f => CompanyOf(f) == "The Dde authors")
            .Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => !n.EndsWith(".Tests", StringComparison.Ordinal));
        house.Except(s_allowed.Keys).ShouldBeEmpty();
    }

    [Fact]
    public void The_layers_have_no_cycle()
    {
        var done = new HashSet<string>();
        while (done.Count < s_allowed.Count)
        {
            var next = s_allowed.Where(a => !done.Contains(a.Key) && a.Value.All(done.Contains)).Select(a => a.Key).ToList();
            next.ShouldNotBeEmpty();
            done.UnionWith(next);
        }
    }

    private static IEnumerable<string> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
    }

    private static string? CompanyOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
            return null;
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind == HandleKind.MemberReference
                && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
                && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == nameof(AssemblyCompanyAttribute))
            {
                var value = metadata.GetBlobReader(attribute.Value);
                value.ReadUInt16();
                return value.ReadSerializedString();
            }
        }
        return null;
    }
}
