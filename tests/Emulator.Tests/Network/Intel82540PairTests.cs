using System.Buffers.Binary;
using System.Net.NetworkInformation;
using L4;
using L4Io;

namespace Emulator.Tests;

/// <summary>Two cards in two machines, a wire between them, a thread for each: no frame and no call gets lost.</summary>
public sealed class Intel82540PairTests
{
    [Theory]
    [InlineData(60, 0)]
    [InlineData(1514, 0)]
    [InlineData(1514, 9)]
    public void Two_cards_on_two_threads_exchange_all_frames_in_order(int length, int pause)
    {
        var wire = new Wire();
        using var left = new Side(wire.Left, 1, length, pause);
        using var right = new Side(wire.Right, 2, length, 0);
        var thread = new Thread(right.Run);
        thread.Start();
        left.Run();
        thread.Join();
        (left.Failure, right.Failure).ShouldBe((null, null));
        (left.Received, right.Received).ShouldBe((Side.Count, Side.Count));
    }

    /// <summary>A machine with a card and a driver that polls descriptors, and sleeps until its card asks for service.</summary>
    private sealed class Side : IServiceSink, IDisposable
    {
        public const int Count = 30_000;

        private const int Ring = Intel82540Guest.RingLength;

        private readonly EmulatedMachine _machine;
        private readonly TestDmaMemory _memory = new();
        private readonly AutoResetEvent _asked = new(false);
        private readonly int _length;
        private readonly int _pause;
        private int _sent;
        private int _cleaned;

        public Side(WireEnd wire, byte station, int length, int pause)
        {
            _length = length;
            _pause = pause;
            var clock = new VirtualClock();
            var description = new MachineDescription { Nics = [new NicDescription(NicModel.E1000, new PhysicalAddress([2, 0, 0, 0, 0, station]), wire)] };
            _machine = new EmulatedMachine(description, clock, new EventLog(() => 0));
            _machine.SetDmaMemory(NicMachine.Card, _memory);
            _machine.ConnectService(NicMachine.Card, this);
            _machine.WriteConfig(NicMachine.Card, 0x10, 4, NicMachine.MemoryBase);
            _machine.WriteConfig(NicMachine.Card, 0x04, 2, 0x6);
            Write(Intel82540Guest.Control, Intel82540Guest.LinkUp);
            Write(0x3800, Intel82540Guest.TransmitRing);
            Write(0x3808, Ring * 16);
            Write(Intel82540Guest.TransmitControl, 0xa);
            Write(0x2800, Intel82540Guest.ReceiveRing);
            Write(0x2808, Ring * 16);
            for (uint i = 0; i < Ring; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(_memory.At(Intel82540Guest.ReceiveRing + 16 * i, 8), Intel82540Guest.ReceiveBuffers + i * Intel82540Guest.BufferSize);
            // Everything is received: the addresses do not matter here.
            Write(Intel82540Guest.ReceiveControl, 0x801a);
            Write(Intel82540Guest.ReceiveTail, Ring - 1);
        }

        public int Received { get; private set; }

        public string? Failure { get; private set; }

        public void Request() => _asked.Set();

        public void Run()
        {
            // Neither sends before the other listens, or frames would be lost.
            while (Failure is null && (Received < Count || _cleaned < Count))
            {
                bool any = Receive() | Send();
                if (any)
                    continue;
                if (!_asked.WaitOne(TimeSpan.FromSeconds(20)))
                    Failure = $"nobody called: {_sent} sent, {_cleaned} completed, {Received} received";
                _machine.Service(NicMachine.Card);
            }
        }

        public void Dispose()
        {
            _machine.Dispose();
            _asked.Dispose();
        }

        private bool Receive()
        {
            int before = Received;
            while (Failure is null)
            {
                uint index = (uint)(Received % Ring);
                Span<byte> report = _memory.At(Intel82540Guest.ReceiveRing + 16 * index + 8, 8);
                if ((report[4] & 1) == 0)
                    break;
                int number = BinaryPrimitives.ReadInt32LittleEndian(_memory.At(Intel82540Guest.ReceiveBuffers + index * Intel82540Guest.BufferSize + 20, 4));
                if (number != Received || BinaryPrimitives.ReadUInt16LittleEndian(report) != _length + 4)
                    Failure = $"frame {number} of {BinaryPrimitives.ReadUInt16LittleEndian(report)} bytes came in the place of {Received}";
                report.Clear();
                Received++;
                // A driver that gives buffers back late makes the other side's wire full.
                if (_pause == 0 || Received % _pause == 0)
                    Write(Intel82540Guest.ReceiveTail, (uint)((Received + Ring - 1) % Ring));
            }
            return Received != before;
        }

        private bool Send()
        {
            bool any = false;
            while (_cleaned < _sent && (Status((uint)(_cleaned % Ring)) & 1) != 0)
            {
                Status((uint)(_cleaned++ % Ring)) = 0;
                any = true;
            }
            if (_sent == Count || _sent - _cleaned == Ring - 1)
                return any;
            uint index = (uint)(_sent % Ring);
            uint buffer = Intel82540Guest.Buffers + index * 0x800;
            BinaryPrimitives.WriteInt32LittleEndian(_memory.At(buffer + 20, 4), _sent);
            Span<byte> descriptor = _memory.At(Intel82540Guest.TransmitRing + 16 * index, 16);
            BinaryPrimitives.WriteUInt64LittleEndian(descriptor, buffer);
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], Intel82540Guest.Whole | (uint)_length);
            _sent++;
            Write(Intel82540Guest.TransmitTail, (uint)(_sent % Ring));
            return true;
        }

        private ref byte Status(uint index) => ref _memory.At(Intel82540Guest.TransmitRing + 16 * index + 12, 1)[0];

        private void Write(uint register, uint value) => _machine.WriteMemory(NicMachine.MemoryBase + register, 4, value);
    }
}
