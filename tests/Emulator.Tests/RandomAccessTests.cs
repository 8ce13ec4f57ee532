using FsCheck;
using FsCheck.Fluent;
using L4;

namespace Emulator.Tests;

public sealed class RandomAccessTests
{
    private enum Act
    {
        ReadPort,
        WritePort,
        ReadBlock,
        WriteBlock,
        WriteConfig,
        ReadConfig,
        Descriptor,
        Command,
    }

    private static readonly ushort[] _ports =
    [
        .. Enumerable.Range(0x1f0, 8).Select(p => (ushort)p), 0x3f6,
        .. Enumerable.Range(0x170, 8).Select(p => (ushort)p), 0x376,
        .. Enumerable.Range((int)TestMachine.BusMasterBase, 16).Select(p => (ushort)p),
        0xcf8, 0xcfc, 0xcfd, 0xcff, 0x80,
    ];

    private static readonly byte[] _commands =
    [
        0x00, 0x10, 0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x90, 0x91,
        0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe7, 0xea, 0xec, 0xef, 0xff,
    ];

    private static Gen<(Act Act, int Where, int Width, int Value)[]> Accesses =>
        Gen.ArrayOf(from act in Gen.Choose(0, 7)
                    from place in Gen.Choose(0, 1023)
                    from width in Gen.Elements(1, 1, 1, 2, 4)
                    from value in Gen.Frequency((2, Gen.Choose(0, 255)), (1, Gen.Choose(int.MinValue, int.MaxValue)))
                    select ((Act)act, place, width, value), 200);

    [Fact]
    public void Random_accesses_never_throw_and_never_write_a_read_only_medium()
    {
        Prop.ForAll(Accesses.ToArbitrary(), accesses =>
        {
            var readOnly = new MemoryMedium(64, readOnly: true);
            byte[] before = [.. readOnly.Bytes];
            var writable = new FailingMedium(new MemoryMedium(64, seed: 2), new Extent(512, 512), new Extent(2048, 512));
            using var test = TestMachine.With(readOnly, writable);
            foreach (var (act, place, width, value) in accesses)
                Do(test, act, place, width, value);
            readOnly.Bytes.ShouldBe(before);
            readOnly.Writes.ShouldBe(0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Fact]
    public void After_any_accesses_a_reset_makes_the_disk_work()
    {
        Prop.ForAll(Accesses.ToArbitrary(), accesses =>
        {
            var medium = new MemoryMedium(64, readOnly: true);
            using var test = TestMachine.With(medium);
            foreach (var (act, place, width, value) in accesses)
                Do(test, act, place, width, value);
            test.Machine.WriteConfig(TestMachine.Ide, 0x04, 2, 0x0);
            test.Machine.WriteConfig(TestMachine.Ide, 0x20, 4, TestMachine.BusMasterBase);
            test.Machine.WriteConfig(TestMachine.Ide, 0x40, 4, 0x8000_8000);
            test.Machine.WriteConfig(TestMachine.Ide, 0x04, 2, 0x5);
            test.Primary.StopBusMaster(toMemory: true);
            test.Primary.SoftwareReset();
            test.Primary.ClearBusMasterStatus();
            test.Primary.DescriptorTable((IdeGuest.Buffer, 1024));
            test.Primary.Dma28(0xc8, 9, 2, toMemory: true);
            test.Primary.ShouldEndDma(toMemory: true);
            test.Memory.At(IdeGuest.Buffer, 1024).ToArray().ShouldBe(medium.Sectors(9, 2).ToArray());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static void Do(TestMachine test, Act act, int place, int width, int value)
    {
        EmulatedMachine machine = test.Machine;
        ushort port = _ports[place % _ports.Length];
        uint bits = unchecked((uint)value);
        switch (act)
        {
            case Act.ReadPort:
                machine.ReadPort(port, width);
                break;
            case Act.WritePort:
                machine.WritePort(port, width, bits);
                break;
            case Act.ReadBlock:
                machine.ReadPortBlock(port, width, new byte[place]);
                break;
            case Act.WriteBlock:
                machine.WritePortBlock(port, width, new byte[place]);
                break;
            case Act.WriteConfig:
                machine.WriteConfig(place % 2 == 0 ? TestMachine.Ide : TestMachine.IsaBridge, place % 80, width, bits);
                break;
            case Act.ReadConfig:
                machine.ReadConfig(TestMachine.Ide, place - 300, width);
                break;
            case Act.Descriptor:
                uint address = place % 4 == 0 ? bits : IdeGuest.Buffer + (uint)place * 16;
                test.Primary.Descriptor(place % 8, address, value & 0x3ff, last: place % 3 == 0);
                machine.WritePort((ushort)(TestMachine.BusMasterBase + 4), 4, IdeGuest.Table);
                break;
            default:
                test.Primary.Command28(_commands[place % _commands.Length], bits & 0x3f, 1 + (place & 3), device: place / 256 & 1);
                break;
        }
    }
}
