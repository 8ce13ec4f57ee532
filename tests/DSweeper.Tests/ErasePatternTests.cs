using System.Security.Cryptography;
using DSweeper.Core;

namespace DSweeper.Tests;

public class ErasePatternTests
{
    private static readonly byte[] _key = [.. Enumerable.Range(0, RandomPattern.KeySize).Select(i => (byte)i)];

    [Fact]
    public void Random_stream_is_aes_256_of_stream_number_and_block_index()
    {
        using var pattern = new RandomPattern(_key, 7);
        byte[] data = new byte[32];
        pattern.Fill(512, data);

        using var aes = Aes.Create();
        aes.Key = _key;
        byte[] counters = [7, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0];
        data.ShouldBe(aes.EncryptEcb(counters, PaddingMode.None));
    }

    [Theory]
    [InlineData(0, 1024)]
    [InlineData(512, 512)]
    [InlineData(1 << 20, 40_960)]
    [InlineData(8192 - 512, 1024)]
    [InlineData((1L << 44) + 4096, 20_480)]
    public void Any_position_of_the_random_stream_is_made_without_those_before_it(long position, int length)
    {
        using var whole = new RandomPattern(_key, 1);
        using var piecewise = new RandomPattern(_key, 1);
        byte[] expected = new byte[length];
        whole.Fill((ulong)position, expected);

        byte[] data = new byte[length];
        for (int at = length - 512; at >= 0; at -= 512)
            piecewise.Fill((ulong)(position + at), data.AsSpan(at, 512));

        data.ShouldBe(expected);
        whole.FirstDifference((ulong)position, data).ShouldBe(-1);
    }

    [Fact]
    public void Random_stream_differs_from_target_to_target_and_from_key_to_key()
    {
        byte[] one = new byte[512];
        byte[] other = new byte[512];
        byte[] otherKey = new byte[512];
        using (var pattern = new RandomPattern(_key, 0))
            pattern.Fill(0, one);
        using (var pattern = new RandomPattern(_key, 1))
            pattern.Fill(0, other);
        using (var pattern = new RandomPattern(new byte[RandomPattern.KeySize], 0))
            pattern.Fill(0, otherKey);
        one.ShouldNotBe(other);
        one.ShouldNotBe(otherKey);
    }

    [Theory]
    [InlineData(EraseMethod.Zero, 0)]
    [InlineData(EraseMethod.Zero, 1_048_575)]
    [InlineData(EraseMethod.Random, 0)]
    [InlineData(EraseMethod.Random, 8192)]
    [InlineData(EraseMethod.Random, 1_048_575)]
    public void One_wrong_byte_is_found_where_it_is(EraseMethod method, int at)
    {
        using var pattern = ErasePattern.Create(method, _key, 3);
        byte[] data = new byte[1 << 20];
        pattern.Fill(4096, data);
        pattern.FirstDifference(4096, data).ShouldBe(-1);
        data[at] ^= 0x10;
        pattern.FirstDifference(4096, data).ShouldBe(at);
    }

    [Fact]
    public void Sectors_of_another_place_do_not_pass_as_random_data()
    {
        using var pattern = new RandomPattern(_key, 0);
        byte[] data = new byte[512];
        pattern.Fill(0, data);
        pattern.FirstDifference(512, data).ShouldNotBe(-1);
    }

    [Fact]
    public void Filling_allocates_nothing()
    {
        using var pattern = new RandomPattern(_key, 0);
        byte[] data = new byte[65_536];
        int difference = 0;
        Allocations.ShouldSettleAtNone(() =>
        {
            pattern.Fill(65_536, data);
            difference = pattern.FirstDifference(65_536, data);
        });
        difference.ShouldBe(-1);
    }

    [Fact]
    public void Positions_between_blocks_are_refused()
    {
        using var pattern = new RandomPattern(_key, 0);
        Should.Throw<ArgumentException>(() => pattern.Fill(8, new byte[16]));
        Should.Throw<ArgumentException>(() => pattern.Fill(0, new byte[15]));
        Should.Throw<ArgumentException>(() => new RandomPattern(new byte[16], 0));
    }
}
