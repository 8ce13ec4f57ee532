using System.Buffers.Binary;
using DdeKit.Foreign;
using DdeLinux;

namespace Generators.Tests.Kernel;

public sealed unsafe class KernelStructTests : IDisposable
{
    private readonly TestDomain _domain = new();

    public void Dispose() => _domain.Dispose();

    private Command Command => new(_domain.Arena);

    [Fact]
    public void Fields_lie_where_the_kernels_types_say()
    {
        var command = Command;
        command.result = 0x11223344;
        command.Progress = Progress.Running;
        command.MakeReady(true);
        command.data = (byte*)0x1234;
        BinaryPrimitives.ReadUInt32LittleEndian(_domain.Bytes).ShouldBe(0x11223344u);
        _domain.Bytes[34].ShouldBe((byte)1);
        _domain.Bytes[32].ShouldBe((byte)1);
        BinaryPrimitives.ReadInt64LittleEndian(_domain.Bytes[48..]).ShouldBe(0x1234);
        (command.result, command.Progress, command.ready).ShouldBe((0x11223344u, Progress.Running, true));
        ((nint)command.data).ShouldBe(0x1234);
        command.bytes.ShouldBe(_domain.Arena + 72);
        Command.Size.ShouldBe(80);
        command.IsNull.ShouldBeFalse();
        default(Command).IsNull.ShouldBeTrue();
    }

    [Fact]
    public void Embedded_structure_is_viewed_in_place()
    {
        var first = Command.first;
        first.Address.ShouldBe(_domain.Arena + 56);
        first.value = -2;
        BinaryPrimitives.ReadInt64LittleEndian(_domain.Bytes[64..]).ShouldBe(-2);
    }

    [Fact]
    public void Pointer_to_a_view_is_followed_through_a_path_and_checked()
    {
        var command = Command;
        command.list.IsNull.ShouldBeTrue();
        command.list = new Entry(_domain.Arena + 200);
        command.list.Address.ShouldBe(_domain.Arena + 200);
        BinaryPrimitives.ReadInt64LittleEndian(_domain.Bytes[8..]).ShouldBe(_domain.Arena + 200);
        command.list = new Entry(8);
        Should.Throw<KernelFaultException>(() => Command.list.IsNull);
    }

    [Fact]
    public void String_field_is_checked_and_measured()
    {
        Command.name.IsNull.ShouldBeTrue();
        BinaryPrimitives.WriteInt64LittleEndian(_domain.Bytes[24..], _domain.Text(300, "piix"));
        Command.name.ToString().ShouldBe("piix");
        Command.name.Length.ShouldBe(4);
        _domain.Bytes[1000..].Fill(1);
        BinaryPrimitives.WriteInt64LittleEndian(_domain.Bytes[24..], _domain.Arena + 1000);
        Should.Throw<KernelFaultException>(() => Command.name.Length).Message
            .ShouldBe($"The driver's string at 0x{_domain.Arena + 1000:x} does not end in the 3096 bytes up to the end of its memory.");
    }

    [Fact]
    public void Bit_fields_leave_their_neighbours_alone()
    {
        var command = Command;
        _domain.Bytes[40..44].Fill(0xFF);
        command.no_dma.ShouldBeTrue();
        command.depth.ShouldBe(0xFFFu);
        command.depth = 0xA05;
        command.no_dma = false;
        command.depth.ShouldBe(0xA05u);
        command.no_dma.ShouldBeFalse();
        // Bits 5 to 16 are the depth, bit 0 is no_dma, all others stay set.
        BinaryPrimitives.ReadUInt32LittleEndian(_domain.Bytes[40..]).ShouldBe(0xFFFF_FFFEu & ~(0xFFFu << 5) | (0xA05u << 5));
        Should.Throw<ArgumentOutOfRangeException>(() => { var c = Command; c.depth = 0x1000; });
    }

    [Fact]
    public void Missing_field_is_told_and_spoils_no_other()
    {
        Should.Throw<KernelLayoutException>(() => Command.lost).Message.ShouldBe("command.lost of kernel 9.9-test does not exist.");
        Should.Throw<KernelLayoutException>(() => Command.lost);
        Command.result.ShouldBe(0u);
    }

    [Fact]
    public void Field_of_another_kind_is_told()
    {
        static string Told(Func<object> read) => Should.Throw<KernelLayoutException>(read).Message;
        Told(() => Command.wide).ShouldBe("command.ready of kernel 9.9-test ('_Bool') takes 1 bytes, the shim expects 4.");
        Told(() => Command.bits).ShouldBe("command.depth of kernel 9.9-test is a bit field of 12 bits.");
        Told(() => Command.number).ShouldBe("command.result of kernel 9.9-test ('unsigned int') takes 4 bytes and is no pointer; the shim expects a pointer of 8 bytes.");
        Told(() => Command.other).ShouldBe("command.data of kernel 9.9-test ('unsigned char *') does not point to a entry.");
        Told(() => Command.table).ShouldBe("command.table of kernel 9.9-test ('struct table') takes 16 bytes and is no entry.");
        Told(() => Command.no_bits).ShouldBe("command.result of kernel 9.9-test ('unsigned int') takes 4 bytes and is no bit field.");
        Told(() => Unknown.Size).ShouldStartWith("Kernel 9.9-test has no structure unknown; searched: ");
    }
}
