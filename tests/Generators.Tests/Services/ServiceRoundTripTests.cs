using ServiceGenerator;

namespace Generators.Tests.Services;

public class ServiceRoundTripTests
{
    private const string Bus = """
        using System;
        using System.Linq;
        using System.Collections.Generic;
        using L4;
        namespace Buses;

        public enum Kind : byte { Bridge, Disk }
        public readonly record struct Address(ushort Segment, byte Bus, byte Device);
        public struct Plain { public int Number; public Kind Kind; }

        [MessageType] public sealed record Window(string Name, ulong Start, ulong Length, Capability Memory);
        [MessageType] public sealed record Info(Address Address, Kind Kind, string? Holder, Window[] Windows, int[]? Lines, Window? Boot);
        [MessageType] public readonly record struct Pair(int Left, int Right);
        [MessageType] public readonly record struct Named(string Text, Pair Pair);

        [Service]
        public interface IBus
        {
            Info[] List();
            uint Read(ushort offset, byte width);
            Capability Open(Address address, string holder);
            void Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<Named> names);
            string? Describe(Info info, Info? other, Plain plain);
            string Text(string @event, int message, string?[] texts);
            Pair[] Swap(Pair[] pairs);
            int[][] Nested(string?[]?[] texts);
            Capability[] All();
            bool IsWide => Read(0, 4) != 0;
        }

        internal sealed class Bus : IBus
        {
            public List<string> Seen = new();
            public Info[] List() => [new Info(new Address(1, 2, 3), Kind.Disk, null, [new Window("bar0", 1, 2, new Capability(9))], null, new Window("rom", 3, 4, default)), new Info(default, Kind.Bridge, "driver", [], [5, 6], null)];
            public uint Read(ushort offset, byte width) => offset * 10u + width;
            public Capability Open(Address address, string holder) { Seen.Add($"{address} {holder}"); return new Capability(77); }
            public void Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<Named> names) => Seen.Add($"{bytes.Length} {bytes[1]} {names.Length} {names[0]}");
            public string? Describe(Info info, Info? other, Plain plain) => other is null ? null : $"{info.Holder} {other.Windows[0].Name} {plain.Number} {plain.Kind}";
            public string Text(string @event, int message, string?[] texts) => @event + message + string.Join(",", texts.Select(t => t ?? "null"));
            public Pair[] Swap(Pair[] pairs) => pairs.Select(p => new Pair(p.Right, p.Left)).ToArray();
            public int[][] Nested(string?[]?[] texts) => texts.Select(t => t is null ? new[] { -1 } : t.Select(x => x?.Length ?? 0).ToArray()).ToArray();
            public Capability[] All() => [new Capability(1), new Capability(2)];
        }

        public static class Scenario
        {
            public static string Run()
            {
                var bus = new Bus();
                var task = new L4Task { Handler = new BusDispatcher(bus) };
                IBus proxy = new BusProxy(task, new Capability(5));
                var log = new List<string>();
                var list = proxy.List();
                log.Add($"{list.Length} {list[0].Address.Device} {list[0].Kind} {list[0].Windows[0]} {list[0].Lines is null} {list[0].Boot!.Name} {list[1].Holder} {list[1].Lines![1]} {list[1].Boot is null}");
                log.Add($"{proxy.Read(4, 2)} {proxy.IsWide}");
                log.Add($"{proxy.Open(new Address(0, 0, 31), "ata").Slot} {bus.Seen[^1]}");
                proxy.Write([7, 8], [new Named("n", new Pair(1, 2))]);
                log.Add(bus.Seen[^1]);
                log.Add($"{proxy.Describe(list[1], list[0], new Plain { Number = 3, Kind = Kind.Disk })}|{proxy.Describe(list[1], null, default) ?? "nothing"}");
                log.Add(proxy.Text("e", 4, ["a", null]));
                log.Add($"{proxy.Swap([new Pair(1, 2)])[0]}");
                log.Add(string.Join(";", proxy.Nested([null, ["abc", null]]).Select(x => string.Join(",", x))));
                log.Add($"{proxy.All()[1].Slot}");
                log.Add(task.Calls[1] + " " + task.Calls[3] + " " + ((BusProxy)proxy).Gate.Slot);
                return string.Join("\n", log);
            }

            public static string RunUnknown()
            {
                try { new BusDispatcher(new Bus()).Handle(10, new Message()); }
                catch (ServiceException refused) { return $"{refused.Error}: {refused.Message}"; }
                return "";
            }

            public static string RunNull()
            {
                var message = new Message();
                message.Write(default(Address));
                message.WriteString(null);
                try { new BusDispatcher(new Bus()).Handle(3, message); }
                catch (ServiceException refused) { return $"{refused.Error}: {refused.Message}"; }
                return "";
            }

            public static string RunNegative()
            {
                var message = new Message();
                message.Write(-1);
                try { new BusDispatcher(new Bus()).Handle(8, message); }
                catch (ServiceException refused) { return $"{refused.Error}: {refused.Message}"; }
                return "";
            }
        }
        """;

    private static GeneratorRun Generate() => GeneratorRun.Of(new ServiceSourceGenerator(), SubstrateStub.Source, Bus);

    [Fact]
    public void Every_kind_of_value_arrives_as_it_was_sent()
    {
        var run = Generate();
        run.Findings.ShouldBeEmpty();
        run.Run("Buses.Scenario", "Run").ShouldBe("""
            2 3 Disk Window { Name = bar0, Start = 1, Length = 2, Memory = Capability { Slot = 9 } } True rom driver 6 True
            42 True
            77 Address { Segment = 0, Bus = 0, Device = 31 } ata
            2 8 1 Named { Text = n, Pair = Pair { Left = 1, Right = 2 } }
            driver bar0 3 Disk|nothing
            e4a,null
            Pair { Left = 2, Right = 1 }
            -1;3,0
            2
            5:2:2 5:3:2 5
            """);
    }

    [Fact]
    public void Unknown_operation_is_refused_with_its_number() =>
        Generate().Run("Buses.Scenario", "RunUnknown").ShouldBe("UnknownOperation: IBus has 9 operations; number 10 was called");

    [Fact]
    public void Null_where_none_may_be_is_refused_with_the_parameter() =>
        Generate().Run("Buses.Scenario", "RunNull").ShouldBe("BadArgument: IBus.Open: holder is null");

    [Fact]
    public void Negative_element_count_is_refused() =>
        Generate().Run("Buses.Scenario", "RunNegative").ShouldBe("BadArgument: an array of -1 elements does not fit a message");

    [Fact]
    public void Edit_that_changes_no_service_writes_nothing_again() =>
        GeneratorRun.ReasonsAfterEdit(new ServiceSourceGenerator(), [SubstrateStub.Source, Bus], Bus + "\ninternal class Unrelated;")
            .ShouldAllBe(reason => reason == Microsoft.CodeAnalysis.IncrementalStepRunReason.Cached);
}
