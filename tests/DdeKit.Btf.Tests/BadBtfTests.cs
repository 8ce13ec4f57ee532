using DdeKit.Foreign.Btf;
using FsCheck;
using FsCheck.Fluent;

namespace DdeKit.Btf.Tests;

public sealed class BadBtfTests
{
    [Fact]
    public void Empty_and_short_blobs_name_their_length()
    {
        Parse([]).ShouldContain("0 bytes");
        Parse(new byte[23]).ShouldContain("23 bytes");
    }

    [Fact]
    public void Wrong_magic_and_the_other_byte_order_are_told_apart()
    {
        Parse(Changed(0, 0x12)).ShouldContain("magic is 0xeb12");
        var swapped = Sample();
        (swapped[0], swapped[1]) = (swapped[1], swapped[0]);
        Parse(swapped).ShouldContain("big-endian");
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var whole = Sample();
        for (var length = 0; length < whole.Length; length++)
            Parse(whole[..length]).ShouldStartWith("test: ");
    }

    [Fact]
    public void Reference_past_the_last_type_names_both()
    {
        var builder = new BtfBuilder();
        builder.Pointer(7);
        Parse(builder.Build()).ShouldContain("type 1 refers to type 7, of 2");
    }

    [Fact]
    public void Unknown_kind_is_named()
    {
        var builder = new BtfBuilder();
        builder.Add("x", (BtfKind)25, 0, false, 0);
        Parse(builder.Build()).ShouldContain("unknown kind 25");
    }

    [Fact]
    public void Typedef_of_itself_is_a_loop()
    {
        var builder = new BtfBuilder();
        builder.Typedef("loop", 1);
        var types = BtfTypes.Parse(builder.Build(), "test");
        Should.Throw<BadBtfException>(() => types[1].Size).Message.ShouldContain("type 1 refers to itself");
        Should.Throw<BadBtfException>(() => new BtfTypeSet(types).FindStruct("loop"));
    }

    [Fact]
    public void Pointer_to_itself_has_no_declaration()
    {
        var builder = new BtfBuilder();
        builder.Pointer(1);
        var types = BtfTypes.Parse(builder.Build(), "test");
        Should.Throw<BadBtfException>(() => BtfDeclaration.Format(types[1], "x")).Message.ShouldContain("without end");
    }

    [Fact]
    public void Anonymous_struct_in_itself_is_refused_in_bounded_time()
    {
        var builder = new BtfBuilder();
        builder.Struct("outer", 8, ("", 2, 0), ("", 2, 0));
        builder.Struct("", 8, ("", 2, 0), ("", 2, 0));
        Should.Throw<BadBtfException>(() => BtfLookupTests.SetOf(builder).FindField("outer", "x")).Message.ShouldContain("deep");
    }

    [Fact]
    public void Anonymous_structs_that_double_at_each_level_are_refused_in_bounded_time()
    {
        var builder = new BtfBuilder();
        builder.Struct("outer", 8, ("", 2, 0), ("", 2, 0));
        for (var id = 2; id < 31; id++)
            builder.Struct("", 8, ("", id + 1, 0), ("", id + 1, 0));
        builder.Struct("", 8);
        Should.Throw<BadBtfException>(() => BtfLookupTests.SetOf(builder).FindField("outer", "x")).Message.ShouldContain("members");
    }

    [Fact]
    public void Array_larger_than_an_address_space_is_refused()
    {
        var builder = new BtfBuilder();
        var id = builder.Integer("u64", 8);
        for (var dimension = 0; dimension < 3; dimension++)
            id = builder.Array(id, uint.MaxValue);
        var types = BtfTypes.Parse(builder.Build(), "test");
        Should.Throw<BadBtfException>(() => types[id].Size).Message.ShouldContain("64 bits");
    }

    [Fact]
    public void Mutated_blobs_never_give_another_exception()
    {
        var mutations = Gen.Choose(0, Sample().Length - 1).Zip(Gen.Choose(0, 255)).ListOf().ToArbitrary();
        Prop.ForAll(mutations, changes =>
        {
            var blob = Sample();
            foreach (var (at, value) in changes)
                blob[at] = (byte)value;
            try
            {
                WalkEverything(BtfTypes.Parse(blob, "test"));
            }
            catch (BadBtfException exception)
            {
                exception.Message.ShouldNotContain("\n");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Split_blob_on_the_wrong_base_is_refused()
    {
        var image = BtfTypes.Parse(new BtfBuilder().Build(), "vmlinux");
        var module = new BtfBuilder(100, 1);
        module.Pointer(99);
        Should.Throw<BadBtfException>(() => BtfTypes.ParseSplit(image, module.Build(), "libata")).Message.ShouldStartWith("libata: ");
    }

    private static void WalkEverything(BtfTypes types)
    {
        var set = new BtfTypeSet(types);
        for (var id = 0; id < types.EndId; id++)
        {
            var type = types[id];
            try
            {
                _ = (type.Size, type.Resolved, type.IsSigned, type.IsBool, type.Name);
                BtfDeclaration.Format(type, "x");
                if (type.Kind == BtfKind.Function)
                    set.FindFunction(type.Name);
                if (type.Kind is BtfKind.Struct or BtfKind.Union)
                    BtfTypeSet.FindField(type, "a.b");
            }
            catch (BadBtfException)
            {
                // This type is damaged; the others must still answer.
            }
        }
        set.FindEnumerator("ONE");
    }

    private static byte[] Changed(int offset, byte value)
    {
        var blob = Sample();
        blob[offset] = value;
        return blob;
    }

    private static byte[] Sample()
    {
        var builder = new BtfBuilder();
        var word = builder.Integer("u32", 4);
        var pointer = builder.Pointer(builder.Const(word));
        var inner = builder.Union("", 8, ("a", word, 0), ("b", pointer, 0));
        var outer = builder.BitFieldStruct("outer", 24, ("", inner, 0, 0), ("c", word, 64, 3), ("d", builder.Array(word, 2), 96, 0));
        builder.Enum("numbers", true, ("ONE", 1));
        builder.Enum64("wide", ("TWO", 2));
        builder.Function("work", word, ("p", builder.Pointer(outer)), ("", 0));
        builder.Variable("v", builder.Typedef("t", outer));
        return builder.Build();
    }

    private static string Parse(byte[] blob) => Should.Throw<BadBtfException>(() => BtfTypes.Parse(blob, "test")).Message;
}
