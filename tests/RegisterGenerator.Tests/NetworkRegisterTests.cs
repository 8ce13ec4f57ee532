using Registers;

namespace RegisterGenerator.Tests;

/// <summary>Arrays, counters, widths of access and registers written by hand, in a class that the compiler's own run of the generator made.</summary>
public sealed class NetworkRegisterTests
{
    [Fact]
    public void Elements_of_an_array_have_indexes()
    {
        var card = new Network();
        card.Write(0x18, 4, 0xdead_beef);
        card.MulticastAddress(2).ShouldBe(0xdead_beef);
        card.Multicast2Address.ShouldBe(0xdead_beef);
        card.SetMulticastAddress(7, 5);
        card.Read(0x2c, 4).ShouldBe(5u);
        Should.Throw<IndexOutOfRangeException>(() => card.MulticastAddress(8));
        card.Reset();
        card.MulticastAddress(2).ShouldBe(0u);
        card.QueueHeadHead(1).ShouldBe(7u);
        card.Effects.ShouldBeEmpty();
    }

    [Fact]
    public void Effect_of_an_array_gets_the_index()
    {
        var card = new Network();
        card.Write(0x48, 4, 9);
        card.Write(0x40, 4, 0x1_0002);
        card.Write(0x4c, 4, 0x8000_0000);
        card.Effects.ShouldBe(["tail of 1: 9", "reserved 40: 10000", "tail of 0: 2", "reserved 4c: 80000000"]);
    }

    [Fact]
    public void Counter_stops_at_its_bound_and_a_read_clears_it()
    {
        var card = new Network();
        card.IncrementReceivedFrames();
        card.IncrementReceivedFrames(2);
        card.Read(0x80, 4).ShouldBe(3u);
        card.Read(0x80, 4).ShouldBe(0u);
        card.ReceivedFrames = uint.MaxValue - 1;
        card.IncrementReceivedFrames(5);
        card.Read(0x80, 4).ShouldBe(uint.MaxValue);
    }

    [Fact]
    public void Counter_has_its_own_steps_and_bounds()
    {
        var card = new Network();
        foreach (uint expected in (uint[])[3, 6, 9, 12, 12])
        {
            card.IncrementCountsBounded();
            card.CountsBounded.ShouldBe(expected);
        }
        card.CountsBounded = 5;
        foreach (uint expected in (uint[])[3, 1, 0, 0])
        {
            card.DecrementCountsBounded();
            card.CountsBounded.ShouldBe(expected);
        }
        card.CountsBounded = 200;
        card.IncrementCountsBounded();
        card.CountsBounded.ShouldBe(200u);
        card.IncrementCountsWrapping(15);
        card.IncrementCountsWrapping(2);
        card.Read(0x85, 1).ShouldBe(1u);
    }

    [Fact]
    public void Access_that_is_narrower_than_the_register_allows_or_not_aligned_is_none_of_it()
    {
        var card = new Network();
        card.Read(0x80, 1).ShouldBe(0u);
        card.Read(0x80, 2).ShouldBe(0u);
        card.Write(0x12, 2, 1);
        card.Write(0x11, 4, 1);
        card.Read(0x80, 3).ShouldBe(0u);
        card.Read(-4, 4).ShouldBe(0u);
        card.Effects.ShouldBe([
            "no register 80 of 1", "no register 80 of 2", "no register 12 of 2: 1", "no register 11 of 4: 1", "no register 80 of 3",
            "no register -4 of 4"]);
    }

    [Fact]
    public void External_register_is_what_the_model_says()
    {
        var card = new Network { Word = 0xabcd };
        card.Read(0x89, 1).ShouldBe(0xabu);
        card.Write(0x88, 4, 0x7_1234);
        card.Word.ShouldBe(0x1234u);
        card.Effects.ShouldBe(["reserved 88: 70000"]);
    }

    [Fact]
    public void User_effects_leave_the_storage_to_the_model()
    {
        var card = new Network();
        card.Write(0x8c, 4, 0x55);
        card.ByHandValue.ShouldBe(1u);
        card.Read(0x8c, 4).ShouldBe(1u);
        card.Effects.ShouldBe(["by hand 1 <- 55", "by hand read"]);
    }
}

[RegisterFile("network.rdl", "")]
internal sealed partial class Network
{
    /// <summary>Every effect that was called.</summary>
    public List<string> Effects { get; } = [];

    public uint Word { get; set; }

    private partial void OnQueueTailWritten(int index, uint old, uint written, uint accessed) => Effects.Add($"tail of {index}: {written & 0xffff:x}");

    private partial void OnByHandWritten(uint old, uint written, uint accessed) => Effects.Add($"by hand {old} <- {written:x}");

    private partial void OnByHandRead(uint accessed) => Effects.Add("by hand read");

    private partial uint LoadData(uint accessed) => Word & accessed;

    private partial void StoreData(uint value, uint accessed) => Word = Word & ~accessed | value & 0xffff;

    private partial void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {(offset < 0 ? $"{offset}" : $"{offset:x}")} of {width}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset:x} of {width}: {value:x}");

    private partial void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset:x}: {bits:x}");
}
