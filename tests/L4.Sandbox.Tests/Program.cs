using System.Globalization;
using System.Runtime.InteropServices;

namespace L4.Sandbox.Tests;

/// <summary>What a child process of these tests does: its first argument says.</summary>
internal static partial class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["exit", var code] => int.Parse(code, CultureInfo.InvariantCulture),
        ["echo", .. var words] => Say(string.Join('|', words)),
        ["environment"] => Say(string.Join('|', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order())),
        ["descriptors"] => Say(string.Join(' ', Enumerable.Range(0, 1024).Where(static d => fcntl(d, 1) >= 0))),
        ["copy", var from, var to] => Copy(Number(from), Number(to)),
        ["read", var path] => Try(() => File.ReadAllBytes(path)),
        ["create", var path] => Try(() => File.WriteAllBytes(path, [])),
        ["sleep"] => Sleep(),
        ["orphan"] => MakeOrphan(),
        ["fill-heap"] => FillHeap(),
        ["fill-memory"] => FillMemory(),
        ["spin"] => Spin(),
        ["attempts", var inside] => Attempts.Run(confine: inside == "confined"),
        ["foreign-call"] => Attempts.CallAsOtherArchitecture(),
        ["throw"] => Throw(),
        ["supervise"] => Supervise(),
        ["stress", var seconds] => Stress.Run(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))),
        _ => 99,
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Say(string text)
    {
        Console.Error.Write(text);
        return 0;
    }

    private static int Try(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (UnauthorizedAccessException)
        {
            return 13;
        }
    }

    /// <summary>Four bytes from one descriptor to another.</summary>
    private static unsafe int Copy(int from, int to)
    {
        int word;
        return read(from, &word, sizeof(int)) == sizeof(int) && write(to, &word, sizeof(int)) == sizeof(int) ? 0 : 1;
    }

    private static int Sleep()
    {
        if (!ProcessParent.DieWith())
            return 98;
        Console.Error.Write("asleep");
        Thread.Sleep(Timeout.Infinite);
        return 97;
    }

    /// <summary>Starts a child that sleeps, says its number on descriptor 3, and is ended by whoever started it.</summary>
    private static unsafe int MakeOrphan()
    {
        using var child = ChildProcess.Start(TestProcess.Create("sleep"));
        int number = child.Id;
        _ = write(3, &number, sizeof(int));
        child.Wait();
        return 1;
    }

    private static int FillHeap()
    {
        var kept = new List<byte[]>();
        while (true)
            kept.Add(new byte[1 << 20]);
    }

    private static unsafe int FillMemory()
    {
        const nuint Bytes = 1 << 20;
        while (mmap(0, Bytes, 3, 0x22, -1, 0) != -1)
        {
        }
        // The runtime says itself what there is no room for: a thread's stack.
        new Thread(static () => { }, 4 << 20).Start();
        return 1;
    }

    private static int Throw()
    {
        Confinement.Enter(typeof(Program).Assembly);
        throw new InvalidOperationException("thrown inside");
    }

    /// <summary>As whatever user this process is: a confined child that makes all attempts, whose words become this process's.</summary>
    private static int Supervise()
    {
        var exit = TestProcess.Run(TestProcess.Confined("attempts", "confined"));
        Console.Error.Write(exit.ErrorOutput);
        return exit.End == ProcessEnd.Exited ? exit.Number : 1;
    }

    private static int Spin()
    {
        while (true)
            Thread.SpinWait(1000);
    }

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc")]
    private static unsafe partial nint read(int descriptor, void* buffer, nint length);

    [LibraryImport("libc")]
    private static unsafe partial nint write(int descriptor, void* buffer, nint length);

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);
}
