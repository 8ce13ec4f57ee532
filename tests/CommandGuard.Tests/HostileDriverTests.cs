using Bddf;
using Emulator.Tests;
using FsCheck;
using FsCheck.Fluent;
using static Emulator.Tests.TaskFileBlock;

namespace CommandGuard.Tests;

/// <summary>A driver that does anything at all to its ports and its memory changes no sector but those it was to write, and puts into those nothing
/// but what was to be written.</summary>
public sealed class HostileDriverTests
{
    private const int First = 100;
    private const int Count = 8;
    private const int Sectors = 300;

    private static readonly byte[] s_commands = [.. Enum.GetValues<AtaCommand>().Select(c => (byte)c)];

    /// <summary>One thing that the driver does.</summary>
    /// <param name="Kind">What.</param>
    /// <param name="Place">Where, as far as it matters.</param>
    /// <param name="Value">A value.</param>
    public sealed record Act(int Kind, int Place, uint Value);

    [Fact]
    public void No_sequence_of_accesses_writes_what_was_not_authorised()
    {
        var act = from kind in Gen.Choose(0, 13)
                  from place in Gen.Choose(0, 63)
                  from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Choose(First - 2, First + Count + 2), Gen.Choose(int.MinValue, int.MaxValue))
                  select new Act(kind, place, unchecked((uint)value));
        Prop.ForAll(act.ArrayOf(120).ToArbitrary(), Survives).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    private static void Survives(Act[] acts)
    {
        using var machine = new GuardedMachine(new MemoryMedium(Sectors)).WithTable();
        byte[] before = [.. machine.Medium.Bytes];
        new Random(2).NextBytes(machine.ClientMapping.Bytes);
        ulong tag = machine.Authorise(0, BlockOperation.Write, First, Count);
        foreach (var act in acts)
        {
            try
            {
                Perform(machine, act);
            }
            catch (L4.ServiceException)
            {
                // L4Io refuses what is not the function's at all.
            }
        }
        var written = machine.Medium.Bytes;
        written.AsSpan(0, First * 512).SequenceEqual(before.AsSpan(0, First * 512)).ShouldBeTrue("sectors before");
        written.AsSpan((First + Count) * 512).SequenceEqual(before.AsSpan((First + Count) * 512)).ShouldBeTrue("sectors behind");
        uint done = machine.Table.DoneOf(0, tag);
        for (int sector = 0; sector < Count; sector++)
        {
            var now = written.AsSpan((First + sector) * 512, 512);
            bool isNew = now.SequenceEqual(machine.ClientMapping.Bytes.Slice(sector * 512, 512));
            (isNew || (sector >= done && now.SequenceEqual(before.AsSpan((First + sector) * 512, 512)))).ShouldBeTrue($"sector {First + sector}, {done} done");
        }
    }

    /// <summary>Weighted towards what comes close to a command: whole addresses, plausible descriptors, starts.</summary>
    private static void Perform(GuardedMachine machine, Act act)
    {
        var guest = machine.Guest;
        ushort busMaster = (ushort)machine.BusMaster;
        switch (act.Kind)
        {
            case 0:
                guest.Command28(s_commands[act.Place % s_commands.Length], act.Value % (uint)Sectors, act.Place % 16, device: act.Place & 1);
                break;
            case 1:
                guest.Dma28((byte)AtaCommand.WriteDma, act.Value % Sectors, act.Place % 12, toMemory: false);
                break;
            case 2:
                machine.Guest.DescriptorTable((GuardedMachine.ClientBus + (uint)(act.Place % 4) * 512, act.Place % 9 * 512));
                break;
            case 3:
                guest.DescriptorTable((TestDmaMemory.Base + 0x2_0000, act.Place * 512), (GuardedMachine.ClientBus, 512));
                break;
            case 4:
                machine.Ports.WritePort((ushort)(0x1f0 + act.Place % 8), 1 << act.Place % 3, act.Value);
                break;
            case 5:
                machine.Ports.WritePort((ushort)(busMaster + act.Place % 8 / 4 * 4), act.Place % 8 < 4 ? 1 : 4, act.Value);
                break;
            case 12:
                // The address is changed under the command's feet.
                guest.Select(act.Place & 1, 0);
                guest.Write(3, (byte)(act.Value % 256));
                guest.StartBusMaster(toMemory: false);
                break;
            case 6:
                guest.StartBusMaster(toMemory: (act.Place & 1) != 0);
                break;
            case 13:
                _ = machine.Guest.ReadData(act.Place * 16, 2);
                break;
            case 7:
                _ = guest.Status;
                break;
            case 8:
                guest.Control(unchecked((byte)act.Value));
                break;
            case 9:
                guest.WriteData(new byte[act.Place * 16], width: 1 << act.Place % 3);
                break;
            case 10:
                guest.Command48(s_commands[act.Place % s_commands.Length], act.Value % (uint)Sectors, act.Place % 16);
                break;
            default:
                guest.Dma28((byte)AtaCommand.WriteDma, First, Count, toMemory: false);
                break;
        }
    }
}
