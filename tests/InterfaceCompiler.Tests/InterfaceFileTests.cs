using FsCheck;
using FsCheck.Fluent;

namespace InterfaceCompiler.Tests;

public sealed class InterfaceFileTests
{
    private const string Sound = """
        #-
        # A comment that doesn't end a string.
        #include <sys/bus.h>
        INTERFACE sound;
        HEADER {
            struct tone;
        };
        CODE {
            static int silence(device_t dev) { return ('}' == 0); } /* a brace { in a comment */
        };
        METHOD int play {
            device_t dev;       // the player
            struct tone *tone;
        } DEFAULT silence;
        STATICMETHOD void identify { driver_t *driver; };
        """;

    [Fact]
    public void An_interface_is_read_with_everything_that_it_declares()
    {
        var file = InterfaceFile.Parse(Sound, "sound_if.m");
        file.Name.ShouldBe("sound");
        file.Includes.ShouldBe(["#include <sys/bus.h>"]);
        file.Headers.ShouldHaveSingleItem().Text.ShouldContain("struct tone;");
        file.Code.ShouldHaveSingleItem().ShouldSatisfyAllConditions(code => code.Line.ShouldBe(8), code => code.Text.ShouldContain("'}' == 0"));
        file.Methods.Select(method => (method.Name, method.Type, method.IsStatic, method.Default)).ShouldBe(
            [("play", "int", false, "silence"), ("identify", "void", true, null)]);
        file.Methods[0].Parameters.ShouldBe([new MethodParameter("device_t", "dev"), new MethodParameter("struct tone *", "tone")]);
    }

    [Fact]
    public void The_header_calls_what_the_object_or_the_class_has()
    {
        string header = InterfaceFile.Parse(Sound, "sound_if.m").WriteHeader();
        header.ShouldContain("typedef int sound_play_t(device_t dev, struct tone * tone);");
        header.ShouldContain("return ((sound_play_t *)kobj_method_of(((kobj_t)dev)->ops, &sound_play_desc))(dev, tone);");
        header.ShouldContain("\t((sound_identify_t *)kobj_method_of(driver->ops, &sound_identify_desc))(driver);");
    }

    [Fact]
    public void The_table_has_descriptors_with_defaults_and_places_of_the_code()
    {
        string table = InterfaceFile.Parse(Sound, "sound_if.m").WriteTable();
        table.ShouldContain("#line 8 \"sound_if.m\"");
        table.ShouldContain("sound_play_default = { &sound_play_desc, (kobjop_t)silence };");
        table.ShouldContain("sound_identify_default = { &sound_identify_desc, (kobjop_t)kobj_error_method };");
        table.ShouldContain("DATA_SET(kobj_desc_set, sound_play_desc);");
    }

    [Theory]
    [InlineData("INTERFACE a;\nINTERFACE b;", "x_if.m:2:1: error: a file declares one interface, and a was declared already")]
    [InlineData("METHOD int f { device_t dev; };", "x_if.m:1:1: error: method f belongs to no interface; write INTERFACE name; before it")]
    [InlineData("INTERFACE a;\nMETHOD int f { };", "x_if.m:2:12: error: method f has no parameter to find its function by; the first is the object")]
    [InlineData("INTERFACE a;\nMETHOD int f { device_t dev; };\nMETHOD int f { device_t dev; };", "x_if.m:3:12: error: method f is declared twice")]
    [InlineData("INTERFACE a;\nMETHOD int f { device_t d; int d; };", "x_if.m:2:12: error: method f has parameter d twice")]
    [InlineData("INTERFACE a\nCODE { };", "x_if.m:2:1: error: 'CODE' is not expected here; expected ';'")]
    [InlineData("INTERFACE a;\nCODE { { };", "x_if.m:2:12: error: the end of the file is not expected here")]
    [InlineData("INTERFACE a;\nSINGLE int f { device_t d; };", "x_if.m:2:1: error: 'SINGLE' is not expected here; expected the end of the file, 'INTERFACE', 'CODE', 'HEADER', 'PROLOG', 'EPILOG', 'METHOD', 'STATICMETHOD'")]
    [InlineData("INTERFACE a;\nPROLOG { };", "x_if.m:2:11: error: PROLOG and EPILOG belong to the method behind them, and none follows")]
    [InlineData("", "x_if.m:1:1: error: no interface is declared; begin with INTERFACE name;")]
    public void What_is_wrong_is_named_with_file_and_line(string text, string expected) =>
        Should.Throw<BadInterfaceException>(() => InterfaceFile.Parse(text, "x_if.m")).Diagnostics[0].ToString().ShouldBe(expected);

    [Fact]
    public void Any_text_is_read_or_refused_with_a_place()
    {
        string[] words = ["INTERFACE", "METHOD", "STATICMETHOD", "CODE", "HEADER", "DEFAULT", "a", "int", "{", "}", ";", "*", "#", "\n", "\"", "'", "/*", "\\", "\0", "é"];
        Prop.ForAll(Gen.Elements(words).ArrayOf().ToArbitrary(), tokens =>
        {
            try
            {
                InterfaceFile.Parse(string.Join(' ', tokens), "x_if.m").WriteTable();
            }
            catch (BadInterfaceException exception)
            {
                exception.Diagnostics.ShouldAllBe(diagnostic => diagnostic.Line >= 1 && diagnostic.Column >= 1);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Should.Throw<BadInterfaceException>(() => InterfaceFile.Parse("INTERFACE a; CODE " + new string('{', 100_000), "x_if.m")).Message.ShouldContain("levels of braces");
}
