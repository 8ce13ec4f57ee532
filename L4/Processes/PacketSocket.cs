using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using L4.Native;

namespace L4;

/// <summary>Sends and receives whole packets with descriptors in them. What comes from the other side is checked for cut-off data here, and
/// for what it says by the receiver.</summary>
internal static unsafe class PacketSocket
{
    /// <summary>Descriptors that one packet carries at most.</summary>
    internal const int DescriptorLimit = 48;

    private const int ControlBytes = 16 + DescriptorLimit * sizeof(int);

    /// <summary>Sends one packet.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">At least one byte.</param>
    /// <param name="descriptors">The receiver gets descriptors of its own; these stay the caller's.</param>
    /// <param name="wait">Whether to wait for room in the receiver's queue.</param>
    /// <returns>False: the other side is gone, or there is no room.</returns>
    internal static bool TrySend(int socket, ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors, bool wait)
    {
        var control = stackalloc byte[ControlBytes];
        fixed (byte* bytes = data)
        {
            var vector = new Libc.IoVector { Address = bytes, Length = (nuint)data.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                var header = (Libc.ControlHeader*)control;
                header->Length = (nuint)(16 + descriptors.Length * sizeof(int));
                header->Level = Libc.SocketLevel;
                header->Type = Libc.ControlRights;
                descriptors.CopyTo(new Span<int>(control + 16, DescriptorLimit));
                message.Control = control;
                message.ControlLength = header->Length;
            }
            nint sent;
            do
                sent = Libc.sendmsg(socket, &message, Libc.MessageNoSignal | (wait ? 0 : Libc.MessageDontWait));
            while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted);
            return sent == data.Length;
        }
    }

    /// <summary>Takes the next packet.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">Room for the packet.</param>
    /// <param name="descriptors">Room for <see cref="DescriptorLimit"/> descriptors, which are the caller's from here on.</param>
    /// <param name="flags">More flags of <c>recvmsg</c>.</param>
    /// <param name="wait">Whether to wait until there is one.</param>
    /// <returns>What came; the descriptors of a packet that was cut off are closed.</returns>
    internal static Packet Receive(int socket, Span<byte> data, Span<int> descriptors, int flags = 0, bool wait = false)
    {
        var control = stackalloc byte[ControlBytes];
        Unsafe.InitBlockUnaligned(control, 0, ControlBytes);
        fixed (byte* bytes = data)
        {
            var vector = new Libc.IoVector { Address = bytes, Length = (nuint)data.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes };
            nint received;
            do
                received = Libc.recvmsg(socket, &message, (wait ? 0 : Libc.MessageDontWait) | Libc.MessageCloseOnExec | flags);
            while (received < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted);
            if (received < 0)
                return new Packet(Marshal.GetLastPInvokeError() == Libc.ErrorAgain ? PacketOutcome.Empty : PacketOutcome.Closed, 0, 0);
            int count = 0;
            var header = (Libc.ControlHeader*)control;
            if (message.ControlLength >= 16 && header->Level == Libc.SocketLevel && header->Type == Libc.ControlRights)
            {
                count = (int)((nuint)header->Length - 16) / sizeof(int);
                new ReadOnlySpan<int>(control + 16, count).CopyTo(descriptors);
            }
            if (received == 0 && count == 0)
                return new Packet(PacketOutcome.Closed, 0, 0);
            if ((message.Flags & (Libc.MessageTruncated | Libc.MessageControlTruncated)) == 0)
                return new Packet(PacketOutcome.Whole, (int)received, count);
            Close(descriptors[..count]);
            return new Packet(PacketOutcome.CutOff, 0, 0);
        }
    }

    /// <summary>Closes descriptors that nobody took.</summary>
    internal static void Close(ReadOnlySpan<int> descriptors)
    {
        foreach (int descriptor in descriptors)
        {
            if (descriptor >= 0)
                _ = Libc.close(descriptor);
        }
    }
}

/// <summary>How receiving went.</summary>
internal enum PacketOutcome
{
    /// <summary>A whole packet.</summary>
    Whole,

    /// <summary>None is there.</summary>
    Empty,

    /// <summary>None will come any more.</summary>
    Closed,

    /// <summary>A packet that is larger than any that this project sends.</summary>
    CutOff,
}

/// <summary>A packet received.</summary>
/// <param name="Outcome">How it went; the counts are 0 unless it is whole.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Descriptors">Descriptors, each the receiver's.</param>
internal readonly record struct Packet(PacketOutcome Outcome, int Length, int Descriptors);
