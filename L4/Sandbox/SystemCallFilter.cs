namespace L4;

/// <summary>A condition on an argument of a system call: the bits of <paramref name="Mask"/> have the value <paramref name="Value"/>.</summary>
/// <param name="Index">Which argument, from 0.</param>
/// <param name="Mask">The bits that are looked at. An argument that is an int in C has 32: what is above them is nobody's.</param>
/// <param name="Value">What they are.</param>
internal readonly record struct ArgumentTest(int Index, ulong Mask, ulong Value);

/// <summary>Allows a system call when all tests hold. Rules for the same call are alternatives.</summary>
internal readonly record struct SystemCallRule(SystemCall Call, params ArgumentTest[] Tests);

/// <summary>
/// The system calls that a confined task may make: what .NET's runtime, its compiler, collector and threads need, and what L4 needs to talk
/// through what it was handed. All else is answered with EPERM rather than with death, because the runtime probes for files and features,
/// and lives well without them.
/// </summary>
internal static class SystemCallFilter
{
    /// <summary>Lets the call through.</summary>
    internal const uint Allow = 0x7fff_0000;

    /// <summary>Answers with "operation not permitted".</summary>
    internal const uint Refuse = ErrorVerdict | 1;

    /// <summary>Answers as a kernel that does not have the call, so that the C library takes the older one.</summary>
    internal const uint NoSuchCall = ErrorVerdict | 38;

    /// <summary>Ends the process.</summary>
    internal const uint End = 0x8000_0000;

    /// <summary>AUDIT_ARCH_X86_64.</summary>
    internal const uint Architecture = 0xc000_003e;

    // struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits.
    internal const int NumberOffset = 0;
    internal const int ArchitectureOffset = 4;
    internal const int ArgumentsOffset = 16;

    private const uint ErrorVerdict = 0x0005_0000;
    private const ulong Int = uint.MaxValue;

    // clone(2): a thread, and nothing that would be a new name space.
    private const ulong CloneMemory = 0x100;
    private const ulong CloneThread = 0x1_0000;
    private const ulong CloneNewNames = 0x7e02_0000;
    private const ulong ClonePTrace = 0x2000;

    // Sealable and closed on exec, in ordinary pages; socketpair(2): of the kind that has no names to send to.
    private const ulong MemFileFlags = 3;
    private const ulong SocketUnix = 1;
    private const ulong SocketSequencedPacket = 5;
    private const ulong SocketTypeMask = 0xf;

    private const ulong PrSetName = 15;
    private const ulong PrGetName = 16;
    private const ulong ArchSetGs = 0x1001;

    // fcntl(2): duplicate, descriptor flags, status flags, close-on-exec duplicate, seals.
    private static readonly ulong[] s_fcntlOperations = [0, 1, 2, 3, 4, 1030, 1033, 1034];

