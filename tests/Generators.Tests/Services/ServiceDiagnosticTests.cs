using ServiceGenerator;

namespace Generators.Tests.Services;

public class ServiceDiagnosticTests
{
    [Theory]
    [InlineData("void Take(object thing);", "DDE0001(3): IThing.Take, parameter 'thing': 'object' does not cross a task boundary")]
    [InlineData("System.IO.Stream Open();", "DDE0001(3): IThing.Open, result: 'System.IO.Stream' does not cross a task boundary")]
    [InlineData("System.Threading.Tasks.Task Wait();", "DDE0001(3): IThing.Wait, result: 'System.Threading.Tasks.Task' does not cross a task boundary")]
    [InlineData("void Take(int? number);", "DDE0001(3): IThing.Take, parameter 'number': 'int?' does not cross a task boundary")]
    [InlineData("void Take(byte* pointer);", "DDE0001(3): IThing.Take, parameter 'pointer': 'byte*' does not cross a task boundary")]
    [InlineData("void Take(Pointing value);", "DDE0001(3): IThing.Take, parameter 'value': 'Pointing' has the pointer 'Inner.Bytes', which means nothing in another task")]
    [InlineData("void Take(Holding value);", "DDE0001(3): IThing.Take, parameter 'value': 'Holding' has the capability 'Held', which is moved only if the type is a [MessageType] record")]
    [InlineData("void Take(int[,] grid);", "DDE0001(3): IThing.Take, parameter 'grid': 'int[*,*]' does not cross a task boundary")]
    [InlineData("System.ReadOnlySpan<byte> Get();", "DDE0001(3): IThing.Get, result: 'System.ReadOnlySpan<byte>' would refer to memory of the other task (a result is an array)")]
    [InlineData("void Take(object[] things);", "DDE0001(3): IThing.Take, parameter 'things': 'object' does not cross a task boundary")]
    [InlineData("void Take(System.Action action);", "DDE0001(3): IThing.Take, parameter 'action': 'System.Action' does not cross a task boundary")]
    [InlineData("int Number { get; }", "DDE0002(3): IThing.Number: a property is no operation")]
    [InlineData("event System.Action Changed;", "DDE0002(3): IThing.Changed: an event is no operation")]
    [InlineData("void Take<T>(T value) where T : unmanaged;", "DDE0002(3): IThing.Take: a generic method is no operation")]
    [InlineData("static abstract void Make();", "DDE0002(3): IThing.Make: a static method is no operation")]
    [InlineData("void Get(out int number);", "DDE0003(3): IThing.Get: 'number' is passed by reference")]
    [InlineData("void Get(ref int number);", "DDE0003(3): IThing.Get: 'number' is passed by reference")]
    [InlineData("ref int Get();", "DDE0003(3): IThing.Get: 'the result' is passed by reference")]
    public void Member_that_no_message_carries_is_refused_where_it_stands(string member, string expected)
    {
        var run = GeneratorRun.Of(new ServiceSourceGenerator(), SubstrateStub.Source, $$"""
            using L4;
            [Service] public unsafe interface IThing {
                {{member}}
            }
            public unsafe struct PointingInner { public byte* Bytes; }
            public struct Pointing { public PointingInner Inner; }
            public struct Holding { public Capability Held; }
            """);
        run.Findings.ShouldHaveSingleItem().ShouldStartWith(expected);
        run.Result.GeneratedTrees.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("class Plain;", "DDE0004(2): Plain: 'Plain' is no positional record")]
    [InlineData("record Open { public int Number { get; init; } }", "DDE0004(2): Open: 'Open' is no positional record")]
    [InlineData("record Generic<T>(T Value) where T : unmanaged;", "DDE0004(2): Generic: 'Generic<T>' is no positional record")]
    [InlineData("record Bad(System.IO.Stream Stream);", "DDE0004(2): Bad: 'Bad'.Stream: 'System.IO.Stream' does not cross a task boundary")]
    [InlineData("record Node(int Number, Node? Next);", "DDE0004(2): Node: 'Node'.Next: 'Node' contains itself, so a message of it has no greatest size")]
    [InlineData("record Losing(int Kept) { public int Lost { get; set; } }", "DDE0004(2): Losing: 'Lost' is not among the positional members and would be lost")]
    public void Message_type_that_cannot_be_sent_is_refused_where_it_stands(string type, string expected) =>
        GeneratorRun.Of(new ServiceSourceGenerator(), SubstrateStub.Source, $"using L4;\n[MessageType] public sealed {type}")
            .Findings.ShouldHaveSingleItem().ShouldBe(expected);

    [Theory]
    [InlineData("[Service] public interface IThing<T> { }", "DDE0002(2): IThing: a service interface is neither generic nor nested; a service consists of plain methods")]
    [InlineData("[Service] public interface IThing : System.IDisposable { }", "DDE0002(2): IThing: a service interface extends no other; a service consists of plain methods")]
    public void Interface_that_is_no_service_is_refused(string type, string expected) =>
        GeneratorRun.Of(new ServiceSourceGenerator(), SubstrateStub.Source, $"using L4;\n{type}").Findings.ShouldHaveSingleItem().ShouldBe(expected);
}
