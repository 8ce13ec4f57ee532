using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

public sealed class KernelCommandTests
{
    [Fact]
    public void Empty_cache_lists_nothing_and_says_how_to_fill_it()
    {
        using var dde = new CommandLine();
        var plain = dde.Run("kernel", "list");
        (plain.Code, plain.Output).ShouldBe((ExitCode.MissingPrerequisite, ""));
        plain.Errors.ShouldBe($"dde: no kernel pack in {dde.Cache}/dde/kernels: run `dde kernel fetch`\n");
        dde.Run("kernel", "list", "--quiet").ShouldBe(new(ExitCode.MissingPrerequisite, "", ""));
        dde.Run("kernel", "list", "--json").Json.GetProperty("packs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void Imported_package_is_listed()
    {
        using var dde = new CommandLine();
        var import = dde.Run("kernel", "import", "--deb", dde.Write("linux-image.deb", KernelBuilder.Package("1.2.3-test")));
        import.Code.ShouldBe(ExitCode.Ok, import.Errors);
        import.Output.ShouldBe($"kernel 1.2.3-test: 2 modules in {dde.Cache}/dde/kernels/1.2.3-test\n");
        import.Errors.ShouldContain("unpacking modules ...\n");

        dde.Run("kernel", "list", "--quiet").ShouldBe(new(ExitCode.Ok, "", ""));
        dde.Run("kernel", "list").Output.ShouldStartWith("1.2.3-test  2 modules  linux-image.deb  ");
        var pack = dde.Run("kernel", "list", "--json").Json.GetProperty("packs")[0];
        pack.GetProperty("release").GetString().ShouldBe("1.2.3-test");
        pack.GetProperty("packageFile").GetString().ShouldBe("linux-image.deb");
        pack.GetProperty("modules").GetInt32().ShouldBe(2);
    }

    [Theory]
    [InlineData("kernel", "import")]
    [InlineData("kernel", "import", "--running", "--deb", "x.deb")]
    [InlineData("kernel", "fetch", "--fast")]
    [InlineData("kernel")]
    [InlineData("kernels")]
    public void Command_line_that_makes_no_sense_is_one_line(params string[] arguments)
    {
        using var dde = new CommandLine();
        var result = dde.Run(arguments);
        (result.Code, result.Output).ShouldBe((ExitCode.Usage, ""));
        ShouldBeOneLine(result.Errors);
    }

    [Fact]
    public void Bad_package_is_one_line_with_an_exit_code_of_its_own()
    {
        using var dde = new CommandLine();
        var file = dde.Write("x.deb", KernelBuilder.Package()[..500]);
        var result = dde.Run("kernel", "import", "--deb", file);
        result.Code.ShouldBe(ExitCode.Module);
        result.Errors.ShouldContain("dde: x.deb: is cut off: data.tar.gz needs ");
        dde.Run("kernel", "import", "--deb", "/nowhere/x.deb").ShouldBe(new(ExitCode.Module, "", "dde: /nowhere/x.deb: there is no such file\n"));
    }

    internal static void ShouldBeOneLine(string text)
    {
        text.ShouldStartWith("dde: ");
        text.ShouldEndWith("\n");
        text.Count(character => character == '\n').ShouldBe(1, text);
    }
}
