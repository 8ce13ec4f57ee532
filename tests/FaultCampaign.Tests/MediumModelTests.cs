namespace FaultCampaign.Tests;

/// <summary>A campaign is worth what its checker finds: each kind of harm is planted here and must be told.</summary>
public sealed class MediumModelTests
{
    private readonly MediumModel _model = new(8);
    private readonly byte[] _sector = new byte[SectorPattern.Bytes];

    [Fact]
    public void What_was_acknowledged_is_found_to_be_right()
    {
        Write(3, 1);
        Check(3, 1).ShouldBeNull();
        (_model.LostWrites, _model.CorruptBytes).ShouldBe((0, 0));
    }

    [Fact]
    public void A_write_that_was_acknowledged_and_is_not_there_is_lost()
    {
        Write(3, 1);
        Write(3, 2);
        Check(3, 1)!.ShouldContain("sector 3 holds write 1");
        _model.LostWrites.ShouldBe(1);
        // It is told once.
        Check(3, 1).ShouldBeNull();
    }

    [Fact]
    public void A_first_write_that_never_came_is_lost()
    {
        Write(3, 1);
        Check(3, 0).ShouldNotBeNull();
        _model.LostWrites.ShouldBe(1);
    }

    [Fact]
    public void A_write_that_nobody_acknowledged_may_be_there_or_not()
    {
        Write(3, 1);
        _model.Submitted(3, 2);
        _model.IsExplained(3, Content(3, 1)).ShouldBeTrue();
        _model.IsExplained(3, Content(3, 2)).ShouldBeTrue();
        Check(3, 2).ShouldBeNull();
        // It was found, so it may not go again.
        Check(3, 1).ShouldNotBeNull();
    }

    [Fact]
    public void A_write_that_nobody_asked_for_is_corruption()
    {
        Check(3, 9)!.ShouldContain("no write explains");
        _model.CorruptBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_single_wrong_bit_is_one_corrupt_byte()
    {
        Write(3, 1);
        var content = Content(3, 1);
        content[300] ^= 0x10;
        _model.Check(3, content)!.ShouldContain("1 bytes");
        (_model.LostWrites, _model.CorruptBytes).ShouldBe((0, 1));
    }

    [Fact]
    public void A_sector_in_the_place_of_another_is_corruption()
    {
        Write(3, 1);
        Write(4, 1);
        _model.Check(4, Content(3, 1)).ShouldNotBeNull();
        (_model.LostWrites, _model.CorruptBytes > 0).ShouldBe((0, true));
    }

    [Fact]
    public void A_torn_sector_is_corruption()
    {
        Write(3, 1);
        _model.Submitted(3, 2);
        byte[] torn = [.. Content(3, 2)[..256], .. Content(3, 1)[256..]];
        _model.Check(3, torn).ShouldNotBeNull();
        _model.CorruptBytes.ShouldBeGreaterThan(0);
    }

    private void Write(int sector, ulong write)
    {
        _model.Submitted(sector, write);
        _model.Acknowledged(sector, write);
    }

    private string? Check(int sector, ulong write) => _model.Check(sector, Content(sector, write));

    private byte[] Content(int sector, ulong write)
    {
        SectorPattern.Fill(_sector, (ulong)sector, write);
        return [.. _sector];
    }
}
