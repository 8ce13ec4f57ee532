namespace DdeBsd.Build.Tests;

public sealed class KldBuilderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dde-bsd-").FullName;

    [CompilerFact]
    public void The_shims_own_module_is_built_once()
    {
        var built = Builder().BuildKernel();
        var time = File.GetLastWriteTimeUtc(built.Path);
        Builder().BuildKernel().Sha256.ShouldBe(built.Sha256);
        File.GetLastWriteTimeUtc(built.Path).ShouldBe(time);
    }

    [CompilerFact]
    public void A_driver_is_built_from_source()
    {
        var built = Builder().Build(new ModuleSources("piixide", [Path.Combine(AppContext.BaseDirectory, "ports", "bsd-piix-ide", "piixide.c")], [], []));
        built.Read().Take(4).ShouldBe([(byte)0x7f, (byte)'E', (byte)'L', (byte)'F']);
    }

    [CompilerFact]
    public void An_unknown_header_is_named_with_file_and_line()
    {
        string source = Write("driver.c", "#include <sys/param.h>\n#include <dev/nothing/here.h>\n");
        Should.Throw<BuildException>(() => Builder().Build(new ModuleSources("driver", [source], [], []))).Message
            .ShouldContain("driver.c:2:10: fatal error: dev/nothing/here.h");
    }

    [CompilerFact]
    public void A_function_that_no_header_declares_is_named_with_file_and_line()
    {
        string source = Write("driver.c", "#include <sys/param.h>\nint driver(void);\nint\ndriver(void)\n{\n\treturn (unheard_of());\n}\n");
        Should.Throw<BuildException>(() => Builder().Build(new ModuleSources("driver", [source], [], []))).Message
            .ShouldContain("driver.c:6:");
    }

    [CompilerFact]
    public void Imports_that_nobody_supplies_are_named_with_file_and_line()
    {
        string source = Write("driver.c", "#include <sys/param.h>\n#include <sys/systm.h>\nvoid unheard_of(void);\nvoid driver(void);\nvoid\ndriver(void)\n{\n\tprintf(\"\");\n\tunheard_of();\n}\n");
        var built = Builder().Build(new ModuleSources("driver", [source], [], []));
        var missing = Builder().FindUnresolved(built, ["printf"]);
        missing.ShouldContain(line => line.Contains("driver.c:9", StringComparison.Ordinal) && line.EndsWith("not supplied: unheard_of", StringComparison.Ordinal));
        missing.ShouldNotContain(line => line.EndsWith("printf", StringComparison.Ordinal));
    }

    [CompilerFact]
    public void An_interface_of_the_drivers_own_is_compiled_too()
    {
        string file = Write("sound_if.m", "#include <sys/bus.h>\nINTERFACE sound;\nMETHOD int play { device_t dev; int tone; };\n");
        string source = Write("driver.c", "#include <sys/param.h>\n#include <sys/bus.h>\n#include <sound_if.h>\nint driver(device_t dev);\nint driver(device_t dev) { return (SOUND_PLAY(dev, 440)); }\n");
        Builder().Build(new ModuleSources("driver", [source, file], [], [])).Read().Length.ShouldBeGreaterThan(0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private KldBuilder Builder() => new(CCompiler.Find(), Path.Combine(AppContext.BaseDirectory, "bsd"), Path.Combine(_folder, "cache"));

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
