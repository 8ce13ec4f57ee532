using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bench;

namespace Dde;

/// <summary><c>dde bench</c>: how fast the stack is, beside a plain way to the same data in the same run.</summary>
internal static class BenchCommand
{
    internal static Command Create() => new("bench", "Measure the stack beside a peer, in one run.") { CreateBlock(), NetBenchCommand.Create(), CreateRegisters(), CreateTraps(), CreateIpc(), StartBenchCommand.Create() };

    private static Command CreateBlock()
    {
        var disk = new Option<string>("--disk") { Description = "A raw image; it is only read.", Required = true, HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("block", "Sequential and random reads through DSweeper's whole stack, beside pread of the same file.") { disk, json };
        command.SetAction(parsed =>
        {
            var rows = BlockBench.Run(parsed.GetRequiredValue(disk), line => Console.Error.WriteLine(line));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new BlockBenchJson(rows), DdeJson.Default.BlockBenchJson));
            else
                Print(rows);
            return 0;
        });
        return command;
    }

    private static Command CreateRegisters()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("registers", "Register accesses inside a generated device model, beside a hand-written switch and a dictionary of registers.") { json };
        command.SetAction(parsed =>
        {
            var rows = RegisterBench.Run(line => Console.Error.WriteLine(line));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new RegisterBenchJson(rows), DdeJson.Default.RegisterBenchJson));
            else
                Print(rows);
            return 0;
        });
        return command;
    }

    private static Command CreateTraps()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("traps", "Device accesses by a driver's own instructions, trapped and through patched sites.") { json };
        command.SetAction(parsed =>
        {
            var rows = TrapBench.Run(line => Console.Error.WriteLine(line));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new TrapBenchJson(rows), DdeJson.Default.TrapBenchJson));
            else
                Print(rows);
            return 0;
        });
        return command;
    }

    private static Command CreateIpc()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("ipc", "Round trips between two processes: calls and words of the substrate, beside a C program's futex and unix socket.") { json };
        command.SetAction(parsed =>
        {
            var rows = IpcBench.Run(line => Console.Error.WriteLine(line));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new IpcBenchJson(rows), DdeJson.Default.IpcBenchJson));
            else
                Print(rows);
            return 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<IpcBenchRow> rows)
    {
        Console.WriteLine("round trip                            p50        p99      p99.9  p50/futex");
        foreach (var row in rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-32}{row.MedianNanoseconds,8} ns{row.P99Nanoseconds,8} ns{row.P999Nanoseconds,8} ns{row.Ratio,11:0.00}"));
    }

    private static void Print(IReadOnlyList<TrapBenchRow> rows)
    {
        Console.WriteLine("access      trapped     patched  from C#  trapped/patched");
        foreach (var row in rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Access,-8}{row.TrappedNanoseconds,8:0} ns{row.PatchedNanoseconds,9:0.0} ns{row.DirectNanoseconds,6:0.0} ns{row.Ratio,17:0}"));
    }

    private static void Print(IReadOnlyList<RegisterBenchRow> rows)
    {
        Console.WriteLine("access   generated  hand-written  dictionary  generated/hand-written  dictionary/hand-written");
        foreach (var row in rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Access,-6}{row.GeneratedNanoseconds,9:0.00} ns{row.HandWrittenNanoseconds,11:0.00} ns{row.DictionaryNanoseconds,9:0.00} ns{row.Ratio,24:0.00}{row.DictionaryRatio,25:0.00}"));
    }

    private static void Print(IReadOnlyList<BlockBenchRow> rows)
    {
        Console.WriteLine("access              isolation depth    stack             pread             ratio  registers irqs traps hops sleeps PIO bytes  alloc");
        foreach (var row in rows)
        {
            var work = row.PerRequest;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-20}{row.Isolation,-9}{row.QueueDepth,4}  {row.StackMegabytesPerSecond,7:0} MB/s {row.StackPerSecond,8:0}/s  {row.PreadMegabytesPerSecond,6:0} MB/s {row.PreadPerSecond,8:0}/s  {row.Ratio,5:0.00}  {work.RegisterAccesses,8:0.0} {work.Interrupts,5:0.0} {work.Traps,5:0.0} {work.BatonHops,4:0.0} {work.DriverSleeps,6:0.00} {work.ProgrammedBytes,9:0} {row.AllocatedBytesPerRequest,6:0}"));
        }
        Console.WriteLine("registers ... PIO bytes, alloc: per request; hops: the baton changed threads; sleeps: the driver had to be woken by the host's kernel; nothing is copied.");
    }
}

/// <summary>The output of <c>dde bench block --json</c>.</summary>
internal sealed record BlockBenchJson(IReadOnlyList<BlockBenchRow> Rows);

/// <summary>The output of <c>dde bench traps --json</c>.</summary>
internal sealed record TrapBenchJson(IReadOnlyList<TrapBenchRow> Rows);

/// <summary>The output of <c>dde bench registers --json</c>.</summary>
internal sealed record RegisterBenchJson(IReadOnlyList<RegisterBenchRow> Rows);

/// <summary>The output of <c>dde bench ipc --json</c>.</summary>
internal sealed record IpcBenchJson(IReadOnlyList<IpcBenchRow> Rows);
