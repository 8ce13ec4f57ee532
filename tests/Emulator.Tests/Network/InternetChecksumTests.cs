using FsCheck;
using FsCheck.Fluent;

namespace Emulator.Tests;

public sealed class InternetChecksumTests
{
    [Fact]
    public void The_sum_is_that_of_words_one_by_one_wherever_it_is_cut()
    {
        var data = from length in Gen.Choose(0, 300) from seed in Gen.Choose(0, 1000) from cut in Gen.Choose(0, length) select (length, seed, cut);
        Prop.ForAll(data.ToArbitrary(), input =>
        {
            byte[] bytes = new byte[input.length];
            new Random(input.seed).NextBytes(bytes);
            uint expected = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                expected += (i & 1) == 0 ? bytes[i] : (uint)bytes[i] << 8;
                expected = (expected & 0xffff) + (expected >> 16);
            }
            InternetChecksum.Fold(InternetChecksum.Sum(bytes)).ShouldBe((ushort)expected);
            ulong rest = InternetChecksum.Sum(bytes.AsSpan(input.cut));
            ulong parts = InternetChecksum.Sum(bytes.AsSpan(0, input.cut)) + ((input.cut & 1) == 0 ? rest : InternetChecksum.AtOddOffset(rest));
            InternetChecksum.Fold(parts).ShouldBe((ushort)expected);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Ones_in_every_bit_do_not_overflow()
    {
        byte[] bytes = new byte[65536];
        bytes.AsSpan().Fill(0xff);
        InternetChecksum.Fold(InternetChecksum.Sum(bytes)).ShouldBe((ushort)0xffff);
        InternetChecksum.Complement(ulong.MaxValue).ShouldBe((ushort)0);
    }
}