    /// <summary>The rules of a task.</summary>
    /// <param name="process">The task's process number: signals go to its own threads only.</param>
    internal static IReadOnlyList<SystemCallRule> RulesFor(int process) =>
    [
        // Often called ones first, for kernels that keep no table of what is always allowed (before 5.11).
        .. Always(SystemCall.Futex, SystemCall.SendMsg, SystemCall.RecvMsg, SystemCall.Read, SystemCall.Write, SystemCall.EPollWait, SystemCall.EPollPWait,
            SystemCall.SchedYield, SystemCall.ClockGetTime, SystemCall.RtSigReturn, SystemCall.MemBarrier),
        // Memory. Executable memory stays allowed: code is generated, and drivers are code.
        .. Always(SystemCall.MMap, SystemCall.MUnmap, SystemCall.MProtect, SystemCall.MRemap, SystemCall.MAdvise, SystemCall.MInCore, SystemCall.Brk),
        // Threads, signals, time.
        .. Always(SystemCall.SetRobustList, SystemCall.RSeq, SystemCall.SetTidAddress, SystemCall.GetTid, SystemCall.GetPid, SystemCall.GetPPid,
            SystemCall.GetUid, SystemCall.GetEUid, SystemCall.GetCpu, SystemCall.Exit, SystemCall.ExitGroup, SystemCall.RtSigAction,
            SystemCall.RtSigProcMask, SystemCall.SigAltStack, SystemCall.RestartSyscall, SystemCall.NanoSleep, SystemCall.ClockNanoSleep,
            SystemCall.ClockGetRes, SystemCall.GetRUsage, SystemCall.GetRLimit, SystemCall.SysInfo, SystemCall.GetRandom),
        .. Always(SystemCall.SchedGetAffinity, SystemCall.SchedGetParam, SystemCall.SchedGetScheduler, SystemCall.SchedGetPriorityMin,
            SystemCall.SchedGetPriorityMax),
        new(SystemCall.Clone, new ArgumentTest(0, CloneMemory | CloneThread | CloneNewNames | ClonePTrace, CloneMemory | CloneThread)),
        // The runtime's threads begin so, and do not begin if it fails.
        new(SystemCall.SchedSetAffinity, new ArgumentTest(0, Int, 0)),
        new(SystemCall.TgKill, new ArgumentTest(0, Int, (uint)process)),
        new(SystemCall.PrCtl, new ArgumentTest(0, Int, PrSetName)),
        new(SystemCall.PrCtl, new ArgumentTest(0, Int, PrGetName)),
        // A domain's per-processor data.
        new(SystemCall.ArchPrCtl, new ArgumentTest(0, Int, ArchSetGs)),
        // The limits may be read, not set.
        new(SystemCall.PRLimit64, new ArgumentTest(0, Int, 0), new ArgumentTest(2, ulong.MaxValue, 0)),
        // What it was handed or made itself.
        .. Always(SystemCall.Close, SystemCall.FStat, SystemCall.LSeek, SystemCall.PRead64, SystemCall.ReadV, SystemCall.WriteV, SystemCall.Poll, SystemCall.PPoll,
            SystemCall.RecvFrom, SystemCall.Shutdown, SystemCall.GetSockOpt, SystemCall.EventFd2, SystemCall.Pipe2, SystemCall.EPollCreate1, SystemCall.EPollCtl),
        .. s_fcntlOperations.Select(static operation => new SystemCallRule(SystemCall.FCntl, new ArgumentTest(1, Int, operation))),
        // Without an address, so to where the socket is connected.
        new(SystemCall.SendTo, new ArgumentTest(4, ulong.MaxValue, 0)),
        // Channels to other tasks are made of these. How much memory they can take is a limit's business (FileBytes, OpenFiles).
        new(SystemCall.MemFdCreate, new ArgumentTest(1, Int, MemFileFlags)),
        .. Always(SystemCall.FTruncate),
        new(SystemCall.SocketPair, new ArgumentTest(0, Int, SocketUnix), new ArgumentTest(1, SocketTypeMask, SocketSequencedPacket)),
    ];

    /// <summary>The program that judges each call by the rules.</summary>
    internal static BpfInstruction[] Assemble(IReadOnlyList<SystemCallRule> rules)
    {
        var assembler = new BpfAssembler();
        var (known, allow) = (new BpfLabel(), new BpfLabel());
        assembler.Load(ArchitectureOffset);
        assembler.Compare(Architecture, known, null);
        // Numbers mean other calls there: nothing of this process makes any.
        assembler.Decide(End);
        assembler.MarkHere(known);
        assembler.Load(NumberOffset);
        foreach (var rule in rules.Where(static r => r.Tests.Length == 0))
            assembler.Compare((uint)rule.Call, allow, null);
        // Its arguments lie in memory, where a filter cannot look at them.
        var older = new BpfLabel();
        assembler.Compare((uint)SystemCall.Clone3, null, older);
        assembler.Decide(NoSuchCall);
        assembler.MarkHere(older);
        foreach (var alternatives in rules.Where(static r => r.Tests.Length != 0).GroupBy(static r => r.Call))
        {
            var otherCall = new BpfLabel();
            assembler.Compare((uint)alternatives.Key, null, otherCall);
            foreach (var rule in alternatives)
                AddTests(assembler, rule.Tests, allow);
            assembler.Decide(Refuse);
            assembler.MarkHere(otherCall);
        }
        assembler.Decide(Refuse);
        assembler.MarkHere(allow);
        assembler.Decide(Allow);
        return assembler.Assemble();
    }

    private static void AddTests(BpfAssembler assembler, ArgumentTest[] tests, BpfLabel allow)
    {
        var failed = new BpfLabel();
        var words = tests.SelectMany(static t => Words(t)).ToList();
        for (int index = 0; index < words.Count; index++)
        {
            var (offset, mask, value) = words[index];
            assembler.Load(offset);
            if (mask != uint.MaxValue)
                assembler.Mask(mask);
            assembler.Compare(value, index == words.Count - 1 ? allow : null, failed);
        }
        assembler.MarkHere(failed);
    }

    private static IEnumerable<(int Offset, uint Mask, uint Value)> Words(ArgumentTest test)
    {
        int offset = ArgumentsOffset + test.Index * sizeof(ulong);
        yield return (offset, (uint)(test.Mask & uint.MaxValue), (uint)(test.Value & uint.MaxValue));
        if (test.Mask >> 32 != 0)
            yield return (offset + sizeof(uint), (uint)(test.Mask >> 32), (uint)(test.Value >> 32));
    }

    private static IEnumerable<SystemCallRule> Always(params SystemCall[] calls) => calls.Select(static call => new SystemCallRule(call));
}
