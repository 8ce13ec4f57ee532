using System.Diagnostics;
using System.Linq.Expressions;

namespace L4.Sandbox.Tests;

/// <summary>All that the runtime and L4 do, as hard as it goes, inside the confinement. Any refusal that matters ends the process.</summary>
internal static class Stress
{
    internal static int Run(TimeSpan time)
    {
        if (!ProcessParent.DieWith())
            return 98;
        using var system = new L4System(new RealClock());
        Console.Error.Write('\n');
        Confinement.Enter(typeof(Stress).Assembly);
        long begun = Stopwatch.GetTimestamp();
        int rounds = 0;
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            Allocate();
            Compile(rounds);
            Throw();
            StartThreads();
            UsePoolAndTimers();
            UseSubstrate(system);
            GC.Collect();
            rounds++;
        }
        Console.Error.Write($"{rounds} rounds");
        return rounds > 0 ? 0 : 1;
    }

    private static void Allocate()
    {
        byte[]?[] kept = new byte[64][];
        for (int i = 0; i < 2000; i++)
            kept[i % kept.Length] = new byte[(i % 100 + 1) * 1000];
    }

    /// <summary>Code that did not exist before.</summary>
    private static void Compile(int round)
    {
        var x = Expression.Parameter(typeof(int));
        var body = Expression.Multiply(Expression.Add(x, Expression.Constant(round)), Expression.Constant(3));
        if (Expression.Lambda<Func<int, int>>(body, x).Compile()(4) != (round + 4) * 3)
            throw new InvalidOperationException("compiled wrongly");
    }

    private static void Throw()
    {
        try
        {
            object? nothing = null;
            _ = nothing!.ToString();
        }
        catch (NullReferenceException exception)
        {
            _ = exception.ToString();
        }
    }

    private static void StartThreads()
    {
        var threads = Enumerable.Range(0, 4).Select(static _ => new Thread(Allocate)).ToList();
        threads.ForEach(static t => t.Start());
        threads.ForEach(static t => t.Join());
    }

    private static void UsePoolAndTimers()
    {
        using var fired = new ManualResetEventSlim();
        using var timer = new Timer(_ => fired.Set(), null, 1, Timeout.Infinite);
        Parallel.For(0, 8, static _ => Allocate());
        fired.Wait();
    }

    private static void UseSubstrate(L4System system)
    {
        using var task = system.CreateTask("stress");
        using var attached = task.Enter();
        var memory = task.CreateDataspace("stress", 1 << 20);
        using (var mapping = task.Map(memory))
            mapping.Bytes.Fill(1);
        var notification = task.Open<Notification>(task.CreateNotification());
        task.StartThread("peer", () => notification.Signal(1));
        if (notification.Wait(system.Clock.Now + 10_000_000_000) != 1)
            throw new InvalidOperationException("no signal came");
    }
}
