namespace SystemRdl.Tests;

public sealed class DiagnosticTests
{
    public static TheoryData<DiagnosticCode, string> Sources => new()
    {
        { DiagnosticCode.UnexpectedSyntax, "addrmap m { reg { field {} f } r; };" },
        { DiagnosticCode.UnknownCharacter, "addrmap m { $ };" },
        { DiagnosticCode.NestingTooDeep, "addrmap m { desc = " + new string('(', 300) + "1" + new string(')', 300) + "; };" },
        { DiagnosticCode.NestingTooDeep, "addrmap m { desc = " + new string('!', 3000) + "1; };" },
        { DiagnosticCode.IncludeNotFound, "`include \"absent.rdl\"" },
        { DiagnosticCode.IncludeLoop, "`include \"loop.rdl\"" },
        { DiagnosticCode.MalformedDirective, "`include absent" },
        { DiagnosticCode.MalformedDirective, "`define" },
        { DiagnosticCode.UnknownMacro, "addrmap m { desc = `nothing; };" },
        { DiagnosticCode.MacroArguments, "`define two(a, b) a\naddrmap m { desc = `two(1); };" },
        { DiagnosticCode.UnbalancedConditional, "`ifdef X\n" },
        { DiagnosticCode.UnbalancedConditional, "`endif\n" },
        { DiagnosticCode.MacroTooLarge, "`define a `a\n`a" },
        { DiagnosticCode.Unterminated, "/* no end" },
        { DiagnosticCode.Unterminated, "addrmap m { desc = \"no end; };" },
        { DiagnosticCode.MacroRedefined, "`define a 1\n`define a 2\naddrmap m { reg { field {} f; } x; };" },
        { DiagnosticCode.MalformedDirective, "`line 3\naddrmap m { reg { field {} f; } x; };" },
        { DiagnosticCode.DirectiveIgnored, "`line 3 \"other.rdl\" 0\naddrmap m { reg { field {} f; } x; };" },
        { DiagnosticCode.UnknownName, "addrmap m { nothing x; };" },
        { DiagnosticCode.UnknownName, "addrmap m { reg { field { reset = zz; } f; } x; };" },
        { DiagnosticCode.UnknownName, "addrmap m { reg { field {} f; } x; x.g->sw = r; };" },
        { DiagnosticCode.NameClash, "reg a { field {} f; }; reg a { field {} f; };" },
        { DiagnosticCode.NameClash, "addrmap m { reg { field {} f; field {} f; } x; };" },
        { DiagnosticCode.RecursiveDefinition, "regfile a { a inner; };" },
        { DiagnosticCode.ComponentNotAllowed, "addrmap m { field {} f; };" },
        { DiagnosticCode.ComponentNotAllowed, "reg { field {} f; } x;" },
        { DiagnosticCode.MissingInstance, "addrmap m { reg { field {} f; }; };" },
        { DiagnosticCode.ParameterMissing, "reg a #(longint N) { field {} f[N]; }; addrmap m { a x; };" },
        { DiagnosticCode.UnknownParameter, "reg a { field {} f; }; addrmap m { a #(.N(1)) x; };" },
        { DiagnosticCode.TooManyComponents, "addrmap m { reg { field {} f; } x[1000000]; x[3].f->reset = 1; };" },
        { DiagnosticCode.NoAddressMap, "reg a { field {} f; };" },
        { DiagnosticCode.InstanceKindMismatch, "addrmap m { external reg { field {} f; } internal x; };" },
        { DiagnosticCode.UnknownProperty, "addrmap m { reg { field { colour = 1; } f; } x; };" },
        { DiagnosticCode.PropertyNotAllowed, "addrmap m { sw = r; };" },
        { DiagnosticCode.PropertyNotAllowed, "name = \"x\";" },
        { DiagnosticCode.PropertyType, "addrmap m { name = 3; };" },
        { DiagnosticCode.PropertyType, "addrmap m { reg { field { onwrite = rclr; } f; } x; };" },
        { DiagnosticCode.PropertyAssignedTwice, "addrmap m { name = \"a\"; name = \"b\"; };" },
        { DiagnosticCode.PropertyAssignedTwice, "addrmap m { reg { field { posedge intr; negedge intr; } f; } x; };" },
        { DiagnosticCode.PropertyAssignedTwice, "addrmap m { reg { field { intr; intr; } f; } x; };" },
        { DiagnosticCode.PropertiesExclusive, "addrmap m { bigendian; littleendian; };" },
        { DiagnosticCode.PropertiesExclusive, "addrmap m { reg { field { onread = rset; rclr; } f; } x; };" },
        { DiagnosticCode.PropertyWithoutValue, "addrmap m { name; };" },
        { DiagnosticCode.ModifierNotAllowed, "addrmap m { reg { field { posedge counter; } f; } x; };" },
        { DiagnosticCode.PropertyInconsistent, "addrmap m { reg { field { sw = r; woclr; } f; } x; };" },
        { DiagnosticCode.PropertyInconsistent, "addrmap m { reg { field { sw = w; rclr; } f; } x; };" },
        { DiagnosticCode.PropertyInconsistent, "addrmap m { reg { field { incrvalue = 1; } f; } x; };" },
        { DiagnosticCode.PropertyInconsistent, "property p { component = reg; };" },
        { DiagnosticCode.TypeMismatch, "addrmap m { reg { field {} f = \"x\" + 1; } x; };" },
        { DiagnosticCode.TypeMismatch, "addrmap m { reg { field {} f; field {} g = f == f; } x; };" },
        { DiagnosticCode.DivisionByZero, "addrmap m { reg { field {} f = 1 % 0; } x; };" },
        { DiagnosticCode.NumberTooLarge, "addrmap m { reg { field {} f = 4'hFF; } x; };" },
        { DiagnosticCode.NumberTooLarge, "enum e { a = 9; }; addrmap m { reg { field { encode = e; } f; } x; };" },
        { DiagnosticCode.IndexOutOfRange, "addrmap m { reg { field {} f; } x[2]; x[2].f->sw = r; };" },
        { DiagnosticCode.UnknownMember, "enum e { a; }; addrmap m { reg { field {} f = e::b; } x; };" },
        { DiagnosticCode.DuplicateValue, "enum e { a = 1; b = 1; };" },
        { DiagnosticCode.FieldOverlap, "addrmap m { reg { field {} f[7:0]; field {} g[4:4]; } x; };" },
        { DiagnosticCode.AddressOverlap, "addrmap m { reg { field {} f; } x @4; reg { field {} f; } y @6; };" },
        { DiagnosticCode.FieldOutsideRegister, "addrmap m { reg { regwidth = 8; field {} f[8:8]; } x; };" },
        { DiagnosticCode.ResetTooLarge, "addrmap m { reg { field {} f[2] = 4; } x; };" },
        { DiagnosticCode.BadWidth, "addrmap m { reg { regwidth = 24; field {} f; } x; };" },
        { DiagnosticCode.BadWidth, "addrmap m { reg { field {} f[0]; } x; };" },
        { DiagnosticCode.BadArray, "addrmap m { reg { field {} f; } x[0]; };" },
        { DiagnosticCode.BadArray, "addrmap m { reg { field {} f; } x[3:0]; };" },
        { DiagnosticCode.BadBitRange, "addrmap m { lsb0; reg { field {} f[0:7]; } x; };" },
        { DiagnosticCode.BadAlignment, "addrmap m { reg { field {} f; } x %= 0; };" },
        { DiagnosticCode.AddressOutOfRange, "addrmap m { reg { field {} f; } x @0xFFFFFFFFFFFFFFFE; };" },
        { DiagnosticCode.AddressOutOfRange, "addrmap m { external mem { mementries = 2; reg { field {} f; } x[3]; } s; };" },
        { DiagnosticCode.EmptyComponent, "addrmap m { reg { } x; };" },
        { DiagnosticCode.StrideTooSmall, "addrmap m { reg { field {} f; } x[2] += 2; };" },
        { DiagnosticCode.UnsupportedPerl, "addrmap m { <% print 1 %> };" },
        { DiagnosticCode.UnsupportedConstraint, "addrmap m { constraint c { this < { 3 }; }; };" },
        { DiagnosticCode.UnsupportedReferenceType, "struct s { ref target; };" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void Each_mistake_has_its_diagnostic(DiagnosticCode code, string source) =>
        Source.Compile(source, ("loop.rdl", "`include \"loop.rdl\"")).Diagnostics.Select(d => d.Code).ShouldContain(code);

    // What a run of perl can do wrong is in PerlTests.
    [Fact]
    public void Every_code_has_a_test() => Enum.GetValues<DiagnosticCode>().Except(Sources.Select(s => (DiagnosticCode)s[0]))
        .ShouldBe([DiagnosticCode.PerlFailed]);

    [Fact]
    public void A_diagnostic_shows_the_line_a_caret_and_what_to_do() => Source.Compile("""
        addrmap m {
          reg {
            field {} low[7:0];
            field {} high[8:7];
          } x;
        };
        """).Diagnostics.Single().ToString().ShouldBe("""
        test.rdl:4:14: error RDL0401: 'high' overlaps 'low' at bit 7 ('low' is at test.rdl:3:14)
                field {} high[8:7];
                         ^
            move one of them, or make one sw = r and the other sw = w
        """);

    [Fact]
    public void A_forgotten_semicolon_is_shown_at_the_end_of_its_statement() => Source.Compile("""
        addrmap m {
          name = "x"
          desc = "y";
          reg { field {} f; } r1 reg { field {} g; } r2;
        };
        """).Diagnostics.Select(d => (d.Position.Line, d.Position.Column, d.Text)).ShouldBe(
        [
            (2, 13, "';' expected after this string"),
            (4, 25, "';' expected after the name 'r1'"),
        ]);

    [Fact]
    public void Several_mistakes_are_found_in_one_run_and_each_once() => Source.Compile("""
        reg shape { field { colour = 1; sw = 3; } f[2] = 9; };
        addrmap m { shape a; shape b; nothing c; };
        """).Diagnostics.Select(d => d.Code).ShouldBe(
            [DiagnosticCode.UnknownProperty, DiagnosticCode.PropertyType, DiagnosticCode.UnknownName, DiagnosticCode.ResetTooLarge]);

    [Fact]
    public void A_mistake_in_an_included_file_is_reported_there() => Source.Compile("`include \"a.rdl\"\n", ("a.rdl", "\n  nothing x;"))
        .Diagnostics[0].Position.ShouldBe(new SourcePosition("a.rdl", 2, 3));

    [Fact]
    public void A_mistake_in_a_macro_is_reported_at_its_use() => Source.Compile("`define BAD nothing x;\naddrmap m {\n `BAD\n};")
        .Diagnostics[0].Position.ShouldBe(new SourcePosition("test.rdl", 3, 2));

    [Fact]
    public void A_reserved_word_as_a_name_is_called_one() => Source.Compile("addrmap m { reg { field {} f; } rw; };")
        .Diagnostics[0].Text.ShouldBe("'rw' is a reserved word, no name");
}
