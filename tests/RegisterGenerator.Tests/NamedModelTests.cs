using Registers;

namespace RegisterGenerator.Tests;

/// <summary>What the hand-written part of a model calls things by, and what a base class does for many models.</summary>
public sealed class NamedModelTests
{
    [Fact]
    public void Values_that_the_description_names_are_an_enumeration()
    {
        var block = new CommandBlock();
        block.Write(CommandBlock.CommandOffset, 1, 0xec);
        block.CommandCode.ShouldBe(CommandBlock.AtaCommand.IdentifyDevice);
        block.CommandCode = CommandBlock.AtaCommand.ReadDma;
        block.CommandRegister.ShouldBe(0xc8u);
    }

    [Fact]
    public void Whole_register_is_set_without_effects_and_keeps_no_reserved_bits()
    {
        var channel = new BusMaster { StatusRegister = uint.MaxValue };
        channel.StatusRegister.ShouldBe(0xe7u);
        (channel.StatusRegister & BusMaster.StatusInterruptMask).ShouldBe(4u);
        channel.Effects.ShouldBeEmpty();
    }

    [Fact]
    public void Software_cannot_write_a_field_while_another_one_forbids_it()
    {
        var channel = new BusMaster();
        channel.Write(BusMaster.CommandOffset, 1, 8);
        channel.StatusActive = true;
        channel.Write(BusMaster.CommandOffset, 1, 1);
        (channel.CommandStart, channel.CommandToMemory).ShouldBe((true, true));
        channel.StatusActive = false;
        channel.Write(BusMaster.CommandOffset, 1, 1);
        channel.CommandToMemory.ShouldBeFalse();
    }

    [Theory]
    [InlineData("swwe = true")]
    [InlineData("swwe = other.wide")]
    public void What_forbids_a_write_is_a_bit_of_the_same_class(string gate) =>
        new GeneratedModel($"addrmap m {{ reg {{ field {{}} wide[1:0] = 0; }} other; reg {{ field {{}} a[0:0] = 0; }} held; held.a->{gate}; }};").Findings
            .ShouldContain(f => f.StartsWith("REG003: ", StringComparison.Ordinal) && f.Contains("swwe"));

    [Fact]
    public void Events_have_the_data_sheets_names()
    {
        BusMaster.RegisterName(BusMaster.DescriptorTableOffset).ShouldBe("BMIDTP");
        BusMaster.RegisterName(1).ShouldBeNull();
        CommandBlock.RegisterName(CommandBlock.CommandOffset).ShouldBe("Command", "Status has the same address, and takes no writes");
    }

    [Fact]
    public void Ones_beside_registers_are_reported_where_they_are()
    {
        var channel = new BusMaster();
        channel.Write(0, 4, 0x1200_0300);
        channel.Effects.ShouldBe(["reserved 1: 120003", "command 0"]);
    }

    [Fact]
    public void Base_class_has_the_effects_and_calls_the_registers_of_many_models()
    {
        PortBlock ports = new DerivedPulse();
        ports.Write(0, 1, 3);
        ports.Write(1, 1, 4);
        ports.Read(0, 1).ShouldBe(1u);
        ports.Effects.ShouldBe(["control 3", "no register 1: 4"]);
    }

    [Fact]
    public void Effect_of_a_read_where_no_register_is_may_answer_it()
    {
        var pulse = new AnsweringPulse();
        (pulse.Read(1, 1), pulse.Read(9, 1), pulse.Read(0, 1)).ShouldBe((0xffu, 9u, 0u));
    }
}

internal abstract class PortBlock
{
    public List<string> Effects { get; } = [];

    public abstract uint Read(int offset, int width);

    public abstract void Write(int offset, int width, uint value);

    protected void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {offset}");

    protected void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset}: {value:x}");

    protected void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset}: {bits:x}");
}

[RegisterFile("pulse.rdl", "")]
internal sealed partial class DerivedPulse : PortBlock
{
    private partial void OnControlWritten(uint old, uint written, uint accessed) => Effects.Add($"control {written:x}");
}

/// <summary>Reads where no register is are answered by the effect, which a base class has and a model may override.</summary>
internal abstract class AnsweringBlock
{
    protected virtual uint OnUndecodedRead(int offset, int width) => 0xffu;

    protected virtual void OnUndecodedWrite(int offset, int width, uint value)
    {
    }

    protected virtual void OnReservedWrite(int offset, uint bits)
    {
    }
}

[RegisterFile("pulse.rdl", "")]
internal sealed partial class AnsweringPulse : AnsweringBlock
{
    protected override uint OnUndecodedRead(int offset, int width) => offset == 9 ? 9 : base.OnUndecodedRead(offset, width);

    private partial void OnControlWritten(uint old, uint written, uint accessed) => OnUndecodedWrite(0, 1, written);
}
