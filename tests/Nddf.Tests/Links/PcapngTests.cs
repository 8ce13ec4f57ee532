using System.Diagnostics;
using L4;
using Nddf.Links;

namespace Nddf.Tests.Links;

public sealed class PcapngTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly VirtualClock _clock = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void File_says_when_which_way_and_what()
    {
        byte[][] frames = [Frame(14), Frame(60), Frame(61), Frame(62), Frame(63), Frame(1514), Frame(2048)];
        using (var writer = Open(epoch: 5_000_000_000_000_000_000))
        {
            for (int i = 0; i < frames.Length; i++)
            {
                _clock.Delay(1001);
                writer.Write(frames[i], i % 2 == 0 ? CaptureDirection.Inbound : CaptureDirection.Outbound);
            }
            writer.Frames.ShouldBe(frames.Length);
        }

        var (name, resolution, packets) = PcapngFile.Read(File.ReadAllBytes(_path));

        name.ShouldBe("nic0 λ");
        resolution.ShouldBe((byte)9);
        packets.Select(p => p.Frame).ShouldBe(frames);
        packets.Select(p => p.Time).ShouldBe(Enumerable.Range(1, frames.Length).Select(i => 5_000_000_000_000_000_000UL + (ulong)i * 1001));
        packets.Select(p => p.Flags).ShouldBe(Enumerable.Range(0, frames.Length).Select(i => i % 2 == 0 ? 1u : 2u));
        packets.ShouldAllBe(p => p.OriginalLength == p.Frame.Length);
    }

    [Fact]
    public void Frame_longer_than_a_slot_is_cut_and_its_length_kept()
    {
        using (var writer = Open(epoch: 0))
            writer.Write(Frame(3000), CaptureDirection.Inbound);

        var packet = PcapngFile.Read(File.ReadAllBytes(_path)).Packets.ShouldHaveSingleItem();

        packet.Frame.ShouldBe(Frame(3000)[..FrameRing.SlotBytes]);
        packet.OriginalLength.ShouldBe(3000u);
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        using var writer = new PcapngWriter(Stream.Null, "nic0", _clock, 0);
        byte[] frame = Frame(1000);
        Allocations.ShouldSettleAtNone(() =>
        {
            for (int i = 0; i < 1000; i++)
                writer.Write(frame, CaptureDirection.Inbound);
        });
    }

    [ToolFact("tshark")]
    public void Wireshark_reads_it()
    {
        using (var writer = Open(epoch: 1_700_000_000_123_456_789))
        {
            writer.Write(LearningSwitchTests.Frame(HardwareAddress.Broadcast, new HardwareAddress(0x0200_0000_0007), 77), CaptureDirection.Outbound);
            writer.Write(LearningSwitchTests.Frame(new HardwareAddress(0x0200_0000_0007), new HardwareAddress(0x0200_0000_0008), 60), CaptureDirection.Inbound);
        }

        using var process = Process.Start(new ProcessStartInfo("tshark",
            ["-r", _path, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "eth.dst", "-e", "frame.packet_flags_direction", "-e", "frame.interface_name"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.ShouldBe(0);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ShouldBe(
        [
            ["1700000000.123456789", "77", "ff:ff:ff:ff:ff:ff", "0x00000002", "nic0 λ"],
            ["1700000000.123456789", "60", "02:00:00:00:00:07", "0x00000001", "nic0 λ"],
        ]);
    }

    private PcapngWriter Open(long epoch) => new(File.Create(_path), "nic0 λ", _clock, epoch);

    private static byte[] Frame(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 7 + length) % 251))];
}
