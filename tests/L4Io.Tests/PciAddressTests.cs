namespace L4Io.Tests;

public sealed class PciAddressTests
{
    [Theory]
    [InlineData("00:01.1", true)]
    [InlineData("ff:1f.7", true)]
    [InlineData("00:20.0", false)]
    [InlineData("00:01.8", false)]
    [InlineData("00:01", false)]
    [InlineData("0:01.1.", false)]
    [InlineData("zz:01.1", false)]
    public void An_address_is_read_as_it_is_written(string text, bool valid)
    {
        PciAddress.TryParse(text, out var address).ShouldBe(valid);
        if (valid)
            address.ToString().ShouldBe(text);
    }
}
