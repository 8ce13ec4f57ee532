using FsCheck;
using FsCheck.Fluent;

namespace SystemRdl.Tests;

/// <summary>Whatever is given to the compiler, it answers with a model or with errors.</summary>
public sealed class RobustnessTests
{
    private const string Sample = """
        `define W 8
        `define PAIR(a, b=2) field {} a[b]
        enum kind { none; some = 2'd2 { desc = "two"; }; };
        struct pair { longint n; string s; };
        property info { type = pair; component = reg; };
        reg status #(longint unsigned N = 4, bit V[] = '{1, 2}) {
          default sw = r; default hw = w;
          field { encode = kind; } st[2] = kind::some;
          field { sw = rw; onwrite = woclr; } err[N];
          err->reset = {4{1'b1}} & ~(V[0] + 4'h2 << 1);
        };
        addrmap top {
          signal { activelow; async; } rst_n;
          default regwidth = `W;
          status s0; status #(.N(5)) s1 @0x10;
          s0->info = pair'{ n: 3, s: "x" };
          regfile { status x[4] += 8; reg { field { reset = 3; resetsignal = rst_n; } f[7:4]; } y; } rf[2][3] @0x20;
          rf[1][2].x[1].err->reset = 7;
          alias s0 status s0_alias %= 8;
          reg { `PAIR(a); `PAIR(b, 3); field { counter; incrvalue = 1; posedge intr; } c[1]; } z;
          external mem { mementries = 4; memwidth = 16; } m[2];
          z->ispresent = 1 > 2 || kind::some == kind::some;
        };
        """;

    private static readonly string[] fragments =
    [
        "{", "}", ";", "(", ")", "[", "]", "'{", "\"", "`", "<%", "/*", "//", "@", "+=", "%=", "->", ".", "::", "~", "**", "0", "4'hF",
            "99999999999999999999",
        "18446744073709551615", "field", "reg", "addrmap", "enum", "alias", "default", "this", "top", "s0", "rf", "x", "ispresent=false;",
        "regwidth=8;",
        "`ifdef W", "`endif", "`else", "`define X `X", "`X", "`PAIR", "`PAIR(", "[0]", "[4096]", "\\", "\0", "\u00e9", "external", "-1",
        "/0",
    ];

    [Fact]
    public void The_sample_itself_is_correct() => Source.Compile(Sample).Diagnostics.ShouldBeEmpty();

    [Fact]
    public void Mutated_sources_end_in_a_model_or_in_diagnostics()
    {
        var edit = from kind in Gen.Choose(0, 3)
                   from at in Gen.Choose(0, Sample.Length - 1)
                   from length in Gen.Choose(1, 30)
                   from fragment in Gen.Elements(fragments)
                   select (kind, at, length, fragment);
        var sources = Gen.ListOf(edit).Select(edits => edits.Aggregate(Sample,
            (text, e) => Edit(text, e.kind, e.at, e.length, e.fragment)));
        Prop.ForAll(sources.ToArbitrary(),
            EndsWell).Check(Config.QuickThrowOnFailure.WithMaxTest(250).WithReplay(new Replay(new Rnd(1, 3), null)));
    }

    [Fact]
    public void Words_in_any_order_end_in_diagnostics()
    {
        var sources = Gen.ListOf(Gen.Elements(fragments)).Select(words => "addrmap top { " + string.Join(" ", words));
        Prop.ForAll(sources.ToArbitrary(),
            EndsWell).Check(Config.QuickThrowOnFailure.WithMaxTest(250).WithReplay(new Replay(new Rnd(2, 5), null)));
    }

    [Fact]
    public void Every_beginning_of_a_source_ends_well()
    {
        for (var length = 0; length < Sample.Length; length += 3)
            EndsWell(Sample[..length]).ShouldBeTrue();
    }

    [Fact]
    public void Huge_numbers_end_in_diagnostics()
    {
        foreach (var number in new[] { "0", "4294967296", "18446744073709551615", "4096'hFFFF", "1 << 4095", "{4096{1'b1}}", "0 - 1" })
            foreach (var place in new[]
            {
                "reg { field {} f[#]; } x;", "reg { field {} f[#:0]; } x;", "reg { field {} f; } x[#];", "reg { field {} f; } x @ #;",
                "reg { field {} f; } x[2] += #;", "reg { field {} f; } x %= #;", "reg { regwidth = #; field {} f; } x;",
                "alignment = #; reg { field {} f; } x;",
                "external mem { mementries = #; memwidth = 64; } x;", "external mem { memwidth = #; } x[2];",
                "reg { field { fieldwidth = #; } f; } x;",
                "regfile { reg { field {} f; } a @ 0xFFFFFFFFFFFFFF00; } x[2] += #;", "reg { field {} f; } x[1] += #;",
                "enum e { a = #; b; };",
            })
                EndsWell($"addrmap top {{ {place.Replace("#", number)} }};").ShouldBeTrue();
    }

    [Fact]
    public void Hierarchies_of_any_depth_end_in_diagnostics()
    {
        var files = string.Concat(Enumerable.Range(1, 300).Select(i => $"regfile a{i} {{ a{i - 1} x; a{i - 1} y; }};\n"));
        var structures = string.Concat(Enumerable.Range(1, 300).Select(i => $"struct s{i} : s{i - 1} {{ bit m{i}; }};\n"));
        var compilation = Source.Compile($"reg a0 {{ field {{}} f; }};\n{files}struct s0 {{ bit m; }};\n{structures}addrmap top {{ a300 x; }};");
        compilation.Diagnostics.Select(d => d.Code).ShouldContain(DiagnosticCode.NestingTooDeep);
    }

    [Theory]
    [InlineData("(", "1", ")", 58)]
    [InlineData("!", "1", "", 190)]
    [InlineData("1 + ", "1", "", 190)]
    [InlineData("1 ? 2 : ", "1", "", 95)]
    [InlineData("2 ** ", "1", "", 190)]
    public void What_nests_within_the_limits_fits_the_stack_of_a_thread(string before, string middle, string after, int times)
    {
        var expression = string.Concat(Enumerable.Repeat(before, times)) + middle + string.Concat(Enumerable.Repeat(after, times));
        Compilation? compilation = null;
        var thread = new Thread(
            () => compilation = Source.Compile($"addrmap m {{ reg {{ field {{}} f[4]; f->reset = ({expression}) & 1; }} x; }};"), 1024 * 1024);
        thread.Start();
        thread.Join();
        compilation!.Diagnostics.ShouldBeEmpty();
    }

    private static string Edit(string text, int kind, int at, int length, string fragment)
    {
        at = Math.Min(at, text.Length);
        length = Math.Min(length, text.Length - at);
        return kind switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, fragment),
            2 => text.Insert(at, text.Substring(at, length)),
            _ => text.Remove(at, length).Insert(at, fragment),
        };
    }

    private static bool EndsWell(string source)
    {
        var compilation = Source.Compile(source);
        foreach (var diagnostic in compilation.Diagnostics)
            diagnostic.ToString().ShouldNotBeEmpty();
        // The text reads every property of the model.
        return compilation.Succeeded ? ModelText.Of(compilation).Length > 0 : compilation.Maps.Count == 0;
    }
}
