using System.Runtime.InteropServices;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

public sealed unsafe class AbortTests
{
    [ThreadStatic]
    private static Func<nint, nint>? t_shim;

    /// <summary>What every shim's wrapper does: no exception passes, each ends the domain.</summary>
    [UnmanagedCallersOnly]
    private static nint Wrapper(nint argument)
    {
        try
        {
            return t_shim!(argument);
        }
        catch (Exception exception)
        {
            ForeignCpu.Current!.Abort(exception);
            return 0;
        }
    }

    private static nint WrapperPointer => (nint)(delegate* unmanaged<nint, nint>)&Wrapper;

    private static nint ForeignCaller(TestDomain domain, nint target, int* progress) => domain.Assemble(c =>
    {
        // Callee-saved registers are spoilt, so that it shows when an abort does not restore them.
        c.push(rbx);
        c.push(r12);
        c.mov(rbx, 0x1111);
        c.mov(r12, 0x2222);
        c.call((ulong)target);
        c.mov(r11, (ulong)progress);
        c.inc(__dword_ptr[r11]);
        c.pop(r12);
        c.pop(rbx);
        c.ret();
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public void Nested_calls_return_through_every_level(int depth)
    {
        using var domain = new TestDomain();
        int progress = 0;
        nint caller = ForeignCaller(domain, domain.Thunks.Function("shim", WrapperPointer, 1), &progress);
        t_shim = level => level == 0 ? 5 : domain.Cpu.Call(caller, level - 1) + 1;
        domain.Cpu.Call(caller, depth).ShouldBe(5 + depth);
        progress.ShouldBe(depth + 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public void An_exception_in_a_shim_ends_every_level_and_no_foreign_code_runs_on(int depth)
    {
        using var domain = new TestDomain();
        int progress = 0;
        nint caller = ForeignCaller(domain, domain.Thunks.Function("shim", WrapperPointer, 1), &progress);
        int unwound = 0;
        t_shim = level =>
        {
            try
            {
                return level == 0 ? throw new NotSupportedException("kaput") : domain.Cpu.Call(caller, level - 1);
            }
            finally
            {
                unwound++;
            }
        };
        var exception = Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(caller, depth));
        exception.InnerException.ShouldBeOfType<NotSupportedException>().Message.ShouldBe("kaput");
        progress.ShouldBe(0);
        unwound.ShouldBe(depth + 1);
        domain.Cpu.Cause.ShouldBeSameAs(exception.InnerException);
    }

    [Fact]
    public void A_dying_domain_is_not_entered_again()
    {
        using var domain = new TestDomain();
        int progress = 0;
        nint caller = ForeignCaller(domain, domain.Thunks.Function("shim", WrapperPointer, 1), &progress);
        domain.Cpu.Abort(new NotSupportedException("first"));
        domain.Cpu.Abort(new NotSupportedException("second"));
        Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(caller)).InnerException!.Message.ShouldBe("first");
        progress.ShouldBe(0);
    }

    [Fact]
    public void A_thread_that_is_not_attached_cannot_call()
    {
        using var domain = new TestDomain();
        nint function = domain.Assemble(c => c.ret());
        ForeignCpu.Detach();
        Should.Throw<InvalidOperationException>(() => domain.Cpu.Call(function)).Message.ShouldContain("not attached");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Host_threads_that_take_turns_unwind_each_to_its_own_entry(bool firstThrows)
    {
        using var domain = new TestDomain();
        int progress = 0;
        nint caller = ForeignCaller(domain, domain.Thunks.Function("shim", WrapperPointer, 1), &progress);
        using var firstTurn = new SemaphoreSlim(0);
        using var secondTurn = new SemaphoreSlim(0);
        Exception? firstEnd = null, secondEnd = null;
        const int Depth = 5;

        // Both go down five levels in alternation; at the bottom one of them throws.
        void Run(SemaphoreSlim mine, SemaphoreSlim other, bool throws, ref Exception? end)
        {
            var turn = mine;
            mine.Wait();
            domain.Cpu.Attach();
            t_shim = level =>
            {
                other.Release();
                turn.Wait();
                return level == 0 && throws ? throw new NotSupportedException("kaput") : level == 0 ? 0 : domain.Cpu.Call(caller, level - 1);
            };
            try
            {
                domain.Cpu.Call(caller, Depth);
            }
            catch (ForeignAbortException exception)
            {
                end = exception.InnerException;
            }
            ForeignCpu.Detach();
            other.Release();
        }

        var first = new Thread(() => Run(firstTurn, secondTurn, firstThrows, ref firstEnd));
        var second = new Thread(() => Run(secondTurn, firstTurn, !firstThrows, ref secondEnd));
        first.Start();
        second.Start();
        firstTurn.Release();
        first.Join();
        second.Join();
        // When the second throws, the first has returned through all its levels before.
        progress.ShouldBe(firstThrows ? 0 : Depth + 1);
        secondEnd.ShouldBeOfType<NotSupportedException>();
        firstEnd.ShouldBe(firstThrows ? secondEnd : null);
    }

    [Fact]
    public void Endless_loop_is_given_up_when_it_is_interrupted()
    {
        using var domain = new TestDomain();
        int turns = 0;
        int* counter = &turns;
        nint loop = domain.Assemble(c =>
        {
            var again = c.CreateLabel();
            c.mov(r11, (ulong)counter);
            c.Label(ref again);
            c.inc(__dword_ptr[r11]);
            c.jmp(again);
        });
        var interrupter = new Thread(() =>
        {
            while (Volatile.Read(ref *counter) == 0)
                Thread.Yield();
            domain.Cpu.Abort(new InvalidOperationException("the test said so"));
            domain.Cpu.Interrupt();
        });
        interrupter.Start();

        Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(loop)).InnerException!.Message.ShouldBe("the test said so");
        interrupter.Join();
        // Nothing is interrupted that is not foreign.
        for (int i = 0; i < 1000; i++)
            domain.Cpu.Interrupt();
    }
}
