namespace RegisterGenerator.Tests;

public sealed class FindingTests
{
    [Fact]
    public void Effect_that_nobody_wrote_does_not_build() =>
        new GeneratedModel("addrmap m { reg { field { swmod; } start[0:0] = 0; } command; };").Findings
            .ShouldBe(["REG004: a write of m.command.start has an effect; write private partial void OnCommandWritten(uint old, uint written, uint accessed) { ... } in Model"]);

    [Fact]
    public void Effect_of_an_array_has_the_index() =>
        new GeneratedModel("addrmap m { reg { field { sw = r; swacc; } ready[0:0] = 0; } queue[4]; };").Findings
            .ShouldBe(["REG004: a read of m.queue.ready has an effect; write private partial void OnQueueRead(int index, uint accessed) { ... } in Model"]);

    [Fact]
    public void Effect_with_other_parameters_is_the_compilers_finding() =>
        new GeneratedModel(
            "addrmap m { reg { field { swmod; } start[0:0] = 0; } command; };",
            GeneratedModel.ClassWith("private partial void OnCommandWritten(byte written) { }")).Findings
            .ShouldContain(f => f.StartsWith("CS8795: ", StringComparison.Ordinal) && f.Contains("OnCommandWritten"));

    [Fact]
    public void General_effects_that_nobody_wrote_are_named() =>
        new GeneratedModel(
            "addrmap m { reg { field {} a[0:0] = 0; } one; };", """[Registers.RegisterFile("tested.rdl", "")] internal sealed partial class Bare;""").Findings
            .ShouldBe([
                "REG004: Bare: a read that no register takes has an effect; write private partial void OnUndecodedRead(int offset, int width) { ... } in Bare",
                "REG004: Bare: a write that no register takes has an effect; write private partial void OnUndecodedWrite(int offset, int width, uint value) { ... } in Bare",
                "REG004: Bare: ones written to reserved bits have an effect; write private partial void OnReservedWrite(int offset, uint bits) { ... } in Bare"]);

    [Theory]
    [InlineData("hw = na;")]
    [InlineData("hw = w;")]
    public void Written_field_that_nobody_sees_does_not_build(string hardware) =>
        new GeneratedModel($"addrmap m {{ reg {{ field {{ sw = w; {hardware} }} key[7:0] = 0; }} unlock; }};").Findings
            .ShouldContain(f => f.StartsWith("REG005: m.unlock.key: software writes it, but cannot read it", StringComparison.Ordinal));

    [Fact]
    public void Block_that_software_only_writes_builds() =>
        new GeneratedModel("addrmap m { reg { field { sw = w; hw = r; } key[7:0] = 0; } unlock; };").Findings.ShouldBeEmpty();

    [Fact]
    public void External_register_is_written_by_hand() =>
        new GeneratedModel("addrmap m { external reg { field {} word[31:0] = 0; } data; };").Findings
            .ShouldBe([
                "REG004: m.data is external; write private partial uint LoadData(uint accessed) { ... } in Model",
                "REG004: m.data is external; write private partial void StoreData(uint value, uint accessed) { ... } in Model"]);

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
    [InlineData("reg { field { counter; } a[0:0] = 0; } ticks;")]
    [InlineData("reg { field { counter; incrthreshold; } a[3:0] = 0; } ticks;")]
    [InlineData("reg { field { hw = r; } b[3:0] = 0; field { counter; } a[7:4] = 0; a->incrvalue = b; } ticks;")]
    [InlineData("reg { field { swwe; } a[0:0] = 0; } locked;")]
    [InlineData("reg { field {} a[0:0] = 0; field {} b[1:1] = 0; b->reset = a; } other;")]
    [InlineData("signal { activelow; } power; reg { field { resetsignal = power; } a[0:0] = 0; } battery;")]
    [InlineData("reg { field {} a_b[0:0] = 0; field {} aB[1:1] = 0; } same;")]
    [InlineData("reg { field {} a[0:0] = 0; } x_y; reg { field {} b[0:0] = 0; } xY;")]
    [InlineData("reg { field { intr; } a[0:0] = 0; } interrupts;")]
    [InlineData("reg { field { sw = r; } a[0:0] = 0; field { sw = w; } b[0:0] = 0; } both;")]
    [InlineData("reg { field {} a[0:0] = 0; } many[2000];")]
    public void What_the_model_cannot_do_is_said(string body) =>
        new GeneratedModel($"addrmap m {{ {body} }};").Findings.ShouldContain(f => f.StartsWith("REG003: ", StringComparison.Ordinal));
}
