using System.Text;

namespace DdeLinux.Packs.Tests;

public sealed class CompressionTests
{
    // The same 360 bytes, packed by xz 5.4 and zstd 1.5.
    private const string Xz = "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AFnADVdACoaCKIDJWbxS3jFogX/LubZ0iAarTT44h3oQTb63AZpuzzkEDQnCeuzZuPtN5jtkl8+YAAAAAAAACsoNWQ5RknLAAFR6AIAAAAaSyq2scRn+wIAAAAABFla";
    private const string Zstandard = "KLUv/WRoALUBANQCVGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4gAQDFgaoqA+QhseY=";

    private static readonly string Plain = string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 8));

    [Theory]
    [InlineData(Xz)]
    [InlineData(Zstandard)]
    public void Packed_bytes_unpack_to_the_original(string packed) =>
        Encoding.ASCII.GetString(Decompressor.Unpack(Convert.FromBase64String(packed))).ShouldBe(Plain);

    [Fact]
    public void Gzip_unpacks_and_plain_bytes_stay()
    {
        Decompressor.Unpack(KernelBuilder.Gzip([1, 2, 3])).ShouldBe([1, 2, 3]);
        Decompressor.Unpack([4, 5, 6]).ShouldBe([4, 5, 6]);
        Decompressor.Unpack([]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Xz)]
    [InlineData(Zstandard)]
    public void Every_truncation_is_noticed(string packed)
    {
        var whole = Convert.FromBase64String(packed);
        for (var length = 6; length < whole.Length; length++)
            Should.Throw<EndOfStreamException>(() => Decompressor.Unpack(whole[..length]), $"{length} bytes");
    }

    [Theory]
    [InlineData(Xz, "XZ data is damaged at byte")]
    [InlineData(Zstandard, "Zstandard data is damaged")]
    public void Damage_is_named(string packed, string message)
    {
        var damaged = Convert.FromBase64String(packed);
        damaged[8] ^= 0xFF;
        Should.Throw<InvalidDataException>(() => Decompressor.Unpack(damaged)).Message.ShouldContain(message);
    }
}
