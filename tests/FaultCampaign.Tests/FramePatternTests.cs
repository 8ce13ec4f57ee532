namespace FaultCampaign.Tests;

public sealed class FramePatternTests
{
    private static readonly byte[] s_address = [0x52, 0x54, 0, 0xdd, 0xe0, 1];

    [Fact]
    public void A_frame_is_known_by_its_number()
    {
        for (ulong number = 1; number < 500; number++)
        {
            byte[] frame = Frame(number);
            frame.Length.ShouldBeInRange(60, 1514);
            FramePattern.TryIdentify(frame, s_address, out ulong found).ShouldBeTrue();
            found.ShouldBe(number);
        }
    }

    [Fact]
    public void A_wrong_byte_anywhere_is_seen()
    {
        byte[] frame = Frame(17);
        for (int offset = 0; offset < frame.Length; offset++)
        {
            frame[offset] ^= 1;
            FramePattern.TryIdentify(frame, s_address, out _).ShouldBeFalse($"byte {offset}");
            frame[offset] ^= 1;
        }
    }

    [Fact]
    public void A_frame_that_was_cut_is_seen() => FramePattern.TryIdentify(Frame(17).AsSpan(0, 59), s_address, out _).ShouldBeFalse();

    private static byte[] Frame(ulong number)
    {
        byte[] frame = new byte[1514];
        return frame[..FramePattern.Fill(frame, s_address, number)];
    }
}
