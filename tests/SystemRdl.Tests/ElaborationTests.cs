namespace SystemRdl.Tests;

public sealed class ElaborationTests
{
    [Theory]
    [InlineData("compact", "a@0 b@4 c@c")]
    [InlineData("regalign", "a@0 b@8 c@10")]
    [InlineData("fullalign", "a@0 b@8 c@80")]
    public void Addressing_modes_place_registers(string mode, string expected)
    {
        var map = Source.Compile($$"""
            addrmap m {
              addressing = {{mode}};
              default accesswidth = 32;
              reg { field {} f; } a;
              reg { regwidth = 64; field {} f; } b;
              reg { field {} f; } c[20];
            };
            """).Top!;
        string.Join(" ", map.Children.Select(c => $"{c.Name}@{c.Address:x}")).ShouldBe(expected);
    }

    [Fact]
    public void Addresses_strides_and_alignments_are_obeyed() => Source.Model("""
        addrmap m {
          reg word { field {} f; };
          regfile { word a[10]; word b[10] @0x100 += 0x10; word c %= 0x80; word d[2][3]; } block[2] @0x1000;
          external mem { mementries = 16; memwidth = 16; word first; } store;
        };
        """).ShouldBe("""
        addrmap m @0x0 size 0x1460
          regfile block[2] @0x1000 size 0x21c
            reg a[10] @0x1000 size 0x4
              field f [0:0]
            reg b[10] @0x1100 size 0x4 stride 0x10
              field f [0:0]
            reg c @0x1200 size 0x4
              field f [0:0]
            reg d[2][3] @0x1204 size 0x4
              field f [0:0]
          mem store @0x1440 size 0x20 external mementries=0x10 memwidth=0x10
            reg first @0x1440 size 0x4 external
              field f [0:0]

        """);

    [Fact]
    public void An_element_that_is_assigned_alone_becomes_its_own_model() => Source.Model("""
        addrmap m {
          default regwidth = 8;
          reg { field {} f[4] = 0; } x[3];
          x->name = "all";
          x[1].f->reset = 5;
          x.f->hw = r;
        };
        """).ShouldBe("""
        addrmap m @0x0 size 0x3
          reg x[0] @0x0 size 0x1 name="all" regwidth=8
            field f [3:0] hw=r reset=0
          reg x[1] @0x1 size 0x1 name="all" regwidth=8
            field f [3:0] hw=r reset=5
          reg x[2] @0x2 size 0x1 name="all" regwidth=8
            field f [3:0] hw=r reset=0

        """);

    [Fact]
    public void Parameters_reach_nested_definitions() => Source.Model("""
        reg counters #(longint unsigned N = 2, string WHO = "nobody", bit RESETS[] = '{0, 0}) {
          name = WHO;
          field {} low[N] = RESETS[0];
          field {} high[N * 2] = RESETS[1];
        };
        addrmap m {
          counters a;
          counters #(.N(4), .WHO("me"), .RESETS('{4'd3, 8'hAA})) b;
        };
        """).ShouldBe("""
        addrmap m @0x0 size 0x8
          reg a @0x0 size 0x4 name="nobody"
            field low [1:0] reset=0
            field high [5:2] reset=0
          reg b @0x4 size 0x4 name="me"
            field low [3:0] reset=3
            field high [11:4] reset=0xaa

        """);

    [Fact]
    public void Defaults_hold_within_their_scope_and_yield_to_what_is_nearer() => Source.Model("""
        addrmap m {
          default sw = r;
          default regwidth = 8;
          reg { field {} a; field { sw = w; } b; } x;
          reg { default sw = rw; default onwrite = woclr; field {} a; field { woset; } b; } y;
          y.a->sw = w;
        };
        """).ShouldBe("""
        addrmap m @0x0 size 0x2
          reg x @0x0 size 0x1 regwidth=8
            field a [0:0] sw=r
            field b [1:1] sw=w
          reg y @0x1 size 0x1 regwidth=8
            field a [0:0] onwrite=woclr sw=w
            field b [1:1] sw=rw woset=true

        """);

    [Fact]
    public void User_properties_structs_aliases_and_absent_components() => Source.Model("""
        struct base { longint n; };
        struct derived : base { string s; };
        property info { type = derived; component = reg | field; };
        property rank { type = longint; component = reg; default = 7; };
        addrmap m {
          default regwidth = 8;
          reg shape { field {} f; };
          shape a; alias a shape b;
          a->info = derived'{ n: 3, s: "x" };
          b->rank = 1 == 1 ? 1 : 2;
          shape gone; gone->ispresent = false;
        };
        """).ShouldBe("""
        addrmap m @0x0 size 0x2
          reg a @0x0 size 0x1 info=derived'{n: 3, s: "x"} rank=7 regwidth=8
            field f [0:0]
          reg b @0x1 size 0x1 alias a rank=1 regwidth=8
            field f [0:0]

        """);

    [Theory]
    [InlineData("1 + 2 * 3", 7)]
    [InlineData("2 ** 10 - 1", 1023)]
    [InlineData("(1 << 4) | 4'b1010", 26)]
    [InlineData("{4'hA, 4'h5}", 0xa5)]
    [InlineData("{3{2'b10}}", 0x2a)]
    [InlineData("~4'h3", 12)]
    [InlineData("(~4'h3) + 8'd0", 252)]
    [InlineData("8'hFF + 8'd2", 1)]
    [InlineData("7 > 3 && !(2 == 3) ? 20 / 3 : 0", 6)]
    [InlineData("^4'b0111", 1)]
    [InlineData("~&2'b11", 0)]
    [InlineData("4'(8'hAB)", 11)]
    [InlineData("boolean'(12)", 1)]
    [InlineData("0x1_0 % 7", 2)]
    [InlineData("\"a\" == \"a\"", 1)]
    public void Expressions_have_their_values(string expression, int value) => Source.Compile(
        $$"""property p { type = longint; component = addrmap; }; addrmap m { p = {{expression}}; reg { field {} f; } x; };""")
        .ShouldSatisfyAllConditions(c => c.Diagnostics.ShouldBeEmpty(),
            c => c.Top!["p"].ShouldBeOfType<NumberValue>().Value.ShouldBe(value));

    [Fact]
    public void The_preprocessor_includes_chooses_and_expands() => Source.Model("""
        `include "types.rdl"
        `define WIDTH 8
        `define FIELD(name, bits=`WIDTH) field {} name[bits]
        `ifdef ABSENT
          this is not compiled
        `elsif WIDTH
          addrmap m { /* a comment */ reg { `FIELD(a); `FIELD(b /* ),( */, 2 // two
          ); } one; imported two; }; // end
        `else
          nor is this
        `endif
        """, ("types.rdl", "reg imported { field {} f; };")).ShouldBe("""
        addrmap m @0x0 size 0x8
          reg one @0x0 size 0x4
            field a [7:0]
            field b [9:8]
          reg two @0x4 size 0x4
            field f [0:0]

        """);
}
