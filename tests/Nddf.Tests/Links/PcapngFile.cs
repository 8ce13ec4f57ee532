using System.Buffers.Binary;
using System.Text;

namespace Nddf.Tests.Links;

/// <summary>Reads capture files as strictly as the format's text says, to be sure of what others will make of them.</summary>
internal static class PcapngFile
{
    internal sealed record Packet(ulong Time, byte[] Frame, uint OriginalLength, uint Flags);

    internal static (string Interface, byte Resolution, List<Packet> Packets) Read(byte[] file)
    {
        string name = "";
        byte resolution = 6;
        var packets = new List<Packet>();
        int at = 0;
        for (int index = 0; at < file.Length; index++)
        {
            uint type = Word(file, at);
            int total = (int)Word(file, at + 4);
            (total % 4).ShouldBe(0);
            Word(file, at + total - 4).ShouldBe((uint)total);
            var body = file.AsSpan(at + 8, total - 12);
            switch (index)
            {
                case 0:
                    type.ShouldBe(0x0a0d0d0au);
                    Word(body, 0).ShouldBe(0x1a2b3c4du);
                    Word(body, 4).ShouldBe(1u, "major version 1, minor version 0");
                    break;
                case 1:
                    type.ShouldBe(1u);
                    Word(body, 0).ShouldBe(1u, "Ethernet");
                    foreach (var (code, value) in Options(body[8..].ToArray()))
                    {
                        if (code == 2)
                            name = Encoding.UTF8.GetString(value);
                        else if (code == 9)
                            resolution = value.ShouldHaveSingleItem();
                    }
                    break;
                default:
                    type.ShouldBe(6u);
                    Word(body, 0).ShouldBe(0u);
                    int captured = (int)Word(body, 12);
                    int padded = (captured + 3) / 4 * 4;
                    var flags = Options(body[(20 + padded)..].ToArray()).Single(option => option.Code == 2).Value;
                    packets.Add(new Packet((ulong)Word(body, 4) << 32 | Word(body, 8), body.Slice(20, captured).ToArray(), Word(body, 16), Word(flags, 0)));
                    break;
            }
            at += total;
        }
        at.ShouldBe(file.Length);
        return (name, resolution, packets);
    }

    private static List<(ushort Code, byte[] Value)> Options(byte[] bytes)
    {
        var options = new List<(ushort, byte[])>();
        for (int at = 0; ;)
        {
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
            if (code == 0)
            {
                length.ShouldBe((ushort)0);
                (at + 4).ShouldBe(bytes.Length);
                return options;
            }
            options.Add((code, bytes[(at + 4)..(at + 4 + length)]));
            at += 4 + (length + 3) / 4 * 4;
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
