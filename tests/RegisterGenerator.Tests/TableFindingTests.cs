namespace RegisterGenerator.Tests;

public sealed class TableFindingTests
{
    private const string Description = "addrmap m { reg { field {} a[0:0] = 0; } one; };";

    [Theory]
    [InlineData("tested.rdl", "nonesuch", "REG002: nonesuch: tested.rdl has no such block below m")]
    [InlineData("other.rdl", "", "REG002: other.rdl: add it to the project's AdditionalFiles")]
    public void A_table_of_what_is_not_there_does_not_build(string file, string block, string finding) =>
        Findings(Description, file, block).ShouldContain(finding);

    [Fact]
    public void A_description_in_error_is_told_where_it_is() =>
        Findings("addrmap m { reg { field {} a[3:0] = 16; } one; };", "tested.rdl", "").ShouldContain(f => f.StartsWith("REG001: RDL0404: ", StringComparison.Ordinal));

    [Fact]
    public void What_a_model_refuses_a_table_still_shows()
    {
        var generated = new GeneratedModel(
            "addrmap m { bigendian; reg { regwidth = 128; field {} wide[127:0] = 0; } key; external mem { mementries = 8; memwidth = 64; } room @0x40; };", Source("tested.rdl", ""));
        generated.Findings.ShouldBeEmpty();
        string text = generated.Sources.Single(s => s.Key.EndsWith("RegisterTable.g.cs", StringComparison.Ordinal)).Value;
        text.ShouldContain("new(\"key\", 0x0, 16, true, true, 0, 0x10, [])");
        text.ShouldContain("new(\"room\", 0x40, 8, true, true, 0x8, 8, [])");
    }

    private static IReadOnlyList<string> Findings(string description, string file, string block) => new GeneratedModel(description, Source(file, block)).Findings;

    private static string Source(string file, string block) => $$"""
        internal static partial class Tables
        {
            [Registers.RegisterTable("{{file}}", "{{block}}")]
            internal static partial Registers.RegisterTable Table { get; }
        }
        """;
}
