namespace RegisterGenerator.Tests;

public sealed class FindingTests
{
    [Fact]
    public void Effect_that_nobody_wrote_does_not_build() =>
        new GeneratedModel("addrmap m { reg { field { swmod; } start[0:0] = 0; } command; };").Findings
            .ShouldContain(f => f.StartsWith("CS8795", StringComparison.Ordinal) && f.Contains("OnCommandWritten"));

    [Fact]
    public void Bad_description_is_the_compilers_finding() =>
        new GeneratedModel("addrmap m { reg { field {} start[0:0] = 2; } command; };").Findings
            .ShouldContain(f => f.StartsWith("REG001: RDL0404: ", StringComparison.Ordinal));

    [Theory]
    [InlineData("other.rdl", "")]
    [InlineData("tested.rdl", "nonesuch")]
    public void Description_or_block_that_is_not_there_is_named(string file, string block) =>
        new GeneratedModel(
            "addrmap m { reg { field {} start[0:0] = 0; } command; };",
            GeneratedModel.Class.Replace("\"tested.rdl\", \"\"", $"\"{file}\", \"{block}\"")).Findings
            .ShouldContain(f => f.StartsWith("REG002: ", StringComparison.Ordinal) && f.Contains(block.Length > 0 ? block : file));

    [Theory]
    [InlineData("external mem { mementries = 4; } buffer;")]
    [InlineData("reg { regwidth = 64; field {} a[0:0] = 0; } wide;")]
    [InlineData("bigendian; reg { field {} a[0:0] = 0; } big;")]
    [InlineData("reg { field { sw = rw1; } a[0:0] = 0; } once;")]
    [InlineData("reg { field { onwrite = wuser; } a[0:0] = 0; } user;")]
    [InlineData("reg { field { counter; } a[3:0] = 0; } ticks;")]
    [InlineData("reg { field { intr; } a[0:0] = 0; } interrupts;")]
    [InlineData("reg { field { sw = r; } a[0:0] = 0; field { sw = w; } b[0:0] = 0; } both;")]
    [InlineData("reg { field {} a[0:0] = 0; } many[2000];")]
    public void What_the_model_cannot_do_is_said(string body) =>
        new GeneratedModel($"addrmap m {{ {body} }};").Findings.ShouldContain(f => f.StartsWith("REG003: ", StringComparison.Ordinal));
}
