using System.Security.Cryptography;
using DdeLinux.Packs.Tests;
using RootTask;

namespace Dde.Tests;

/// <summary>Fetching with stand-ins for apt, which log how they are called.</summary>
public sealed class FetchTests
{
    private const string Metapackage = """
        echo "apt-cache $*" >> log
        [ -e lists ] && printf 'Package: linux-image-amd64\nDepends: linux-image-1.2.3-test (= 1.2-3)\n'
        exit 0
        """;

    [Fact]
    public void Package_behind_the_metapackage_is_fetched_once()
    {
        using var dde = WithApt(KernelBuilder.Package("1.2.3-test"), lists: true);
        var first = dde.Run("kernel", "fetch");
        first.Code.ShouldBe(ExitCode.Ok, first.Errors);
        first.Output.ShouldStartWith("kernel 1.2.3-test: 2 modules");
        first.Errors.ShouldContain("downloading linux-image-1.2.3-test_1.2-3_amd64.deb ...");

        dde.Run("kernel", "fetch").Output.ShouldBe(first.Output);
        dde.Read("log").Split('\n').Count(line => line.Contains("apt-get download -q", StringComparison.Ordinal)).ShouldBe(1);
        Directory.EnumerateFileSystemEntries($"{dde.Cache}/dde/kernels").Select(path => Path.GetFileName(path)).Order().ShouldBe([".lock", "1.2.3-test"]);
    }

    [Fact]
    public void Empty_lists_are_fetched_by_root_and_explained_to_others()
    {
        using var dde = WithApt(KernelBuilder.Package(), lists: false);
        var result = dde.Run("kernel", "fetch");
        if (Environment.IsPrivilegedProcess)
        {
            result.Code.ShouldBe(ExitCode.Ok, result.Errors);
            dde.Read("log").ShouldContain("apt-get update");
        }
        else
        {
            result.Code.ShouldBe(ExitCode.MissingPrerequisite);
            result.Errors.ShouldContain("its lists are empty; check the network, run `apt-get update` as root");
        }
    }

    [Fact]
    public void Failed_download_repeats_what_apt_says()
    {
        using var dde = WithApt(KernelBuilder.Package(), lists: true);
        dde.WriteTool("apt-get", """
            [ "$2" = --print-uris ] && echo "'http://x/y.deb' y.deb 100 SHA256:0000000000000000000000000000000000000000000000000000000000000000" && exit
            echo 'E: Failed to fetch http://x/y.deb  404  Not Found' >&2
            exit 100
            """);
        var result = dde.Run("kernel", "fetch");
        result.Code.ShouldBe(ExitCode.MissingPrerequisite);
        result.Errors.ShouldContain("E: Failed to fetch http://x/y.deb  404  Not Found");
    }

    [Fact]
    public void Package_with_another_hash_than_announced_is_refused()
    {
        using var dde = WithApt(KernelBuilder.Package(), lists: true);
        dde.Write("package.deb", KernelBuilder.Package("6.6.6-other"));
        var result = dde.Run("kernel", "fetch");
        result.Code.ShouldBe(ExitCode.Module);
        result.Errors.ShouldContain("SHA-256 is ");
        Directory.EnumerateDirectories($"{dde.Cache}/dde/kernels").ShouldBeEmpty();
    }

    [Fact]
    public void System_without_apt_is_told_of_the_other_ways()
    {
        using var dde = new CommandLine { OnlyOwnTools = true };
        var result = dde.Run("kernel", "fetch");
        result.Code.ShouldBe(ExitCode.MissingPrerequisite);
        result.Errors.ShouldContain("apt-cache is not there (no Debian system?): use `dde kernel import --running`");
    }

    private static CommandLine WithApt(byte[] package, bool lists)
    {
        var dde = new CommandLine();
        dde.Write("package.deb", package);
        if (lists)
            dde.Write("lists", []);
        dde.WriteTool("apt-cache", Metapackage);
        dde.WriteTool("apt-get", $"""
            echo "apt-get $*" >> log
            case "$1 $2" in
            "update "*) touch lists ;;
            "download --print-uris") echo "'http://x/pool/l.deb' linux-image-1.2.3-test_1.2-3_amd64.deb {package.Length} SHA256:{Convert.ToHexStringLower(SHA256.HashData(package))}" ;;
            download*) cp package.deb "$OLDPWD/linux-image-1.2.3-test_1.2-3_amd64.deb" ;;
            esac
            """);
        return dde;
    }
}
