namespace SystemRdl.Tests;

public sealed class ReferenceRuleTests
{
    [Theory]
    [InlineData("field {} a; field {} b; b->next = a->reset;", "'a->reset' has no value: 'a' was given no reset")]
    [InlineData("field {} a; field {} b; b->next = a->we;", "'a->we' has no value: 'a' was given no we or wel")]
    [InlineData("field { counter; } a; field {} b; b->next = a->threshold;", "'a->incrthreshold' has no value: 'a' was given no incrthreshold")]
    [InlineData("field {} a; field {} b; b->next = a->incr;", "'a->incr' belongs to a counter, but 'a' is none")]
    [InlineData("field {} a; field {} b; b->next = a->overflow;", "'a->overflow' belongs to a counter, but 'a' is none")]
    [InlineData("field {} a; a->reset = a;", "'a' takes its reset value from itself")]
    [InlineData("field {} a; field {} b; a->next = b->next; b->next = a->next;", "'a->next' is defined by itself")]
    public void Reference_to_what_its_target_does_not_have_is_an_error(string fields, string expected)
    {
        var diagnostic = Source.Compile($"addrmap m {{ reg {{ {fields} }} x; }};").Diagnostics[0];
        diagnostic.Code.ShouldBe(DiagnosticCode.PropertyInconsistent);
        diagnostic.Text.ShouldBe(expected);
    }

    [Fact]
    public void Reference_to_what_its_target_has_is_taken() => Source.Register("""
        field { counter; incrthreshold = 1; we; } a = 0; field {} b; field {} c; field {} d; field {} e;
        b->next = a->overflow; c->next = a->threshold; d->next = a->wel; e->next = a->reset; a->incr = b->anded;
        """).Fields.Count.ShouldBe(5);

    [Fact]
    public void A_chain_of_references_that_ends_is_no_circle() =>
        Source.Register("field {} a; field {} b; field {} c; a->next = b->next; b->next = c->next; c->next = a;").Fields.Count.ShouldBe(3);
}
