using System.Net.Sockets;
using DdeKit;
using DdeKit.Foreign;
using L4;
using L4Io;

namespace Ports;

/// <summary>Has things go wrong in a driver.</summary>
/// <param name="domain">The driver's.</param>
internal sealed class DriverFaults(DriverDomain domain) : IDriverFaults
{
    private const int HighestDescriptor = 512;
    private const int MostAllocationsBefore = 64;
    private const long AnswerNanoseconds = 3_000_000;

    /// <summary>Spoils what a kernel has.</summary>
    internal static FaultInjection Of(DriverKernel kernel) => new(kernel, what => Struck(kernel.Task, what));

    /// <inheritdoc />
    public void Inject(DriverFault fault, int seed)
    {
        var random = new Random(seed);
        switch (fault)
        {
            case DriverFault.ClosedChannel:
                Later(() => CloseChannel(random));
                return;
            default:
                domain.Invoke(() => Inject(Of(domain.Kernel), fault, random));
                return;
        }
    }

    private void Inject(FaultInjection injection, DriverFault fault, Random random)
    {
        switch (fault)
        {
            case DriverFault.CodeBit:
                injection.SpoilCode(CodeFaultKind.FlippedBit, random);
                break;
            case DriverFault.SkippedInstruction:
                injection.SpoilCode(CodeFaultKind.SkippedInstruction, random);
                break;
            case DriverFault.EndlessLoop:
                injection.SpoilCode(CodeFaultKind.EndlessLoop, random);
                break;
            case DriverFault.DataBit:
                Placed(injection.FlipBit(random));
                break;
            case DriverFault.WildPointer:
                Placed(injection.SpoilPointer(random));
                break;
            case DriverFault.RefusedAllocation:
                injection.RefuseAllocation(random.Next(MostAllocationsBefore));
                break;
            default:
                throw new ServiceException(ServiceError.BadArgument, $"there is no fault {(int)fault} of a driver");
        }
    }

    /// <summary>Does something when the call that asked for it has been answered: it may hit the channel of that call.</summary>
    private void Later(Func<string> spoil) => domain.Task.StartThread("fault", () =>
    {
        domain.Task.Open<Notification>(domain.Task.CreateNotification()).Wait(domain.Task.System.Clock.Now + AnswerNanoseconds);
        Struck(domain.Task, spoil());
    });

    private static void Struck(L4Task task, string what) => task.System.Events.Report(task.Name, FaultyMachine.StruckEvent, what);

    /// <summary>Whether anybody uses what was spoiled cannot be told.</summary>
    private void Placed(string what) => domain.Task.System.Events.Report(domain.Task.Name, FaultyMachine.PlacedEvent, what);

    private static string CloseChannel(Random random)
    {
        var sockets = new List<Socket>();
        for (int descriptor = 0; descriptor < HighestDescriptor; descriptor++)
        {
            try
            {
                var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
                if (socket is { AddressFamily: AddressFamily.Unix, SocketType: SocketType.Seqpacket })
                    sockets.Add(socket);
            }
            catch (SocketException)
            {
                // It is something else, or nothing.
            }
        }
        int chosen = random.Next(sockets.Count);
        string what = $"socket {chosen + 1} of {sockets.Count} is shut down";
        sockets[chosen].Shutdown(SocketShutdown.Both);
        return what;
    }
}
