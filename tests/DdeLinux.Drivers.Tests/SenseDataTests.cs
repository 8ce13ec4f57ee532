using DdeKit;
using FsCheck;
using FsCheck.Fluent;

namespace DdeLinux.Drivers.Tests;

public sealed class SenseDataTests
{
    private static readonly SenseTriple s_unrecovered = new(SenseData.KeyMedium, 0x11, 0x04);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_built_is_read_back(bool descriptor)
    {
        var buffer = new byte[96];
        SenseData.Build(buffer, descriptor, s_unrecovered);
        SenseData.TryRead(buffer, out var sense).ShouldBeTrue();
        sense.ShouldBe(s_unrecovered);
        SenseData.IsDescriptor(buffer).ShouldBe(descriptor);
        buffer[0].ShouldBe(descriptor ? (byte)0x72 : (byte)0x70);
    }

    [Fact]
    public void Zeros_are_no_sense_data()
    {
        SenseData.TryRead(new byte[96], out var sense).ShouldBeFalse();
        sense.ShouldBe(default);
        SenseData.TryRead([], out _).ShouldBeFalse();
    }

    [Fact]
    public void The_information_of_fixed_data_is_valid_only_if_it_fits()
    {
        var buffer = new byte[96];
        SenseData.Build(buffer, false, s_unrecovered);
        SenseData.TrySetInformation(buffer, 0x12345678).ShouldBeTrue();
        buffer[..7].ShouldBe([0xf0, 0, 3, 0x12, 0x34, 0x56, 0x78]);
        SenseData.TrySetInformation(buffer, 0x1_0000_0000).ShouldBeTrue();
        buffer[0].ShouldBe((byte)0x70);
    }

    [Fact]
    public void Descriptors_are_appended_once_and_found()
    {
        var buffer = new byte[96];
        SenseData.Build(buffer, true, s_unrecovered);
        SenseData.TrySetInformation(buffer, 5).ShouldBeTrue();
        SenseData.TrySetFieldPointer(buffer, 0x0102, 3, true).ShouldBeTrue();
        SenseData.TrySetInformation(buffer, 0x0807060504030201).ShouldBeTrue();
        buffer[7].ShouldBe((byte)20);
        SenseData.FindDescriptor(buffer, 0).ShouldBe(8);
        buffer[8..20].ShouldBe([0, 10, 0x80, 0, 8, 7, 6, 5, 4, 3, 2, 1]);
        SenseData.FindDescriptor(buffer, 2).ShouldBe(20);
        buffer[20..28].ShouldBe([2, 6, 0, 0, 0xcb, 1, 2, 0]);
        SenseData.FindDescriptor(buffer, 9).ShouldBe(-1);
    }

    [Fact]
    public void The_field_pointer_of_fixed_data_follows_the_qualifier()
    {
        var buffer = new byte[96];
        SenseData.Build(buffer, false, new SenseTriple(SenseData.KeyIllegalRequest, 0x24, 0));
        SenseData.TrySetFieldPointer(buffer, 2, 0xff, false).ShouldBeTrue();
        buffer[15..18].ShouldBe([0x80, 0, 2]);
        buffer[7].ShouldBe((byte)18);
    }

    [Fact]
    public void A_buffer_without_room_for_a_descriptor_is_left_alone()
    {
        var buffer = new byte[14];
        SenseData.Build(buffer, true, s_unrecovered);
        SenseData.TrySetInformation(buffer, 1).ShouldBeFalse();
        buffer[7].ShouldBe((byte)0);
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception() => Prop.ForAll<byte[], byte>((bytes, type) =>
    {
        _ = SenseData.TryRead(bytes, out _);
        SenseData.FindDescriptor(bytes, type).ShouldBeLessThan(Math.Max(bytes.Length, 1));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_descriptor_data_takes_fields_without_an_exception() => Prop.ForAll<byte[], ulong, ushort>((bytes, information, field) =>
    {
        byte[] buffer = [0x72, 3, 0x11, 4, 0, 0, 0, bytes.FirstOrDefault(), .. bytes];
        _ = SenseData.TrySetInformation(buffer, information);
        _ = SenseData.TrySetFieldPointer(buffer, field, bytes.FirstOrDefault(), true);
    }).QuickCheckThrowOnFailure();
}
