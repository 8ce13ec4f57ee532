using SystemRdl;

namespace RegisterGenerator.Tests;

/// <summary>One bit after the other, as the standard's tables of access, onread and onwrite say (clauses 9.4 and 9.6).</summary>
internal sealed class ReferenceRegisters
{
    private readonly List<Element> _elements = [];

    public ReferenceRegisters(Block block)
    {
        foreach (var register in block.Registers)
            for (int i = 0; i < register.Count; i++)
                _elements.Add(new Element(register, (int)(register.Offset + register.Stride * (ulong)i), i));
    }

    /// <summary>Every effect that a model would be told of.</summary>
    public List<string> Effects { get; } = [];

    public uint Read(int offset, int width)
    {
        var reached = Reached(offset, width, e => !e.Register.ReadableMask.IsZero);
        if (reached is null)
        {
            Effects.Add($"no read {offset} {width}");
            return 0;
        }
        uint value = 0;
        foreach (var element in reached)
        {
            for (int i = 0; i < 8 * width; i++)
            {
                int bit = 8 * (offset - element.Offset) + i;
                if (element.FieldAt(bit) is { IsSoftwareReadable: true } field)
                {
                    value |= (element.Bits[bit] ? 1u : 0) << i;
                    element.Bits[bit] = field.OnRead switch { ReadEffect.Clear => false, ReadEffect.Set => true, _ => element.Bits[bit] };
                }
            }
            if (element.Register.Fields.Any(ReportsReads))
                Effects.Add($"{element.Name} read {element.Accessed(offset, width):x}");
        }
        return value;
    }

    public void Write(int offset, int width, uint value)
    {
        var reached = Reached(offset, width, _ => true);
        if (reached is null)
        {
            Effects.Add($"no write {offset} {width} {value:x}");
            return;
        }
        ReportBetween(reached, offset, width, value);
        foreach (var element in reached)
        {
            uint accessed = element.Accessed(offset, width);
            uint written = Enumerable.Range(0, 32).Where(bit => (accessed >> bit & 1) != 0)
                .Aggregate(0u, (bits, bit) => bits | (value >> bit + 8 * (element.Offset - offset) & 1) << bit);
            uint reserved = element.Register.Fields.Aggregate(written, (bits, f) => bits & ~(uint)f.Mask);
            if (reserved != 0)
                Effects.Add($"reserved {element.Offset} {reserved:x}");
            uint old = element.Value;
            foreach (var field in element.Register.Fields.Where(f => f.IsSoftwareWritable && !f.IsSinglePulse))
                Store(element, field, written, accessed);
            if (element.Register.Fields.Any(ReportsWrites))
                Effects.Add($"{element.Name} written {old:x} {written:x} {accessed:x}");
        }
    }

    /// <summary>Whether a read of the field is told to the model (clause 9.4: swacc, swmod).</summary>
    public static bool ReportsReads(Field field) => field.IsSoftwareReadable && (field.Has("swacc") || field.Has("swmod") && field.OnRead != ReadEffect.None);

    /// <summary>Whether a write of the field is told to the model.</summary>
    public static bool ReportsWrites(Field field) => field.IsSoftwareWritable && (field.Has("swmod") || field.Has("swacc") || field.IsSinglePulse);

    /// <summary>Whole registers, without effects: all of them in their order.</summary>
    public IReadOnlyList<uint> Values => [.. _elements.Select(e => e.Value)];

    private void ReportBetween(List<Element> reached, int offset, int width, uint value)
    {
        uint between = 0;
        int first = -1;
        for (int i = 0; i < width; i++)
            if (!reached.Any(e => offset + i >= e.Offset && offset + i < e.Offset + e.Bytes))
            {
                first = first < 0 ? i : first;
                between |= 0xffu << 8 * i & value;
            }
        if (between != 0)
            Effects.Add($"reserved {offset + first} {between >> 8 * first:x}");
    }

    private static void Store(Element element, Field field, uint written, uint accessed)
    {
        for (int bit = field.Low; bit <= field.High; bit++)
        {
            bool one = (written >> bit & 1) != 0;
            bool isReached = field.OnWrite is WriteEffect.AnyClears or WriteEffect.AnySets
                ? (accessed & (uint)field.Mask) != 0
                : (accessed >> bit & 1) != 0;
            if (!isReached)
                continue;
            element.Bits[bit] = field.OnWrite switch
            {
                WriteEffect.OneSets => element.Bits[bit] || one,
                WriteEffect.OneClears => element.Bits[bit] && !one,
                WriteEffect.OneToggles => element.Bits[bit] ^ one,
                WriteEffect.ZeroSets => element.Bits[bit] || !one,
                WriteEffect.ZeroClears => element.Bits[bit] && one,
                WriteEffect.ZeroToggles => element.Bits[bit] ^ !one,
                WriteEffect.AnyClears => false,
                WriteEffect.AnySets => true,
                _ => one,
            };
        }
    }

    /// <summary>Null when no register takes the access.</summary>
    private List<Element>? Reached(int offset, int width, Func<Element, bool> takes)
    {
        var reached = _elements.Where(e => takes(e) && offset < e.Offset + e.Bytes && e.Offset < offset + width).ToList();
        return offset % width != 0 || reached.Count == 0 || reached.Any(e => e.Register.AccessWidth > 8 * width) ? null : reached;
    }

    private sealed class Element
    {
        public Element(Register register, int offset, int index)
        {
            Register = register;
            Offset = offset;
            Name = register.Dimensions.Count > 0 ? $"{register.Name}[{index}]" : register.Name;
            Bits = [.. Enumerable.Range(0, register.Width).Select(bit => (register.Reset >> bit & 1) == 1)];
        }

        public Register Register { get; }

        public int Offset { get; }

        public int Bytes => Register.Width / 8;

        public string Name { get; }

        public bool[] Bits { get; }

        public uint Value => Bits.Select((bit, at) => bit ? 1u << at : 0).Aggregate(0u, (all, bit) => all | bit);

        public Field? FieldAt(int bit) => Register.Fields.FirstOrDefault(f => bit >= f.Low && bit <= f.High);

        /// <summary>The bits of the register that an access covers.</summary>
        public uint Accessed(int offset, int width) => Enumerable.Range(0, Register.Width)
            .Where(bit => Offset + bit / 8 >= offset && Offset + bit / 8 < offset + width).Aggregate(0u, (all, bit) => all | 1u << bit);
    }
}
