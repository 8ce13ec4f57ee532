using DdeBsd.Build;

namespace Ports.Tests;

public sealed class BsdPortTests
{
    [CompilerFact]
    public void The_shipped_port_imports_what_its_manifest_expects_and_all_of_it_is_supplied()
    {
        var check = BsdPortCheck.Run(PortCatalog.Default.Open("bsd-piix-ide"), KldBuilder.CreateDefault());
        check.IsComplete.ShouldBeTrue();
        check.NewImports.ShouldBeEmpty();
        check.GoneImports.ShouldBeEmpty();
        BsdPortCheck.FindUnresolved(check.Port, KldBuilder.CreateDefault()).ShouldBeEmpty();
    }

    [Fact]
    public void A_new_port_names_the_tree_its_sources_and_ids()
    {
        string root = Directory.CreateTempSubdirectory("dde-bsd-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "tree", "dev", "x"));
            File.WriteAllText(Path.Combine(root, "tree", "dev", "x", "if_x.c"), "");
            var port = PortFolder.Create(Path.Combine(root, "bsd-x"), Path.Combine(root, "tree"), ["dev/x/if_x.c"], DeviceClass.Network, [(0x10ec, 0x8029)]);
            (port.Name, port.Os, port.Class).ShouldBe(("bsd-x", LegacySystem.Bsd, DeviceClass.Network));
            port.Modules.ShouldBe(["if_x"]);
            port.PciIds.Select(id => (id.Vendor, id.Device)).ShouldBe([((ushort)0x10ec, (ushort)0x8029)]);
            var sources = PortSources.Of(port);
            sources.Sources.ShouldBe([Path.Combine(root, "tree", "dev", "x", "if_x.c")]);
            sources.FallbackFolders.ShouldBe([Path.Combine(root, "tree")]);
            Should.Throw<BadManifestException>(() => PortFolder.Create(Path.Combine(root, "bsd-x"), Path.Combine(root, "tree"), ["dev/x/if_x.c"], DeviceClass.Network, [])).Message.ShouldContain("is there already");
            Should.Throw<BadManifestException>(() => PortFolder.Create(Path.Combine(root, "bsd-y"), Path.Combine(root, "tree"), ["dev/y.c"], DeviceClass.Network, [])).Message.ShouldContain("has no dev/y.c");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData("os: bsd", "sources: []", "a port of os bsd builds one module from its sources; this one lists 1 modules and 0 sources")]
    [InlineData("os: linux", "sources: [a.c]", "sources, includes, options and tree are for ports of os bsd; Linux modules are fetched, not built")]
    public void Sources_belong_to_ports_that_are_built(string system, string sources, string problem) =>
        Should.Throw<BadManifestException>(() => PortManifest.Parse($$"""
            name: x
            description: A port.
            {{system}}
            class: network
            modules: [x]
            {{sources}}
            pciIds: [{ vendor: 1, device: 2, name: X }]
            license: None.
            expectedImports: []
            """, "port.yaml")).Message.ShouldBe($"port.yaml: {problem}");
}
