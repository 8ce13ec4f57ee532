using Registers;

namespace RegisterGenerator.Tests;

/// <summary>The compiler itself ran the generator on these classes, with the descriptions of the emulator.</summary>
public sealed class HostedGeneratorTests
{
    [Fact]
    public void Written_command_has_its_effect_and_status_is_read_at_the_same_address()
    {
        var block = new CommandBlock();
        block.Write(7, 1, 0xec);
        block.Effects.ShouldBe(["command ec"]);
        block.Read(7, 1).ShouldBe(0x50u);
        block.Effects.ShouldBe(["command ec", "status"]);
    }

    [Fact]
    public void Registers_beside_one_another_are_read_and_written_in_one_access()
    {
        var block = new CommandBlock();
        block.Write(2, 2, 0x0201);
        block.Write(4, 2, 0x0403);
        (block.SectorCountValue, block.LbaLowValue, block.LbaMidValue, block.LbaHighValue).ShouldBe((1u, 2u, 3u, 4u));
        block.Read(4, 2).ShouldBe(0x0403u);
        block.Reset();
        block.Read(0, 4).ShouldBe(0x101_0100u);
    }

    [Fact]
    public void Pulse_is_told_and_reads_back_as_zero()
    {
        var pulse = new Pulse();
        pulse.Write(0, 1, 3);
        pulse.Effects.ShouldBe(["control 3"]);
        pulse.Read(0, 1).ShouldBe(1u);
    }

    [Fact]
    public void Bus_master_clears_by_one_and_reports_reserved_bits()
    {
        var channel = new BusMaster { StatusError = true, StatusInterrupt = true };
        channel.Write(2, 1, 0x22);
        channel.Read(2, 1).ShouldBe(0x24u);
        channel.Write(4, 4, 0x1003);
        channel.Read(4, 4).ShouldBe(0x1000u);
        channel.Read(5, 1).ShouldBe(0x10u);
        channel.Read(3, 1).ShouldBe(0u);
        channel.Effects.ShouldBe(["reserved 4: 3", "no register 3"]);
    }
}

[RegisterFile("ata.rdl", "taskfile")]
internal sealed partial class CommandBlock
{
    /// <summary>Every effect that was called.</summary>
    public List<string> Effects { get; } = [];

    private partial void OnCommandWritten(uint old, uint written, uint accessed) => Effects.Add($"command {written:x}");

    private partial void OnStatusRead(uint accessed) => Effects.Add("status");

    private partial void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {offset}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset}: {value:x}");

    private partial void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset}: {bits:x}");
}

[RegisterFile("piix3-ide.rdl", "primary.busMaster")]
internal sealed partial class BusMaster
{
    /// <summary>Every effect that was called.</summary>
    public List<string> Effects { get; } = [];

    private partial void OnCommandWritten(uint old, uint written, uint accessed) => Effects.Add($"command {written:x}");

    private partial void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {offset}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset}: {value:x}");

    private partial void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset}: {bits:x}");
}

[RegisterFile("pulse.rdl", "")]
internal sealed partial class Pulse
{
    public List<string> Effects { get; } = [];

    private partial void OnControlWritten(uint old, uint written, uint accessed) => Effects.Add($"control {written:x}");

    private partial void OnUndecodedRead(int offset, int width) => Effects.Add($"no register {offset}");

    private partial void OnUndecodedWrite(int offset, int width, uint value) => Effects.Add($"no register {offset}: {value:x}");

    private partial void OnReservedWrite(int offset, uint bits) => Effects.Add($"reserved {offset}: {bits:x}");
}
