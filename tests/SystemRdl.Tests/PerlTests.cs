using FsCheck;
using FsCheck.Fluent;

namespace SystemRdl.Tests;

/// <summary>Embedded Perl with a perl that answers from a script; the command's tests run the real one.</summary>
public sealed class PerlTests
{
    private const string Loop = """
        addrmap m {
        <% for my $i (1..2) { %>
          reg { field {} f = <%=$i%>; } r<%=$i%>;
        <% } %>
        };
        """;

    [Fact]
    public void A_description_becomes_a_program_that_names_texts_by_number_and_lines_for_messages()
    {
        var program = "";
        Compile(Loop, asked =>
        {
            program = asked;
            return new PerlRun(false, "", "");
        });
        program.ShouldEndWith("""
            rdl_text(0);
            rdl_place(1);

            # line 2 "test.rdl"
             for my $i (1..2) { 
            ;
            rdl_text(2);
            rdl_place(3);
            print(
            # line 3 "test.rdl"
            $i
            );
            rdl_text(4);
            rdl_place(5);
            print(
            # line 3 "test.rdl"
            $i
            );
            rdl_text(6);
            rdl_place(7);

            # line 4 "test.rdl"
             } 
            ;
            rdl_text(8);

            """);
    }

    [Fact]
    public void What_perl_prints_is_compiled()
    {
        var compilation = Compile(Loop, Answer("T0 P1 T2 P3=1 T4 P5=1 T6 P7 T2 P3=0 T4 P5=2 T6 P7 T8"));
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        compilation.Top!.Registers.Select(r => (r.Name, (int)r.Reset)).ShouldBe([("r1", 1), ("r2", 0)]);
    }

    [Fact]
    public void A_mistake_in_text_that_perl_repeats_is_reported_where_the_text_stands() =>
        Compile(Loop, Answer("T0 P1 T2 P3=1 T4 P5=1 T6 P7 T2 P3=2 T4 P5=2 T6 P7 T8"))
            .Diagnostics.Select(d => (d.Code, d.Position)).ShouldBe([(DiagnosticCode.ResetTooLarge, new SourcePosition("test.rdl", 3, 25))]);

    [Fact]
    public void Included_files_share_the_program()
    {
        var program = "";
        Compile("`include \"a.rdl\"\naddrmap m { reg { field {} f[<%=$n%>]; } x; };", asked =>
        {
            program = asked;
            return new PerlRun(false, "", "");
        }, ("a.rdl", "<% $n = 3; %>"));
        program.ShouldContain("# line 1 \"a.rdl\"\n $n = 3; \n");
        program.ShouldContain("# line 2 \"test.rdl\"\n$n\n");
    }

    [Fact]
    public void Perl_stands_in_strings_and_not_in_comments()
    {
        var program = "";
        Compile("addrmap m { desc = \"// <%=$a%>\"; /* <%=$b%> */ // <%=$c%>\n};", asked =>
        {
            program = asked;
            return new PerlRun(false, "", "");
        });
        program.ShouldContain("\n$a\n");
        program.ShouldNotContain("$b");
        program.ShouldNotContain("$c");
    }

    [Fact]
    public void Without_perl_in_the_description_none_is_run() =>
        Compile("`include \"a.rdl\"\naddrmap m { word x; };", _ => throw new InvalidOperationException("perl was run"),
            ("a.rdl", "reg word { field {} f; };")).Diagnostics.ShouldBeEmpty();

    [Fact]
    public void A_failure_is_reported_at_the_line_that_perl_names()
    {
        var diagnostic = Compile(Loop, _ => new PerlRun(false, "", "syntax error at test.rdl line 3, near \"$i\"\nmore\n")).Diagnostics.Single();
        diagnostic.Code.ShouldBe(DiagnosticCode.PerlFailed);
        diagnostic.Position.ShouldBe(new SourcePosition("test.rdl", 3, 1));
        diagnostic.Text.ShouldBe("Perl failed: syntax error at test.rdl line 3, near \"$i\"");
    }

    [Fact]
    public void A_failure_without_a_line_is_reported_at_the_first_perl() =>
        Compile(Loop, _ => new PerlRun(false, "", "no perl here")).Diagnostics.Single().Position.ShouldBe(new SourcePosition("test.rdl", 2, 3));

    [Fact]
    public void A_message_of_a_run_that_succeeds_is_a_warning()
    {
        var compilation = Compile("addrmap m { <%%><% warn; %> reg { field {} f; } x; };",
            p => Answer("T0 P1 T2")(p) with { Messages = "careful at test.rdl line 1.\n" });
        compilation.Succeeded.ShouldBeTrue();
        compilation.Diagnostics.Single().Severity.ShouldBe(Severity.Warning);
    }

    [Fact]
    public void Perl_without_an_end_is_reported() =>
        Compile("addrmap m { <% for", _ => new PerlRun(true, "", "")).Diagnostics.Select(d => d.Code).ShouldContain(DiagnosticCode.Unterminated);

    [Fact]
    public void More_than_a_description_can_be_is_refused() =>
        Compile(Loop, _ => new PerlRun(true, new string('x', (1 << 24) + 1) + "\u0001T0\u0002", "")).Diagnostics.Single().Code
            .ShouldBe(DiagnosticCode.PerlFailed);

    [Fact]
    public void Whatever_perl_prints_ends_in_a_model_or_in_diagnostics()
    {
        var words = Gen.Elements("\u0001", "\u0002", "T", "P", "0", "2", "9999999999", "-1", "\u0001T0\u0002", "\u0001T8\u0002", "\u0001P3\u0002", "}", "\"");
        Prop.ForAll(Gen.ListOf(words).Select(string.Concat).ToArbitrary(), printed =>
        {
            var compilation = Compile(Loop, _ => new PerlRun(true, printed, ""));
            return compilation.Succeeded || compilation.Diagnostics.Count > 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(new Replay(new Rnd(4, 7), null)));
    }

    /// <summary>Marks by number, and after '=' what a value prints.</summary>
    private static PerlInterpreter Answer(string marks) => _ => new PerlRun(true, string.Concat(marks.Split(' ').Select(mark =>
        mark.Split('=') is [var number, var value] ? $"\u0001{number}\u0002{value}" : $"\u0001{mark}\u0002")), "");

    private static Compilation Compile(string text, PerlInterpreter perl, params (string Name, string Text)[] files) => Compiler.Compile(
        new SourceText("test.rdl", text),
        (name, _) => files.FirstOrDefault(f => f.Name == name) is { Text: { } found } ? new SourceText(name, found) : null,
        perl: perl);
}
