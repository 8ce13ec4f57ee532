using System.Diagnostics;
using System.IO.Pipes;

namespace L4.Sandbox.Tests;

public sealed class ProcessTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void An_exit_code_is_told(int code)
    {
        var exit = TestProcess.Run("exit", $"{code}");
        exit.End.ShouldBe(ProcessEnd.Exited);
        exit.Number.ShouldBe(code);
        exit.PeakResidentBytes.ShouldBeGreaterThan(1 << 20);
        exit.ProcessorTime.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public void Arguments_arrive_as_they_are() =>
        TestProcess.Run("echo", "two words", "", "\"quoted\"", "ümläut").ErrorOutput.ShouldBe("two words||\"quoted\"|ümläut");

    [Fact]
    public void A_word_with_a_zero_is_refused() =>
        Should.Throw<ServiceException>(() => TestProcess.Run("echo", "a\0b")).Error.ShouldBe(ServiceError.BadArgument);

    [Fact]
    public void A_child_has_no_variable_of_its_parents_environment()
    {
        Environment.SetEnvironmentVariable("L4_SANDBOX_TEST_SECRET", "secret");
        var start = TestProcess.Create("environment");
        TestProcess.Run(start).ErrorOutput.Split('|').ShouldBe([.. start.Environment.Keys.Append("L4_PARENT").Order()], ignoreOrder: true);
    }

    [Fact]
    public void A_child_has_no_descriptor_that_was_not_handed_to_it()
    {
        // Inheritable, as a careless library would leave it.
        using var leak = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var start = TestProcess.Create("descriptors");
        var before = TestProcess.Run(start).ErrorOutput.Split(' ').Select(int.Parse).ToList();
        // What the runtime opens for itself comes behind: it is there with and without a descriptor at a high number.
        int handed = (int)leak.SafePipeHandle.DangerousGetHandle();
        var after = TestProcess.Run(start with { Descriptors = [new HandedDescriptor(handed, 300)] }).ErrorOutput.Split(' ').Select(int.Parse).ToList();
        after.ShouldBe([.. before, 300]);
    }

    [Fact]
    public void Handed_descriptors_may_trade_numbers()
    {
        using var toChild = new AnonymousPipeServerStream(PipeDirection.Out);
        using var fromChild = new AnonymousPipeServerStream(PipeDirection.In);
        int reading = (int)toChild.ClientSafePipeHandle.DangerousGetHandle(), writing = (int)fromChild.ClientSafePipeHandle.DangerousGetHandle();
        var start = TestProcess.Create("copy", $"{writing}", $"{reading}") with
        {
            Descriptors = [new HandedDescriptor(reading, writing), new HandedDescriptor(writing, reading)],
        };
        toChild.Write([1, 2, 3, 4]);
        TestProcess.Run(start).Number.ShouldBe(0);
        byte[] answer = new byte[4];
        fromChild.ReadExactly(answer);
        answer.ShouldBe([1, 2, 3, 4]);
    }

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(0, -1)]
    public void A_number_that_is_none_is_refused(int source, int target) =>
        Should.Throw<ServiceException>(() => TestProcess.Run(TestProcess.Create("exit", "0") with { Descriptors = [new HandedDescriptor(source, target)] }))
            .Error.ShouldBe(ServiceError.BadArgument);

    [Fact]
    public void Two_descriptors_at_one_number_are_refused() =>
        Should.Throw<ServiceException>(() => TestProcess.Run(TestProcess.Create("exit", "0") with { Descriptors = [new HandedDescriptor(0, 5), new HandedDescriptor(1, 5)] }))
            .Error.ShouldBe(ServiceError.BadArgument);

    [Fact]
    public void A_descriptor_that_is_not_open_is_an_error_with_its_number() =>
        Should.Throw<ServiceException>(() => TestProcess.Run(TestProcess.Create("exit", "0") with { Descriptors = [new HandedDescriptor(900, 5)] }))
            .Message.ShouldContain("error 9");

    [Fact]
    public void A_program_that_is_not_there_is_an_error_with_its_name()
    {
        var exception = Should.Throw<ServiceException>(() => ChildProcess.Start(new ProcessStart("/nowhere/program", [])));
        exception.Message.ShouldContain("/nowhere/program");
        exception.Message.ShouldContain("error 2");
    }

    [Fact]
    public void A_killed_child_is_told_by_its_signal()
    {
        using var child = ChildProcess.Start(TestProcess.Create("sleep"));
        child.Wait(TimeSpan.Zero).ShouldBeNull();
        child.Kill();
        var exit = child.Wait();
        (exit.End, exit.Number).ShouldBe((ProcessEnd.Signalled, 9));
        exit.ToString().ShouldBe("was ended by signal 9 (kill)");
        child.Kill();
    }

    [Fact]
    public void Disposing_ends_the_child()
    {
        int id;
        using (var child = ChildProcess.Start(TestProcess.Create("sleep")))
            id = child.Id;
        Directory.Exists($"/proc/{id}").ShouldBeFalse();
    }

    [Fact]
    public void A_child_does_not_outlive_a_killed_parent()
    {
        using var said = new AnonymousPipeServerStream(PipeDirection.In);
        int orphan;
        using (var parent = ChildProcess.Start(TestProcess.Create("orphan") with { Descriptors = [new HandedDescriptor((int)said.ClientSafePipeHandle.DangerousGetHandle(), 3)] }))
        {
            byte[] number = new byte[4];
            said.ReadExactly(number);
            orphan = BitConverter.ToInt32(number);
            parent.Kill();
            parent.Wait();
        }
        // It ends before it is tied to its parent (it sees that its parent is another) or after (the kernel ends it).
        using var process = Find(orphan);
        (process?.WaitForExit(30_000) ?? true).ShouldBeTrue();
    }

    [Fact]
    public void A_heap_beyond_its_limit_is_out_of_memory()
    {
        var exit = TestProcess.Run("fill-heap");
        exit.End.ShouldBe(ProcessEnd.OutOfMemory, exit.ErrorOutput);
        exit.PeakResidentBytes.ShouldBeLessThan(256 << 20);
        exit.ToString().ShouldContain("ran out of memory");
    }

    [Fact]
    public void Memory_beyond_its_limit_is_out_of_memory() =>
        TestProcess.Run(TestProcess.Create("fill-memory") with { Limits = new ProcessLimits(MemoryBytes: 1L << 30) }).End.ShouldBe(ProcessEnd.OutOfMemory);

    [Fact]
    public void Processor_time_beyond_its_grant_ends_the_child()
    {
        using var child = ChildProcess.Start(TestProcess.Create("spin"));
        child.GrantProcessorTime(TimeSpan.FromSeconds(0.1));
        var exit = child.Wait();
        (exit.End, exit.Number).ShouldBe((ProcessEnd.OutOfProcessorTime, 24));
        child.ProcessorTime.ShouldBe(exit.ProcessorTime);
    }

    [Fact]
    public void A_child_is_in_a_process_group_and_a_session_of_its_own()
    {
        using var child = ChildProcess.Start(TestProcess.Create("sleep"));
        // proc(5): behind the name in parentheses: state, parent, group, session.
        string[] fields = File.ReadAllText($"/proc/{child.Id}/stat").Split(") ")[^1].Split(' ');
        fields[2].ShouldBe($"{child.Id}");
        fields[3].ShouldBe($"{child.Id}");
    }

    private static Process? Find(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
