using FsCheck;
using FsCheck.Fluent;

namespace L4.Sandbox.Tests;

public sealed class FilterTests
{
    private const int Process = 4711;
    private static readonly IReadOnlyList<SystemCallRule> s_rules = SystemCallFilter.RulesFor(Process);
    private static readonly BpfInstruction[] s_program = SystemCallFilter.Assemble(s_rules);

    [Fact]
    public void The_program_says_what_the_rules_say_for_any_call()
    {
        // Numbers, masks and values of the rules, and what lies beside them.
        var interesting = s_rules.SelectMany(static r => r.Tests).SelectMany(static t => (ulong[])[t.Value, t.Value + 1, t.Mask, ~t.Mask, t.Value | (1UL << 32)]).Append(0UL).Distinct().ToArray();
        var argument = Gen.OneOf(Gen.Elements(interesting), ArbMap.Default.GeneratorFor<ulong>());
        var call = Gen.OneOf(Gen.Elements([.. s_rules.Select(static r => (uint)r.Call)]), Gen.Choose(0, 500).Select(static n => (uint)n), ArbMap.Default.GeneratorFor<uint>());
        var calls = from number in call from arguments in argument.ArrayOf(6) select (number, arguments);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(calls.ToArbitrary(), static c =>
            Judge(c.number, c.arguments) == Expected(c.number, c.arguments)));
    }

    [Theory]
    [InlineData(0x4000_0003u)]
    [InlineData(0x0000_0003u)]
    public void A_call_of_another_architecture_ends_the_process(uint architecture) =>
        FilterMachine.Judge(s_program, architecture, (uint)SystemCall.Read).ShouldBe(SystemCallFilter.End);

    [Fact]
    public void Numbers_of_the_wide_table_are_refused() => Judge(0x4000_0000 | (uint)SystemCall.Read).ShouldBe(SystemCallFilter.Refuse);

    [Fact]
    public void Signals_go_to_the_tasks_own_threads()
    {
        Judge((uint)SystemCall.TgKill, Process, 4712, 34).ShouldBe(SystemCallFilter.Allow);
        Judge((uint)SystemCall.TgKill, Process + 1, 4712, 34).ShouldBe(SystemCallFilter.Refuse);
        Judge((uint)SystemCall.Kill, Process, 9).ShouldBe(SystemCallFilter.Refuse);
    }

    [Theory]
    [InlineData(0x3d0f00u, true)]
    [InlineData(0x11u, false)]
    [InlineData(0x10000u, false)]
    [InlineData(0x100u, false)]
    [InlineData(0x103d0f00u, false)]
    [InlineData(0x203d0f00u, false)]
    [InlineData(0x403d0f00u, false)]
    [InlineData(0x3f0f00u, false)]
    public void Only_threads_are_cloned(uint flags, bool allowed) =>
        Judge((uint)SystemCall.Clone, flags).ShouldBe(allowed ? SystemCallFilter.Allow : SystemCallFilter.Refuse);

    [Fact]
    public void Limits_are_read_and_never_set()
    {
        Judge((uint)SystemCall.PRLimit64, 0, 7, 0, 0x7fff_0000_1000).ShouldBe(SystemCallFilter.Allow);
        Judge((uint)SystemCall.PRLimit64, 0, 7, 0x7fff_0000_0000, 0).ShouldBe(SystemCallFilter.Refuse);
        Judge((uint)SystemCall.PRLimit64, 1, 7, 0, 0x7fff_0000_1000).ShouldBe(SystemCallFilter.Refuse);
    }

    [Fact]
    public void A_jump_that_is_too_long_is_an_error()
    {
        var assembler = new BpfAssembler();
        var far = new BpfLabel();
        assembler.Compare(1, far, null);
        for (int index = 0; index < 256; index++)
            assembler.Load(0);
        assembler.MarkHere(far);
        assembler.Decide(0);
        Should.Throw<InvalidOperationException>(assembler.Assemble).Message.ShouldContain("256");
    }

    [Fact]
    public void A_jump_to_nowhere_is_an_error()
    {
        var assembler = new BpfAssembler();
        assembler.Compare(1, new BpfLabel(), null);
        Should.Throw<InvalidOperationException>(assembler.Assemble);
    }

    private static uint Judge(uint call, params ulong[] arguments) => FilterMachine.Judge(s_program, SystemCallFilter.Architecture, call, arguments);

    private static uint Expected(uint call, ulong[] arguments)
    {
        if (call == (uint)SystemCall.Clone3)
            return SystemCallFilter.NoSuchCall;
        bool allowed = s_rules.Any(r => (uint)r.Call == call && r.Tests.All(t => (arguments[t.Index] & t.Mask) == t.Value));
        return allowed ? SystemCallFilter.Allow : SystemCallFilter.Refuse;
    }
}
