using System.Text.Json;
using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

public sealed class PortCommandTests
{
    [Fact]
    public void Ports_are_listed()
    {
        using var dde = new CommandLine();
        dde.Run("port", "list").Output.ShouldContain("linux-ata-piix  Linux, Block: libata, ata_piix. ");
    }

    [Fact]
    public void Unknown_port_kernel_and_module_are_named()
    {
        using var dde = new CommandLine();
        var none = dde.Run("port", "check", "linux-ata-piix");
        none.Code.ShouldBe(ExitCode.MissingPrerequisite);
        none.Errors.ShouldContain("run `dde kernel fetch`");

        dde.Run("kernel", "import", "--deb", dde.Write("x.deb", KernelBuilder.Package("1.2.3-test"))).Code.ShouldBe(ExitCode.Ok);
        foreach (var (arguments, problem) in new (string[], string)[]
        {
            (["port", "check", "nonesuch"], "no port nonesuch; there are: bsd-piix-ide, linux-8139cp, linux-8139too, linux-ata-piix, linux-e1000, linux-ne2k-pci"),
            (["port", "check", "linux-ata-piix", "--kernel", "9"], "no kernel pack 9"),
            (["port", "check", "linux-ata-piix"], "kernel 1.2.3-test has no module ata_piix (it has 2)"),
        })
        {
            var result = dde.Run(arguments);
            result.Code.ShouldBe(ExitCode.Module);
            KernelCommandTests.ShouldBeOneLine(result.Errors);
            result.Errors.ShouldContain(problem);
        }
    }

    [KernelPackFact]
    public void Every_import_of_the_ata_port_is_supplied()
    {
        using var dde = new CommandLine { OwnCache = false };
        var result = dde.Run("port", "check", "linux-ata-piix", "--json");
        result.Errors.ShouldBe("");
        var missing = result.Json.GetProperty("imports").EnumerateArray()
            .Where(import => import.GetProperty("supplier").GetString() == "missing" || import.GetProperty("problem").ValueKind != JsonValueKind.Null)
            .Select(import => import.ToString());
        missing.ShouldBeEmpty();
        result.Json.GetProperty("complete").GetBoolean().ShouldBeTrue();
        result.Code.ShouldBe(ExitCode.Ok);
        result.Json.GetProperty("modules").EnumerateArray().Select(module => module.GetProperty("name").GetString()).ShouldBe(["libata", "ata_piix"]);
        dde.Run("port", "stubs", "linux-ata-piix").ShouldBe(new(ExitCode.Ok, "", ""));
    }
}
