using DdeKit.Foreign.Btf;

namespace DdeKit.Btf.Tests;

public sealed class BtfLookupTests
{
    [Fact]
    public void Field_path_goes_through_embedded_structs_and_anonymous_unions()
    {
        var builder = new BtfBuilder();
        var word = builder.Integer("unsigned int", 4);
        var pointer = builder.Pointer(0);
        var table = builder.Struct("sg_table", 16, ("sgl", pointer, 0), ("nents", word, 64));
        var buffer = builder.Struct("data_buffer", 24, ("table", table, 0), ("length", word, 128));
        var anonymous = builder.Union("", 8, ("first", word, 0), ("second", pointer, 0));
        builder.Struct("command", 40, ("head", word, 0), ("", anonymous, 64), ("data", builder.Typedef("data_t", buffer), 128));
        var types = SetOf(builder);

        var nents = types.FindField("command", "data.table.nents").ShouldNotBeNull();
        nents.ByteOffset.ShouldBe(24ul);
        nents.Size.ShouldBe(4ul);
        nents.Kind.ShouldBe(BtfKind.Integer);
        types.FindField("command", "second").ShouldNotBeNull().ByteOffset.ShouldBe(8ul);
        types.FindField("command", "data.table.sgl").ShouldNotBeNull().Kind.ShouldBe(BtfKind.Pointer);
        types.FindField("command", "data.missing").ShouldBeNull();
        types.FindField("command", "head.inside").ShouldBeNull();
        types.FindField("nothing", "head").ShouldBeNull();
    }

    [Fact]
    public void Bit_field_has_offset_and_width_in_bits()
    {
        var builder = new BtfBuilder();
        var word = builder.Integer("unsigned int", 4);
        builder.BitFieldStruct("flags", 8, ("plain", word, 0, 0), ("one", word, 32, 1), ("three", word, 33, 3));
        var types = SetOf(builder);

        types.FindField("flags", "plain").ShouldNotBeNull().IsBitField.ShouldBeFalse();
        var three = types.FindField("flags", "three").ShouldNotBeNull();
        (three.BitOffset, three.BitFieldSize, three.ByteOffset).ShouldBe((33ul, 3, 4ul));
    }

    [Fact]
    public void Size_follows_typedefs_qualifiers_and_arrays_of_arrays()
    {
        var builder = new BtfBuilder();
        var word = builder.Integer("unsigned short", 2);
        var row = builder.Array(builder.Const(builder.Typedef("u16", word)), 5);
        var matrix = builder.Typedef("matrix", builder.Array(row, 3));
        var empty = builder.Array(word, 0);
        var types = BtfTypes.Parse(builder.Build(), "test");

        types[matrix].Size.ShouldBe(30ul);
        types[empty].Size.ShouldBe(0ul);
        types[0].Size.ShouldBe(0ul);
    }

    [Fact]
    public void Enumerators_keep_sign_and_all_64_bits()
    {
        var builder = new BtfBuilder();
        builder.Enum("signed", true, ("BELOW", -2), ("ABOVE", 3));
        builder.Enum("", false, ("HIGH_BIT", unchecked((int)0x80000000)));
        builder.Enum64("wide", ("WIDE", 0x1_0000_0002));
        var types = SetOf(builder);

        types.FindEnumerator("BELOW").ShouldBe(-2);
        types.FindEnumerator("HIGH_BIT").ShouldBe(0x80000000);
        types.FindEnumerator("WIDE").ShouldBe(0x1_0000_0002);
        types.FindEnumerator("NOWHERE").ShouldBeNull();
    }

    [Fact]
    public void Function_gives_widths_pointers_signs_and_the_ellipsis()
    {
        var builder = new BtfBuilder();
        var integer = builder.Integer("int", 4, signed: true);
        var text = builder.Pointer(builder.Const(builder.Integer("char", 1)));
        var size = builder.Typedef("size_t", builder.Integer("long unsigned int", 8));
        builder.Function("snprintf", integer, ("buf", text), ("size", size), ("fmt", text), ("", 0));
        var prototype = SetOf(builder).FindFunction("snprintf").ShouldNotBeNull();

        prototype.IsVariadic.ShouldBeTrue();
        (prototype.Return.Width, prototype.Return.IsSigned, prototype.Return.IsPointer).ShouldBe((4, true, false));
        prototype.Parameters.Select(parameter => (parameter.Name, parameter.Width, parameter.IsPointer, parameter.IsSigned))
            .ShouldBe([("buf", 8, true, false), ("size", 8, false, false), ("fmt", 8, true, false)]);
    }

    [Fact]
    public void Names_of_one_spelling_are_told_apart_by_kind()
    {
        var builder = new BtfBuilder();
        var forward = builder.Forward("device");
        var structure = builder.Struct("device", 1);
        var second = builder.Struct("device", 2);
        var types = BtfTypes.Parse(builder.Build(), "test");

        types.Find(BtfKind.Forward, "device").ShouldNotBeNull().Id.ShouldBe(forward);
        types.Find(BtfKind.Struct, "device").ShouldNotBeNull().Id.ShouldBe(structure);
        types[second].Size.ShouldBe(2ul);
        types.Find(BtfKind.Union, "device").ShouldBeNull();
    }

    [Fact]
    public void Module_types_continue_from_the_image()
    {
        var image = new BtfBuilder();
        var word = image.Integer("unsigned int", 4);
        image.Struct("device", 4, ("id", word, 0));
        var module = new BtfBuilder(image.NextId, image.EndOfStrings);
        var pointer = module.Pointer(2);
        var host = module.Struct("Scsi_Host", 16, ("dma_dev", pointer, 0), ("unique_id", word, 64));
        module.Function("scsi_host_get", pointer, ("shost", module.Pointer(host)));
        var imageTypes = BtfTypes.Parse(image.Build(), "vmlinux");
        var types = new BtfTypeSet(imageTypes, BtfTypes.ParseSplit(imageTypes, module.Build(), "libata"));

        var field = types.FindField("Scsi_Host", "unique_id").ShouldNotBeNull();
        field.ByteOffset.ShouldBe(8ul);
        field.Type.Name.ShouldBe("unsigned int");
        field.Type.Owner.ShouldBeSameAs(imageTypes);
        types.FormatPrototype("scsi_host_get").ShouldBe("struct device *scsi_host_get(struct Scsi_Host *shost)");
        types.FindField("device", "id").ShouldNotBeNull();
    }

    [Fact]
    public void Module_of_another_image_is_refused()
    {
        var image = BtfTypes.Parse(new BtfBuilder().Build(), "vmlinux");
        var other = BtfTypes.Parse(new BtfBuilder().Build(), "vmlinux");
        var module = BtfTypes.ParseSplit(other, new BtfBuilder(1, 1).Build(), "libata");
        Should.Throw<ArgumentException>(() => new BtfTypeSet(image, module)).Message.ShouldContain("libata");
    }

    internal static BtfTypeSet SetOf(BtfBuilder builder) => new(BtfTypes.Parse(builder.Build(), "test"));
}
