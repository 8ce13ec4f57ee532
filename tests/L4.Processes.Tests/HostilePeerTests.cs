using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using L4.Native;

namespace L4.Processes.Tests;

/// <summary>What a process can do that was given something and does not keep to the rules: harm itself.</summary>
public sealed class HostilePeerTests : IDisposable
{
    private readonly L4System _system = new(new RealClock(), Isolation.Process);
    private readonly L4Task _server;
    private readonly Companion _service;
    private readonly Capability _gate;
    private readonly Capability _portal;
    private readonly IDisposable _attached;
    private readonly CompanionProxy _honest;

    public HostilePeerTests()
    {
        _server = _system.CreateTask("server");
        _service = new Companion(_server);
        _gate = _server.CreateGate(new CompanionDispatcher(_service));
        _portal = _server.CreatePortal(_service);
        _attached = _system.Root.Enter();
        _honest = new CompanionProxy(_system.Root, _server.GiveTo(_system.Root, _gate));
    }

    public void Dispose()
    {
        _attached.Dispose();
        _system.Dispose();
    }

    [Fact]
    public void Any_head_of_a_call_is_answered_or_ends_the_channel_and_others_are_served() =>
        ForAll(60, random =>
        {
            var (index, operation, length, capabilities, isWild) = (Any(random), unchecked((uint)Any(random)), Any(random), Any(random), random.Next(2) == 0);
            using var holder = new RawHolder(_server, _gate, CallLayout.Size);
            holder.Attach(ChannelKind.Calls, 0);
            random.NextBytes(holder.Memory.Bytes(CallLayout.RequestBody, 4096));
            holder.Call(1, isWild
                ? new CallLayout.CallHead { Index = index, Operation = operation % 2 == 0 ? 1 : operation | 0x8000_0000, Length = length, Capabilities = capabilities }
                // Near the truth: most of it gets through to the dispatcher, which meets random bytes.
                : new CallLayout.CallHead { Index = 0, Operation = operation % 9, Length = random.Next(4096), Capabilities = 0 });
            bool mustEnd = isWild && (length is < 0 or > Message.Size || capabilities is < 0 or > Message.CapabilityLimit);
            holder.WasAnswered(0).ShouldBe(!mustEnd);
            _honest.Add(1, 2).ShouldBe(3);
            _server.IsDead.ShouldBeFalse();
        });

    [Fact]
    public void A_call_out_of_turn_ends_the_channel()
    {
        using var holder = new RawHolder(_server, _gate, CallLayout.Size);
        holder.Attach(ChannelKind.Calls, 0);
        holder.Call(77, new CallLayout.CallHead { Operation = 1, Length = 8 });
        holder.WasAnswered(0).ShouldBeFalse();
        _system.Events.Count("server", "peer-cut-off").ShouldBe(1);
        _honest.Add(1, 2).ShouldBe(3);
    }

