using Registers;

namespace RegisterGenerator.Tests;

public sealed class AccessorTests
{
    private readonly RecordingBus _bus = new();
    private readonly DriverCard.Access<RecordingBus> _card;

    public AccessorTests() => _card = new DriverCard.Access<RecordingBus>(_bus);

    [Fact]
    public void Register_is_read_in_one_access_and_taken_apart()
    {
        _bus.Next = 0x2a12;
        var control = _card.ReadControl();
        (control.Speed, control.Enable, control.Divisor).ShouldBe((DriverCard.Speed.Fast, true, 0x2au));
        _bus.Accesses.ShouldBe(["read 0 of 2"]);
    }

    [Fact]
    public void Register_is_put_together_and_written_in_one_access()
    {
        _card.WriteControl(new() { Enable = true, Speed = DriverCard.Speed.Fast, Divisor = 0x1ff });
        _card.WriteControl(DriverCard.ControlValue.AtReset with { Speed = DriverCard.Speed.Slow });
        _bus.Accesses.ShouldBe(["write 0 of 2: ff12", "write 0 of 2: 1000"]);
    }

    [Fact]
    public void Field_is_set_and_the_others_stay_as_they_are()
    {
        _bus.Next = 0xff01;
        _card.SetControlEnable(true);
        _bus.Next = 0x57;
        _card.SetStatusMask(0xa);
        _bus.Accesses.ShouldBe(
            ["read 0 of 2", "write 0 of 2: ff11", "write 2 of 1: a4"],
            "a one clears done, a zero clears overrun, busy is read-only: nothing to be read before");
    }

    [Fact]
    public void There_is_no_set_that_could_not_keep_a_field() =>
        typeof(DriverCard.Access<RecordingBus>).GetMethods().Select(m => m.Name).Where(n => n.StartsWith("Set", StringComparison.Ordinal)).Order()
            .ShouldBe(["SetControlDivisor", "SetControlEnable", "SetControlSpeed", "SetStatusDone", "SetStatusMask", "SetStatusOverrun"]);

    [Fact]
    public void Fields_that_software_cannot_write_are_not_writable() =>
        typeof(DriverCard.StatusValue).GetProperty("Busy")!.CanWrite.ShouldBeFalse();

    [Fact]
    public void Registers_of_arrays_have_an_index_for_each_dimension()
    {
        _card.WriteQueueBase(1, 2, (DriverCard.QueueBaseValue)0xffff_ffff);
        _card.WriteQueueWord(1, 0, 1, new() { Value = 7 });
        _bus.Accesses.ShouldBe(["write 38 of 4: ffffffff", "write 2e of 2: 7"]);
        Should.Throw<ArgumentOutOfRangeException>(() => _card.WriteQueueWord(0, 3, 0, default));
        Should.Throw<ArgumentOutOfRangeException>(() => _card.ReadQueueBase(0, -1));
        _bus.Accesses.Count.ShouldBe(2);
    }

    [Fact]
    public void Value_says_its_fields_in_the_descriptions_words()
    {
        ((DriverCard.ControlValue)0x2a12).ToString().ShouldBe("ControlValue { Speed = Fast, Enable = True, Divisor = 42 }");
        ((uint)(DriverCard.StatusValue)0xffu).ShouldBe(0xffu);
        (default(DriverCard.StatusValue) == (DriverCard.StatusValue)0).ShouldBeTrue();
    }

    [Fact]
    public void Driver_reaches_the_model_of_the_same_description()
    {
        var model = new DriverCardModel();
        var card = new DriverCard.Access<DriverCardModel>(model);
        card.ReadControl().ShouldBe(DriverCard.ControlValue.AtReset);
        card.SetControlDivisor(3);
        (model.ControlDivisor, model.ControlSpeed).ShouldBe((3u, DriverCardModel.Speed.Fast));
        model.StatusDone = true;
        model.StatusOverrun = true;
        card.SetStatusMask(5);
        (model.StatusDone, model.StatusOverrun, model.StatusMask).ShouldBe((true, true, 5u));
        card.WriteQueueWord(1, 2, 1, new() { Value = 9 });
        model.QueueWordValue(11).ShouldBe(9u);
        model.Effects.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("reg { field {} Driver[0:0] = 0; field {} driver[1:1] = 0; } twice;")]
    [InlineData("reg { field {} equals[0:0] = 0; } taken;")]
    [InlineData("enum offsets { a = 1'b0; }; reg { field { encode = offsets; } a[0:0] = 0; } taken;")]
    [InlineData("reg { regwidth = 64; field {} a[0:0] = 0; } wide;")]
    [InlineData("bigendian; reg { field {} a[0:0] = 0; } big;")]
    [InlineData("external mem { mementries = 4; } buffer;")]
    [InlineData("reg { field {} a[0:0] = 0; } far[4] @0x7ffffff8;")]
    public void What_accessors_cannot_do_is_said(string body) =>
        new GeneratedModel($"addrmap m {{ {body} }};", """[Registers.RegisterAccess("tested.rdl", "")] internal static partial class Card;""").Findings
            .ShouldContain(f => f.StartsWith("REG003: m.", StringComparison.Ordinal) || f.StartsWith("REG003: m:", StringComparison.Ordinal));
}

[RegisterAccess("driver.rdl", "")]
internal static partial class DriverCard;

[RegisterFile("driver.rdl", "")]
internal sealed partial class DriverCardModel : IRegisterBus
{
    /// <summary>Every effect that was called.</summary>
    public List<string> Effects { get; } = [];

    private partial void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {offset:x}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset:x}");

    private partial void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset:x}: {bits:x}");
}

/// <summary>Remembers accesses; reads what a test says.</summary>
internal sealed class RecordingBus : IRegisterBus
{
    public List<string> Accesses { get; } = [];

    public uint Next { get; set; }

    public uint Read(int offset, int width)
    {
        Accesses.Add($"read {offset:x} of {width}");
        return Next;
    }

    public void Write(int offset, int width, uint value) => Accesses.Add($"write {offset:x} of {width}: {value:x}");
}
