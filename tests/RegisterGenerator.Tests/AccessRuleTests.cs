using System.Text;
using SystemRdl;

namespace RegisterGenerator.Tests;

/// <summary>Random register files, random accesses: the generated model does what an interpreter of the elaborated model does bit by bit.</summary>
public sealed class AccessRuleTests
{
    private static readonly string[] s_access = ["sw = rw;", "sw = r;", "sw = w;", "sw = na;"];
    private static readonly string[] s_onRead = ["", "", "onread = rclr;", "onread = rset;"];
    private static readonly string[] s_onWrite =
        ["", "", "onwrite = woset;", "onwrite = woclr;", "onwrite = wot;", "onwrite = wzs;", "onwrite = wzc;", "onwrite = wzt;", "onwrite = wclr;", "onwrite = wset;"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Generated_model_obeys_the_access_rules(int seed)
    {
        var random = new Random(seed);
        var description = Describe(random);
        var compilation = Compiler.Compile(new SourceText("tested.rdl", description), (_, _) => null);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        var reference = new Interpreter(compilation.Top!);
        var (read, write) = new GeneratedModel(description).Create();
        for (var i = 0; i < 2000; i++)
        {
            var width = 1 << random.Next(3);
            var offset = random.Next((int)compilation.Top!.Size + 4) & -width;
            if (random.Next(2) == 0)
            {
                read(offset, width).ShouldBe(reference.Read(offset, width), $"read of {width} at {offset}, step {i} of\n{description}");
                continue;
            }
            var value = (uint)random.NextInt64(1L << 32) & (random.Next(3) == 0 ? 0 : uint.MaxValue);
            write(offset, width, value);
            reference.Write(offset, width, value);
        }
    }

    private static string Describe(Random random)
    {
        var text = new StringBuilder("addrmap tested {\n");
        for (var register = 0; register < 5; register++)
        {
            var width = 8 << random.Next(3);
            text.Append($"reg {{ regwidth = {width}; accesswidth = 8;\n");
            var fields = 0;
            for (var low = random.Next(3); low < width;)
            {
                var bits = Math.Min(1 + random.Next(10), width - low);
                var access = s_access[fields == 0 ? 0 : random.Next(s_access.Length)];
                var onRead = access is "sw = rw;" or "sw = r;" ? s_onRead[random.Next(s_onRead.Length)] : "";
                var onWrite = access is "sw = rw;" or "sw = w;" ? s_onWrite[random.Next(s_onWrite.Length)] : "";
                text.Append($"  field {{ {access} hw = rw; {onRead} {onWrite} }} f{fields++}[{low + bits - 1}:{low}] = {random.NextInt64(1L << bits)};\n");
                low += bits + random.Next(3);
            }
            text.Append($"}} r{register}{(random.Next(3) == 0 ? "[2]" : "")};\n");
        }
        return text.Append("};\n").ToString();
    }

    /// <summary>One bit after the other, as the standard's tables of access, onread and onwrite say (clauses 9.4 and 9.6).</summary>
    private sealed class Interpreter
    {
        private readonly Dictionary<int, (Field Field, bool Value)> _bits = [];
        private readonly Dictionary<int, List<int>> _fieldBits = [];

        public Interpreter(Block block)
        {
            foreach (var register in block.Registers)
                for (var element = 0; element < register.Count; element++)
                    foreach (var field in register.Fields)
                    {
                        var first = 8 * (int)(register.Offset + register.Stride * (ulong)element) + field.Low;
                        List<int> all = [.. Enumerable.Range(first, field.Width)];
                        foreach (var bit in all)
                        {
                            _bits[bit] = (field, (field.Reset >> bit - first & 1) == 1);
                            _fieldBits[bit] = all;
                        }
                    }
        }

        public uint Read(int offset, int width)
        {
            uint value = 0;
            for (var i = 0; i < 8 * width; i++)
            {
                if (!_bits.TryGetValue(8 * offset + i, out var bit) || !bit.Field.IsSoftwareReadable)
                    continue;
                value |= (bit.Value ? 1u : 0) << i;
                _bits[8 * offset + i] = (bit.Field, bit.Field.OnRead switch { ReadEffect.Clear => false, ReadEffect.Set => true, _ => bit.Value });
            }
            return value;
        }

        public void Write(int offset, int width, uint value)
        {
            for (var i = 0; i < 8 * width; i++)
            {
                if (!_bits.TryGetValue(8 * offset + i, out var bit) || !bit.Field.IsSoftwareWritable)
                    continue;
                var written = (value >> i & 1) == 1;
                if (bit.Field.OnWrite is WriteEffect.AnyClears or WriteEffect.AnySets)
                {
                    foreach (var other in _fieldBits[8 * offset + i])
                        _bits[other] = (bit.Field, bit.Field.OnWrite == WriteEffect.AnySets);
                    continue;
                }
                _bits[8 * offset + i] = (bit.Field, bit.Field.OnWrite switch
                {
                    WriteEffect.OneSets => bit.Value || written,
                    WriteEffect.OneClears => bit.Value && !written,
                    WriteEffect.OneToggles => bit.Value ^ written,
                    WriteEffect.ZeroSets => bit.Value || !written,
                    WriteEffect.ZeroClears => bit.Value && written,
                    WriteEffect.ZeroToggles => bit.Value ^ !written,
                    _ => written,
                });
            }
        }
    }
}
