using L4.Native;

namespace L4;

/// <summary>A process that will be a task, and prepares itself meanwhile.</summary>
internal sealed class PreparedProcess : IDisposable
{
    private PreparedProcess(string program, ChildProcess process, int control) => (Program, Process, Control) = (program, process, control);

    /// <summary>What it will do.</summary>
    internal string Program { get; }

    /// <summary>The process.</summary>
    internal ChildProcess Process { get; }

    /// <summary>The socket to it.</summary>
    internal int Control { get; }

    /// <summary>How it ended; null while it waits.</summary>
    internal ProcessExit? End => Process.Wait(TimeSpan.Zero);

    internal static PreparedProcess Start(string program, ProcessStart start)
    {
        var (ours, theirs) = Libc.CreateSocketPair();
        try
        {
            ControlChannel.SendPrepare(ours, program);
            return new PreparedProcess(program, ChildProcess.Start(start with { Descriptors = [new HandedDescriptor(theirs, ControlChannel.Descriptor)] }), ours);
        }
        catch (ServiceException)
        {
            PacketSocket.Close([ours]);
            throw;
        }
        finally
        {
            PacketSocket.Close([theirs]);
        }
    }

    /// <summary>Ends a process that became no task.</summary>
    public void Dispose()
    {
        PacketSocket.Close([Control]);
        Process.Dispose();
    }
}
