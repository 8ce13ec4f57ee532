using FsCheck;
using FsCheck.Fluent;

namespace Ports.Tests;

public sealed class ManifestTests
{
    private const string Good = """
        name: linux-ata-piix
        description: One sentence.
        os: linux
        class: block
        modules: [libata, ata_piix]
        pciIds:
          - { vendor: 0x8086, device: 0x7010, name: PIIX3 }
        expectedImports: [kfree, memcpy]
        license: GPL-2.0
        guard: taskfile
        """;

    [Fact]
    public void Manifest_gives_all_its_keys()
    {
        var manifest = PortManifest.Parse(Good, "port.yaml");
        (manifest.Name, manifest.Os, manifest.Class, manifest.License).ShouldBe(("linux-ata-piix", LegacySystem.Linux, DeviceClass.Block, "GPL-2.0"));
        manifest.Modules.ShouldBe(["libata", "ata_piix"]);
        manifest.PciIds.ShouldBe([new PortPciId { Vendor = 0x8086, Device = 0x7010, Name = "PIIX3" }]);
        manifest.ExpectedImports.ShouldBe(["kfree", "memcpy"]);
        manifest.Guard.ShouldBe(CommandGuardKind.Taskfile);
    }

    [Theory]
    [InlineData("class: block", "class: block\nspeed: fast", "port.yaml, line 5: ", "speed")]
    [InlineData("class: block", "class: printer", "port.yaml, line 4: ", "printer")]
    [InlineData("class: block", "class: block\nclass: network", "port.yaml, line 5: ", "class")]
    [InlineData("class: block\n", "", "port.yaml, line 9: ", "'class'")]
    [InlineData("device: 0x7010", "device: 0x17010", "port.yaml, line 7: ", "")]
    [InlineData("device: 0x7010", "devices: 0x7010", "port.yaml, line 7: ", "devices")]
    [InlineData("[libata, ata_piix]", "[libata, ata_piix", "port.yaml, line ", "")]
    [InlineData("[libata, ata_piix]", "[]", "port.yaml: ", "0 modules")]
    [InlineData("[libata, ata_piix]", "[libata, libata]", "port.yaml: ", "libata 2 times")]
    [InlineData("[libata, ata_piix]", "[libata, ~]", "port.yaml: ", "an empty name")]
    [InlineData("  - { vendor: 0x8086, device: 0x7010, name: PIIX3 }", "  - ~", "port.yaml: ", "an empty PCI id")]
    [InlineData("name: PIIX3", "name: PIIX3, firstRevision: 2, lastRevision: 1", "port.yaml: ", "the first revision, 2, is behind the last, 1")]
    [InlineData("name: PIIX3", "name: PIIX3, lastRevision: 256", "port.yaml, line 7: ", "")]
    [InlineData("guard: taskfile", "", "port.yaml: ", "which guard stands below it")]
    [InlineData("[kfree, memcpy]", "[kfree, kfree, kfree]", "port.yaml: ", "kfree 3 times")]
    public void Mistake_is_named_with_its_line(string from, string to, string where, string what)
    {
        var message = Problem(Good.ReplaceLineEndings("\n").Replace(from, to, StringComparison.Ordinal));
        message.ShouldStartWith(where);
        message.ShouldContain(what);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just a text")]
    [InlineData("- a\n- list")]
    [InlineData("modules: [~]")]
    public void Something_else_is_no_manifest(string text) => Problem(text);

    [Fact]
    public void Name_must_be_that_of_the_folder()
    {
        var folder = Directory.CreateTempSubdirectory("dde-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "port.yaml");
            File.WriteAllText(path, Good);
            Should.Throw<BadManifestException>(() => PortManifest.Read(path)).Message.ShouldContain($"the folder is {folder.Name}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Catalog_has_the_ports_of_this_repository_and_reads_each()
    {
        PortCatalog.Default.Names.ShouldContain("linux-ata-piix");
        foreach (var name in PortCatalog.Default.Names)
            PortCatalog.Default.Open(name).Name.ShouldBe(name);
        Should.Throw<BadManifestException>(() => PortCatalog.Default.Open("nonesuch")).Message.ShouldContain("no port nonesuch; there are: ");
    }

    [Fact]
    public void Mutated_manifests_never_give_another_exception()
    {
        var mutations = Gen.Choose(0, Good.Length - 1).Zip(Gen.Elements("\0 :-{}[]&*!|>'\"%@`#,?\n~x0\t".ToCharArray())).NonEmptyListOf().ToArbitrary();
        Prop.ForAll(mutations, changes =>
        {
            var text = Good.ToCharArray();
            foreach (var (at, value) in changes)
                text[at] = value;
            try
            {
                PortManifest.Parse(new string(text), "port.yaml");
            }
            catch (BadManifestException exception)
            {
                exception.Message.ShouldNotContain("\n");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static string Problem(string text)
    {
        var message = Should.Throw<BadManifestException>(() => PortManifest.Parse(text, "port.yaml")).Message;
        message.ShouldNotContain("\n");
        return message;
    }
}
