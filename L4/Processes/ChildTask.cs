namespace L4;

/// <summary>The main method of a process that is one task.</summary>
public static class ChildTask
{
    /// <summary>Runs the task until it ends, or whoever started it wants it to.</summary>
    /// <param name="programs">What it may be asked to do.</param>
    /// <returns>The exit code: 0 when it was told to end, 1 when it ended by itself, 2 when it was not started as a task.</returns>
    /// <exception cref="ServiceException">It could not begin; the text, on standard error, is shown to who started it.</exception>
    public static int Run(TaskPrograms programs)
    {
        if (!ProcessParent.DieWith())
        {
            Console.Error.WriteLine("this program runs tasks of a system that was started by another program");
            return 2;
        }
        byte[] packet = new byte[ControlChannel.PacketLimit];
        int[] descriptors = new int[PacketSocket.DescriptorLimit];
        string program = ReceiveProgram(packet, descriptors);
        if (programs.ConfinedTo(program) is { } own)
            Confinement.Enter(typeof(ChildTask).Assembly, own);
        // A spare waits here until there is a task for it.
        var received = PacketSocket.Receive(ControlChannel.Descriptor, packet, descriptors, wait: true);
        if (received.Outcome == PacketOutcome.Closed)
            return 0;
        if (received.Outcome != PacketOutcome.Whole || received.Descriptors != 1)
            throw new ServiceException(ServiceError.BadArgument, "the process was not told what task it is");
        using var ended = new ManualResetEventSlim();
        var control = new Control(ended);
        var system = Join(packet.AsSpan(0, received.Length), descriptors.AsSpan(0, 1));
        system.Events.Reported += entry => ControlChannel.SendEvent(ControlChannel.Descriptor, entry);
        var task = system.Root;
        task.Ended += () =>
        {
            ControlChannel.SendEnded(ControlChannel.Descriptor, task.CauseOfDeath!);
            ended.Set();
        };
        var service = programs.Start(program, task);
        system.Interconnect!.Reactor.Watch(ControlChannel.Descriptor, control, ReadinessKind.HangUp);
        ControlChannel.SendStarted(ControlChannel.Descriptor, task, task.CreateGate(service.Handler));
        ended.Wait();
        // The cause counts, not what comes of the ending.
        int code = task.IsDead ? 1 : 0;
        system.Dispose();
        service.Resource?.Dispose();
        return code;
    }

    private static string ReceiveProgram(byte[] packet, int[] descriptors)
    {
        var received = PacketSocket.Receive(ControlChannel.Descriptor, packet, descriptors);
        var message = new Message();
        message.Receive(packet.AsSpan(0, received.Length), [], new CapabilitySpace("nobody"));
        if (received.Outcome != PacketOutcome.Whole || received.Descriptors != 0 || ControlChannel.ReadTag(message) != ControlTag.Prepare)
            throw new ServiceException(ServiceError.BadArgument, "the process was not told what to prepare for");
        return ControlChannel.ReadText(message);
    }

    private static L4System Join(ReadOnlySpan<byte> packet, Span<int> descriptors)
    {
        var message = new Message();
        var nobody = new CapabilitySpace("nobody");
        message.Receive(packet, [], nobody);
        if (ControlChannel.ReadTag(message) != ControlTag.Start)
            throw new ServiceException(ServiceError.BadArgument, "the process was not told what task it is");
        long origin = message.Read<long>();
        string name = ControlChannel.ReadText(message);
        return L4System.Join(new RealClock(origin: origin), name, message.Read<CapabilityRecord>(), descriptors);
    }

    private sealed class Control(ManualResetEventSlim ended) : IReadinessHandler
    {
        public void Ready() => ended.Set();
    }
}
