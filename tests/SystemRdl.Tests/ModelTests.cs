using System.Numerics;

namespace SystemRdl.Tests;

public sealed class ModelTests
{
    [Fact]
    public void Fields_without_bits_stand_one_after_another()
    {
        var register = Source.Register("field {} a[3]; field {} b; field {} c[9:8]; field {} d[2];");
        register.Fields.Select(f => $"{f.Name}[{f.High}:{f.Low}]").ShouldBe(["a[2:0]", "b[3:3]", "c[9:8]", "d[11:10]"]);
        register.Fields[2].Mask.ShouldBe(0x300);
    }

    [Fact]
    public void Access_and_effects_have_their_meanings()
    {
        var register = Source.Register("""
            field { sw = r; hw = w; rclr; } a = 1;
            field { onwrite = woclr; onread = ruser; } b = 1;
            field { sw = rw1; woset; } c;
            field { sw = w; singlepulse; } d = 0;
            """);
        register.Fields.Select(f => (f.SoftwareAccess, f.OnRead, f.OnWrite)).ShouldBe(
        [
            (Access.Read, ReadEffect.Clear, WriteEffect.None),
            (Access.ReadWrite, ReadEffect.User, WriteEffect.OneClears),
            (Access.ReadWriteOnce, ReadEffect.None, WriteEffect.OneSets),
            (Access.Write, ReadEffect.None, WriteEffect.None),
        ]);
        register.Fields[0].HardwareAccess.ShouldBe(Access.Write);
        register.Fields[3].IsSinglePulse.ShouldBeTrue();
        (register.Reset, register.ResetMask).ShouldBe((new BigInteger(3), new BigInteger(0b1011)));
        (register.ReadableMask, register.WritableMask).ShouldBe((new BigInteger(0b0111), new BigInteger(0b1110)));
    }

    [Theory]
    [InlineData("woset", WriteEffect.OneSets)]
    [InlineData("woclr", WriteEffect.OneClears)]
    [InlineData("wot", WriteEffect.OneToggles)]
    [InlineData("wzs", WriteEffect.ZeroSets)]
    [InlineData("wzc", WriteEffect.ZeroClears)]
    [InlineData("wzt", WriteEffect.ZeroToggles)]
    [InlineData("wclr", WriteEffect.AnyClears)]
    [InlineData("wset", WriteEffect.AnySets)]
    [InlineData("wuser", WriteEffect.User)]
    public void Each_write_effect_is_known(string word, WriteEffect effect) =>
        Source.Register($"field {{ onwrite = {word}; }} a;").Fields[0].OnWrite.ShouldBe(effect);

    [Fact]
    public void Two_modifiers_of_an_interrupt_stand_in_two_statements()
    {
        var field = Source.Register("field { nonsticky intr; posedge intr; intr = true; } a;").Fields.Single();
        (field.Trigger, field.Stickiness).ShouldBe((InterruptTrigger.PositiveEdge, Stickiness.None));
    }

    [Fact]
    public void A_property_of_the_source_s_own_without_value_is_bound_and_undefined() => Source.Model("""
        property note { type = string; component = addrmap; };
        addrmap m { note; reg { field {} f; } x; };
        """).ShouldStartWith("addrmap m @0x0 size 0x4 note=undefined\n");

    [Theory]
    [InlineData("(2 + 2)'(17)", 1)]
    [InlineData("{4'h3, (4)'(1 + 1)}", 0x32)]
    public void A_width_in_parentheses_casts(string expression, int expected) =>
        Source.Register($"field {{}} a[8] = {expression};").Reset.ShouldBe(expected);

    [Fact]
    public void Interrupt_modifiers_are_kept()
    {
        var fields = Source.Register("""
            field { intr; } a; field { posedge intr; } b; field { nonsticky intr; } c; field { intr; sticky; } d;
            """).Fields;
        fields.Select(f => (f.Trigger, f.Stickiness)).ShouldBe(
        [
            (InterruptTrigger.Level, Stickiness.Bit), (InterruptTrigger.PositiveEdge, Stickiness.Bit),
            (InterruptTrigger.Level, Stickiness.None), (InterruptTrigger.Level, Stickiness.Field),
        ]);
    }

    [Fact]
    public void Enumeration_names_values_and_texts()
    {
        var field = Source.Register("""
            enum mode { idle; busy = 2'd2 { name = "Busy"; desc = "works"; }; broken; };
            field { encode = mode; } m[2] = mode::busy;
            """).Fields[0];
        field.Encoding!.Members.Select(m => (m.Name, (int)m.Value, m.Description)).ShouldBe(
            [("idle", 0, null), ("busy", 2, "works"), ("broken", 3, null)]);
        field.Reset.ShouldBe(2);
    }

    [Fact]
    public void Reset_can_come_from_another_field_and_from_a_signal()
    {
        var register = Source.Register("""
            signal { activelow; async; field_reset; } rst;
            field {} a = 1; field { reset = a; resetsignal = rst; } b;
            """);
        register.Fields[1].ResetFrom.ShouldBeSameAs(register.Fields[0]);
        register.Fields[1].ResetSignal.ShouldBeSameAs(register.Signals[0]);
        register.Signals[0].ShouldSatisfyAllConditions(s => s.IsActiveLow.ShouldBeTrue(), s => s.IsAsynchronous.ShouldBeTrue(),
            s => s.ResetsFields.ShouldBeTrue());
    }

    [Fact]
    public void Positions_and_texts_come_with_the_model()
    {
        var compilation = Source.Compile("addrmap m {\n  reg { name = \"Status\"; desc = \"what is\"; field {} f; } s;\n};");
        var register = compilation.Top!.Registers.Single();
        (register.Path, register.DisplayName, register.Description).ShouldBe(("m.s", "Status", "what is"));
        register.Position.ShouldBe(new SourcePosition("test.rdl", 2, 58));
    }

    [Fact]
    public void Every_addrmap_that_nobody_uses_is_a_map_and_the_last_is_the_top()
    {
        var compilation = Source.Compile("""
            addrmap inner { reg { field {} f; } x; };
            addrmap first { inner i @0x10; };
            addrmap second { reg { field {} f; } x; };
            """);
        compilation.Maps.Select(m => m.Name).ShouldBe(["first", "second"]);
        compilation.Top!.Name.ShouldBe("second");
        compilation.Maps[0].Registers.Single().Address.ShouldBe(0x10ul);
    }

    [Fact]
    public void A_read_only_and_a_write_only_register_share_an_address() => Source.Model("""
        addrmap uart {
          default regwidth = 8;
          reg { field { sw = r; } data[8]; } receive @0;
          reg { field { sw = w; } data[8]; } transmit @0;
        };
        """).ShouldBe("""
        addrmap uart @0x0 size 0x1
          reg receive @0x0 size 0x1 regwidth=8
            field data [7:0] sw=r
          reg transmit @0x0 size 0x1 regwidth=8
            field data [7:0] sw=w

        """);
}