    [Fact]
    public void Capabilities_that_are_not_what_they_say_fail_that_call_and_leave_nothing_behind() =>
        ForAll(60, random =>
        {
            var (kind, rights, sendsMemory) = ((byte)random.Next(8), (byte)random.Next(256), random.Next(2) == 0);
            using var holder = new RawHolder(_server, _gate, CallLayout.Size);
            holder.Attach(ChannelKind.Calls, 0);
            int before = _server.CapabilityCount;
            byte[] packet = new byte[8 + Marshal.SizeOf<CapabilityRecord>()];
            random.NextBytes(packet);
            BitConverter.TryWriteBytes(packet, 1);
            BitConverter.TryWriteBytes(packet.AsSpan(4), 1);
            packet[8] = kind;
            packet[9] = rights;
            var (one, other) = Libc.CreateSocketPair();
            // Memory that is not sealed could be cut off under whoever maps it.
            int memory = memfd_create("unsealed", 1);
            ftruncate(memory, 4096).ShouldBe(0);
            PacketSocket.TrySend(holder.Socket, packet, sendsMemory ? [memory, memory] : [one], wait: true).ShouldBeTrue();
            PacketSocket.Close([one, other, memory]);
            holder.Call(1, new CallLayout.CallHead { Operation = 5, Length = 0, Capabilities = 1 });
            holder.WasAnswered(0).ShouldBeTrue();
            bool isSocket = !sendsMemory && kind is (byte)CapabilityKind.Gate or (byte)CapabilityKind.Portal;
            if (!isSocket)
            {
                holder.Memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead).Error.ShouldNotBe(0);
                _server.CapabilityCount.ShouldBe(before);
            }
            _honest.Add(1, 2).ShouldBe(3);
        });

    [Fact]
    public void A_message_that_announces_capabilities_that_never_came_fails()
    {
        using var holder = new RawHolder(_server, _gate, CallLayout.Size);
        holder.Attach(ChannelKind.Calls, 0);
        holder.Call(1, new CallLayout.CallHead { Operation = 5, Length = 0, Capabilities = 3 });
        holder.WasAnswered(0).ShouldBeTrue();
        holder.Memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead).Error.ShouldBe((int)ServiceError.BadArgument);
    }

    [Fact]
    public void Any_packet_at_a_gate_is_refused_and_others_are_served() =>
        ForAll(60, random =>
        {
            var (index, kind, sendsSocket) = (Any(random), random.Next(4), random.Next(2) == 0);
            byte[] packet = new byte[random.Next(40)];
            random.NextBytes(packet);
            using var holder = new RawHolder(_server, _gate, CallLayout.Size);
            var (one, other) = Libc.CreateSocketPair();
            int memory = memfd_create("short", 3);
            int[] descriptors = sendsSocket ? [one, other] : [memory, one];
            holder.Send(new AttachRequest { Kind = (ChannelKind)kind, Index = index }, descriptors);
            holder.Send(packet, descriptors.AsSpan(0, packet.Length == 0 ? 0 : 1));
            PacketSocket.Close([one, other, memory]);
            _honest.Add(1, 2).ShouldBe(3);
            using var another = new RawHolder(_server, _gate, CallLayout.Size);
            another.Attach(ChannelKind.Calls, 0);
            another.Call(1, new CallLayout.CallHead { Operation = 1, Length = 8 });
            another.WasAnswered(0).ShouldBeTrue();
        });

    [Fact]
    public void Any_words_and_any_count_of_them_harm_only_their_channel() =>
        ForAll(60, random =>
        {
            var (tail, word, index, wantsAnswer) = (random.Next(3) == 0 ? Any(random) : random.Next(1, 100), (ulong)random.NextInt64(), random.Next(2) == 0 ? 3 : Any(random), Any(random));
            using var holder = new RawHolder(_server, _portal, WordLayout.Size);
            holder.Attach(ChannelKind.Words, 3);
            holder.Memory.Value<WordLayout.Entry>(WordLayout.EntryAt(0)) = new WordLayout.Entry { Word = word, Index = index, WantsAnswer = 1 };
            for (int entry = 1; entry < 100; entry++)
                holder.Memory.Value<WordLayout.Entry>(WordLayout.EntryAt(entry)) = new WordLayout.Entry { Word = word, Index = unchecked(index + entry), WantsAnswer = wantsAnswer };
            holder.Memory.Publish(WordLayout.Tail, tail, ChannelLayout.ServerAsleep);
            if (tail is > 0 and <= WordLayout.Entries)
            {
                holder.Memory.AwaitChange(WordLayout.Answered, 0, ChannelLayout.ClientAsleep).ShouldBeTrue();
                holder.Memory.Value<WordLayout.Answer>(WordLayout.AnswerHead).Error.ShouldBeOneOf((int)ServiceError.None, (int)ServiceError.BadCapability, (int)ServiceError.AccessDenied);
            }
            _honest.Add(1, 2).ShouldBe(3);
            _server.IsDead.ShouldBeFalse();
        });

    [Fact]
    public void A_server_that_lies_in_its_answers_is_an_error_for_its_callers() =>
        ForAll(40, random =>
        {
            var (error, length, capabilities, number) = (Any(random), Any(random), Any(random), Any(random));
            using var server = new RawServer(_system.Root);
            var answering = _system.CreateTask("liar").StartThread("liar", () => server.AnswerOnce(
                random.Next(3) != 0 ? 1 : number, new CallLayout.AnswerHead { Error = error, Length = length, Capabilities = capabilities }));
            try
            {
                new CompanionProxy(_system.Root, server.Gate).Add(1, 2);
            }
            catch (ServiceException exception)
            {
                exception.Error.ShouldNotBe(ServiceError.None);
            }
            answering.Join();
            _honest.Add(1, 2).ShouldBe(3);
        });

    /// <summary>A number at an edge, near one, or anywhere.</summary>
    private static int Any(Random random) => random.Next(5) switch
    {
        0 => random.Next(-2, 3),
        1 => random.Next(200),
        2 => Message.Size + random.Next(-2, 3),
        3 => int.MaxValue - random.Next(2),
        _ => unchecked((int)random.NextInt64()),
    };

    private static void ForAll(int count, Action<Random> body) =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => body(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(count));

    [DllImport("libc")]
    private static extern int memfd_create([MarshalAs(UnmanagedType.LPStr)] string name, uint flags);

    [DllImport("libc")]
    private static extern int ftruncate(int descriptor, long length);

    /// <summary>Somebody who gave away a gate and answers whatever comes to mind.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly L4Task _client;
        private readonly int _ours;

        internal RawServer(L4Task client)
        {
            _client = client;
            (_ours, int theirs) = Libc.CreateSocketPair();
            var record = CapabilityRecord.Named(CapabilityKind.Gate, "liar");
            record.Rights = 3;
            // Not the number of a task that serves in this process.
            record.Task = -1;
            Gate = CapabilityImport.Insert(client.System.Interconnect!, record, new[] { theirs }, client.Capabilities);
        }

        internal Capability Gate { get; }

        internal void AnswerOnce(int number, CallLayout.AnswerHead head)
        {
            byte[] packet = new byte[64];
            int[] descriptors = new int[PacketSocket.DescriptorLimit];
            Packet received;
            while ((received = PacketSocket.Receive(_ours, packet, descriptors)).Outcome == PacketOutcome.Empty)
                Thread.Yield();
            received.Descriptors.ShouldBe(2);
            using (var memory = SharedMemory.Map(_client.System.Clock, descriptors[0], CallLayout.Size))
            {
                memory.Word(ChannelLayout.AttachedWell) = 1;
                memory.Publish(ChannelLayout.Attached, 1, ChannelLayout.ClientAsleep);
                memory.AwaitChange(CallLayout.Request, 0, ChannelLayout.ServerAsleep);
                memory.Value<CallLayout.AnswerHead>(CallLayout.ReplyHead) = head;
                memory.Publish(CallLayout.Reply, number, ChannelLayout.ClientAsleep);
            }
            PacketSocket.Close(descriptors.AsSpan(0, 2));
            // Who was not answered is told so now.
            PacketSocket.Close([_ours]);
        }

        public void Dispose() => _client.Release(Gate);
    }
}
