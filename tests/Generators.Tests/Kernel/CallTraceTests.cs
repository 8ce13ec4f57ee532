using DdeKit.Foreign;
using DdeLinux;

namespace Generators.Tests.Kernel;

public class CallTraceTests
{
    private static int IndexOf(string name) => KernelFunctions.All.Select(f => f.Name).ToList().IndexOf(name);

    [Fact]
    public void Latest_calls_come_first_with_as_many_arguments_as_the_function_has()
    {
        var trace = new CallTrace(KernelFunctions.All);
        trace.Recent().ShouldBeEmpty();
        trace.Record(IndexOf("negate"), 0x10, 2, 3, 4);
        trace.Record(IndexOf("widths"), 1, 2, -1, 4);
        trace.Recent().ShouldBe(["widths(0x1, 0x2, 0xffffffffffffffff, 0x4, ...)", "negate(0x10)"]);
        trace.Recent(1).Count.ShouldBe(1);
    }

    [Fact]
    public void Oldest_calls_are_forgotten()
    {
        var trace = new CallTrace(KernelFunctions.All);
        for (int i = 0; i < CallTrace.Length + 5; i++)
            trace.Record(IndexOf("negate"), i, 0, 0, 0);
        var calls = trace.Recent(1000);
        calls.Count.ShouldBe(CallTrace.Length);
        calls[0].ShouldBe("negate(0x24)");
        calls[^1].ShouldBe("negate(0x5)");
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var trace = new CallTrace(KernelFunctions.All);
        Allocations.ShouldSettleAtNone(() =>
        {
            for (int i = 0; i < 1000; i++)
                trace.Record(0, i, i, i, i);
        });
    }
}
