using System.Diagnostics;
using System.Globalization;

namespace L4.Sandbox.Tests;

public sealed class ConfinementTests
{
    private const int NotPermitted = 1;
    private const int NoSuchCall = 38;

    [ConfinementFact]
    public void A_hostile_task_is_refused_whatever_it_tries() => ShouldBeRefused(TestProcess.Run(TestProcess.Confined("attempts", "confined")));

    [ConfinementFact]
    public void The_system_call_filter_alone_refuses_as_much() => ShouldBeRefused(TestProcess.Run("attempts", "confined"));

    [UserFact]
    public void An_unprivileged_user_confines_its_tasks_as_well()
    {
        var start = new ProcessStartInfo("setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", Path.Combine(ProcessStart.DotnetRoot, "dotnet"), "exec", Path.Combine(TestProcess.Folder, "L4.Sandbox.Tests.dll"), "supervise"])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        string output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output);
        ShouldBeRefused(output);
    }

    [LandlockFact]
    public void Files_processes_and_the_network_are_out_of_reach_before_the_filter_is_there()
    {
        var answers = Parse(TestProcess.Run(TestProcess.Confined("attempts", "free")).ErrorOutput);
        foreach (string attempt in (string[])["open", "open-old", "create", "ptrace", "mount", "chroot", "module", "ports", "link"])
            answers[attempt].ShouldNotBe(0, attempt);
    }

    [ConfinementFact]
    public void A_call_of_another_architecture_ends_the_task() => TestProcess.Run("foreign-call").End.ShouldBe(ProcessEnd.Signalled);

    [ConfinementFact]
    public void An_exception_inside_is_told_with_its_place()
    {
        var exit = TestProcess.Run(TestProcess.Confined("throw"));
        (exit.End, exit.Number).ShouldBe((ProcessEnd.Signalled, 6));
        exit.ErrorOutput.ShouldContain("thrown inside");
        exit.ErrorOutput.ShouldContain("L4.Sandbox.Tests.Program.Throw()");
    }

    /// <summary>A second in an ordinary run; DDE_TEST_STRESS_SECONDS makes it longer.</summary>
    [ConfinementFact]
    public void The_runtime_and_the_substrate_work_inside()
    {
        string seconds = Environment.GetEnvironmentVariable("DDE_TEST_STRESS_SECONDS") ?? "1";
        using var child = ChildProcess.Start(TestProcess.Confined("stress", seconds));
        var exit = child.Wait();
        (exit.End, exit.Number).ShouldBe((ProcessEnd.Exited, 0), exit.ErrorOutput);
    }

    private static void ShouldBeRefused(ProcessExit exit)
    {
        (exit.End, exit.Number).ShouldBe((ProcessEnd.Exited, 0), exit.ErrorOutput);
        ShouldBeRefused(exit.ErrorOutput);
    }

    private static void ShouldBeRefused(string output)
    {
        var answers = Parse(output);
        answers.Count.ShouldBeGreaterThan(60);
        answers.Remove("clone3", out int clone3).ShouldBeTrue();
        clone3.ShouldBe(NoSuchCall);
        // The one thing of its kind that is allowed: the memory that channels are made of.
        answers.Remove("memory-file", out int memoryFile).ShouldBeTrue();
        memoryFile.ShouldBe(0);
        answers.Where(static a => a.Value != NotPermitted).ShouldBeEmpty();
    }

    private static Dictionary<string, int> Parse(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(' ')).ToDictionary(static w => w[0], static w => int.Parse(w[1], CultureInfo.InvariantCulture));
}
