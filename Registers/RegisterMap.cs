using System.Globalization;

namespace Registers;

/// <summary>One register, or a part of one, that an access reached.</summary>
/// <param name="Path">The register's full name; an access that reached only some bits has them after it: <c>piix.configuration.command[15:8]</c>.</param>
/// <param name="Register">The register's full name alone, for counting: of an array <c>card.filter[]</c>.</param>
/// <param name="Text">The value in the device's words; empty for a block transfer.</param>
public readonly record struct DecodedRegister(string Path, string Register, string Text);

/// <summary>
/// Finds the registers that an access reaches, and says its value in the device's words. It is told a device's accesses in their order, because which of
/// several banks of registers is there may depend on what was written before. For one thread at a time.
/// </summary>
/// <param name="tables">The tables of one device, where they lie; the first that has an address is taken.</param>
public sealed class RegisterMap(IEnumerable<PlacedTable> tables)
{
    private readonly PlacedTable[] _tables = [.. tables];
    private readonly Dictionary<(PciSpace Space, ulong Address), byte> _selectors =
        tables.Where(t => t.Bank is not null).Select(t => (t.Space, t.Bank!.Offset)).Distinct().ToDictionary(s => s, _ => (byte)0);

    /// <summary>Decodes an access; what no table knows is named by its address, so that the result is never empty.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="address">An offset, a port, or a physical address.</param>
    /// <param name="width">1, 2, 4 or 8 bytes.</param>
    /// <param name="isWrite">The direction: two registers may share an address.</param>
    /// <param name="value">What was read or is written.</param>
    public IReadOnlyList<DecodedRegister> Decode(PciSpace space, ulong address, int width, bool isWrite, ulong value)
    {
        value &= Bits(8 * width);
        var decoded = DecodeRegisters(space, address, width, isWrite, value);
        if (isWrite && _selectors.ContainsKey((space, address)))
            _selectors[(space, address)] = unchecked((byte)value);
        return decoded;
    }

    private List<DecodedRegister> DecodeRegisters(PciSpace space, ulong address, int width, bool isWrite, ulong value)
    {
        if (Find(space, address) is not { } placed)
            return [Unknown(Place(space, address), value)];
        ulong offset = address - placed.Address;
        List<DecodedRegister> decoded = [];
        ulong covered = 0;
        foreach (var (register, index) in Reached(placed.Table, offset, (ulong)width, isWrite))
        {
            ulong start = register.Offset + index * register.Stride;
            // The part of the register that the access reaches, in bits of the register, and where it lies in the value.
            int low = start < offset ? (int)(offset - start) * 8 : 0;
            int shift = start < offset ? 0 : (int)(start - offset) * 8;
            int bits = Math.Min(register.Bytes * 8 - low, width * 8 - shift);
            ulong part = value >> shift & Bits(bits);
            covered |= Bits(bits) << shift;
            string path = Name(placed, register, index);
            if (bits != register.Bytes * 8)
                path += Number($"[{low + bits - 1}:{low}]");
            decoded.Add(new DecodedRegister(path, Name(placed, register, null), FieldText.Of(register.Fields, low, bits, part)));
        }
        if (decoded.Count == 0 || (value & ~covered) != 0)
            decoded.Add(Unknown(Number($"{placed.Table.Path}+0x{offset:x}"), value & ~covered));
        return decoded;
    }

    /// <summary>Names the register that a block transfer fills or empties.</summary>
    public DecodedRegister DecodeBlock(PciSpace space, ulong address, bool isWrite)
    {
        if (Find(space, address) is not { } placed)
            return new DecodedRegister(Place(space, address), Place(space, address), "");
        ulong offset = address - placed.Address;
        foreach (var (register, index) in Reached(placed.Table, offset, 1, isWrite))
            return new DecodedRegister(Name(placed, register, index), Name(placed, register, null), "");
        string place = Number($"{placed.Table.Path}+0x{offset:x}");
        return new DecodedRegister(place, place, "");
    }

    private static string Name(PlacedTable placed, RegisterDescription register, ulong? index) =>
        $"{placed.Table.Path}.{register.Name}{(register.Count > 0 ? Number($"[{index}]") : "")}";

    private static DecodedRegister Unknown(string place, ulong value) => new(place, place, FieldText.Hexadecimal(value));

    private static string Place(PciSpace space, ulong address) => Number($"{space switch
    {
        PciSpace.Configuration => "configuration",
        PciSpace.Ports => "port",
        _ => "memory",
    }} 0x{address:x}");

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static ulong Bits(int count) => count >= 64 ? ulong.MaxValue : (1UL << count) - 1;

    private PlacedTable? Find(PciSpace space, ulong address) =>
        Array.Find(_tables, t => t.Space == space && address >= t.Address && address - t.Address < t.Table.Size
            && (t.Bank is not { } bank || (_selectors[(space, bank.Offset)] & bank.Mask) == bank.Value));

    /// <summary>The registers that overlap an access, by ascending address: of those that share bytes, the one that the direction means.</summary>
    private static IEnumerable<(RegisterDescription Register, ulong Index)> Reached(RegisterTable table, ulong offset, ulong width, bool isWrite)
    {
        List<(RegisterDescription Register, ulong Index, ulong Start)> reached = [];
        foreach (bool wanted in new[] { true, false })
        {
            foreach (var register in table.Registers)
            {
                if ((isWrite ? register.IsWritable : register.IsReadable) != wanted)
                    continue;
                ulong count = Math.Max(register.Count, 1);
                ulong first = offset > register.Offset && register.Stride > 0 ? Math.Min((offset - register.Offset) / register.Stride, count - 1) : 0;
                for (ulong index = first; index < count; index++)
                {
                    ulong start = register.Offset + index * register.Stride;
                    if (start >= offset + width)
                        break;
                    ulong end = start + (ulong)register.Bytes;
                    if (end > offset && !reached.Exists(r => start < r.Start + (ulong)r.Register.Bytes && r.Start < end))
                        reached.Add((register, index, start));
                }
            }
        }
        return reached.OrderBy(r => r.Start).Select(r => (r.Register, r.Index));
    }
}
