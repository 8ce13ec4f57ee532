using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RegisterGenerator.Tests;

/// <summary>A field of a random register file.</summary>
/// <param name="Gap">Reserved bits below it.</param>
/// <param name="Bits">Its width, unless the register ends before.</param>
/// <param name="Access">The sw property.</param>
/// <param name="Effects">Other properties.</param>
/// <param name="Reset">Its reset value; what does not fit is cut off.</param>
internal sealed record RandomField(int Gap, int Bits, string Access, string Effects, uint Reset);

/// <summary>A register, or an array of registers, of a random register file.</summary>
/// <param name="Width">In bits.</param>
/// <param name="AccessWidth">In bits.</param>
/// <param name="Count">Of elements; 1 for no array.</param>
/// <param name="Spread">From one element to the next, in registers.</param>
/// <param name="Fields">From the lowest bit on; what has no room is left out.</param>
internal sealed record RandomRegister(int Width, int AccessWidth, int Count, int Spread, IReadOnlyList<RandomField> Fields);

/// <summary>One access by software.</summary>
internal sealed record RandomAccess(bool IsWrite, int Width, int Place, uint Value)
{
    /// <summary>Anywhere in the file and a bit beyond, mostly aligned.</summary>
    public int Offset(int size) => Place % 16 == 0 ? Place % (size + 4) : Place % (size + 4) & -Width;
}

/// <summary>A register file and what software does to it.</summary>
internal sealed record RandomCase(IReadOnlyList<RandomRegister> Registers, IReadOnlyList<RandomAccess> Accesses)
{
    private static readonly string[] s_onRead = ["", "", "", "onread = rclr;", "onread = rset;", "swacc;"];
    private static readonly string[] s_onWrite =
    [
        "", "", "", "onwrite = woset;", "onwrite = woclr;", "onwrite = wot;", "onwrite = wzs;", "onwrite = wzc;", "onwrite = wzt;", "onwrite = wclr;",
        "onwrite = wset;", "swmod;", "swmod; onwrite = woclr;", "singlepulse;",
    ];

    public static Arbitrary<RandomCase> Arbitrary { get; } = Arb.From(
        from registers in Register().NonEmptyListOf().Resize(5)
        from accesses in Access().ListOf(400)
        select new RandomCase([.. registers], [.. accesses]), Shrink);

    /// <summary>The register file in SystemRDL.</summary>
    public string Description
    {
        get
        {
            var text = new StringBuilder("addrmap tested {\n");
            for (int i = 0; i < Registers.Count; i++)
            {
                var register = Registers[i];
                text.Append(CultureInfo.InvariantCulture, $"reg {{ regwidth = {register.Width}; accesswidth = {register.AccessWidth};\n");
                int low = 0, number = 0;
                foreach (var part in register.Fields)
                {
                    low += part.Gap;
                    int bits = part.Effects == "singlepulse;" ? 1 : part.Bits;
                    if (low + bits > register.Width)
                        break;
                    text.Append(CultureInfo.InvariantCulture,
                        $"  field {{ sw = {part.Access}; hw = rw; {part.Effects} }} f{number++}[{low + bits - 1}:{low}] = {part.Reset & uint.MaxValue >> 32 - bits};\n");
                    low += bits;
                }
                text.Append(CultureInfo.InvariantCulture, $"}} r{i}{(register.Count > 1 ? $"[{register.Count}] += {register.Spread * register.Width / 8}" : "")};\n");
            }
            return text.Append("};\n").ToString();
        }
    }

    public override string ToString() => Description + string.Join("\n", Accesses);

    private static Gen<RandomRegister> Register() =>
        from size in Gen.Choose(0, 2)
        from access in Gen.Choose(0, size)
        from count in Gen.Elements(1, 1, 1, 2, 3, 5)
        from spread in Gen.Elements(1, 1, 2, 3)
        from first in Field(mostGap: 0)
        from fields in Field(mostGap: 2).ListOf(5)
        select new RandomRegister(8 << size, 8 << access, count, spread, [first with { Bits = Math.Min(first.Bits, 8) }, .. fields]);

    private static Gen<RandomField> Field(int mostGap) =>
        from gap in Gen.Choose(0, mostGap)
        from bits in Gen.Choose(1, 10)
        from access in Gen.Elements("rw", "rw", "rw", "r", "w", "na")
        from onRead in Gen.Elements(s_onRead)
        from onWrite in Gen.Elements(s_onWrite)
        from reset in Gen.Choose(0, 1023)
        let effects = onWrite == "singlepulse;" ? onWrite : $"{(access is "rw" or "r" ? onRead : "")}{(access is "rw" or "w" ? onWrite : "")}"
        select new RandomField(gap, bits, effects == "singlepulse;" ? "rw" : access, effects, effects == "singlepulse;" ? 0 : (uint)reset);

    private static Gen<RandomAccess> Access() =>
        from isWrite in Gen.Elements(true, false)
        from width in Gen.Elements(1, 2, 4)
        from place in Gen.Choose(0, 1 << 20)
        from value in Gen.Frequency((1, Gen.Constant(0u)), (1, Gen.Constant(uint.MaxValue)), (2, Gen.Choose(int.MinValue, int.MaxValue).Select(v => unchecked((uint)v))))
        select new RandomAccess(isWrite, width, place, value);

    /// <summary>Fewer accesses, registers and fields; fields that do less.</summary>
    private static IEnumerable<RandomCase> Shrink(RandomCase found)
    {
        int count = found.Accesses.Count;
        for (int piece = count / 2; piece > 0; piece /= 4)
            for (int start = 0; start < count; start += piece)
                yield return found with { Accesses = [.. found.Accesses.Take(start), .. found.Accesses.Skip(start + piece)] };
        for (int i = 0; i < found.Registers.Count; i++)
        {
            var register = found.Registers[i];
            if (found.Registers.Count > 1)
                yield return found with { Registers = [.. found.Registers.Where((_, at) => at != i)] };
            if (register.Count > 1)
                yield return With(found, i, register with { Count = 1 });
            for (int f = 0; f < register.Fields.Count; f++)
            {
                if (register.Fields.Count > 1)
                    yield return With(found, i, register with { Fields = [.. register.Fields.Where((_, at) => at != f)] });
                if (register.Fields[f].Effects.Length > 0)
                    yield return With(found, i, register with { Fields = [.. register.Fields.Select((field, at) => at == f ? field with { Effects = "" } : field)] });
            }
        }
    }

    private static RandomCase With(RandomCase found, int index, RandomRegister register) =>
        found with { Registers = [.. found.Registers.Select((r, at) => at == index ? register : r)] };
}
