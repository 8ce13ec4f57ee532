using System.Collections.Generic;
using System.Linq;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>A block's registers as a model has them, the elements of an array together.</summary>
internal sealed record RegisterPlan(IReadOnlyList<PlannedRegister> Registers, (Component Component, string Text)? Problem)
{
    private const int MostRegisters = 1024;

    public static RegisterPlan Of(Block block)
    {
        List<PlannedRegister> registers = [];
        var problem = Add(block, "", "", 0, registers) ?? Clash(registers);
        var plan = new RegisterPlan(registers, problem);
        return problem is null ? plan with { Problem = plan.Gate() } : plan;
    }

    /// <summary>The condition, as C#, under which software's writes leave <paramref name="field"/> alone; null when there is none.</summary>
    public string? Refusal(Field field) => Refusal(field["swwe"], "==") ?? Refusal(field["swwel"], "!=");

    private string? Refusal(PropertyValue? gate, string refused) =>
        gate is ReferenceValue { Property: null, Target: Field { Width: 1 } other }
        && Registers.FirstOrDefault(r => ReferenceEquals(r.Register, other.Parent)) is { IsArray: false, IsExternal: false } register
            ? $"({register.Storage} & {Text.Hex((uint)other.Mask)}) {refused} 0" : null;

    private (Component Component, string Text)? Gate() => Registers.Where(r => !r.IsExternal).SelectMany(r => r.Register.Fields)
        .Where(f => (RegisterCheck.IsGiven(f, "swwe") || RegisterCheck.IsGiven(f, "swwel")) && Refusal(f) is null)
        .Select(f => ((Component, string)?)(f, "swwe and swwel are supported when they name a field of one bit of a register of the same class, no array"))
        .FirstOrDefault();

    /// <summary>Such as BusMaster for busMaster and bus_master.</summary>
    public static string Pascal(string name)
    {
        var words = string.Concat(name.Split('_').Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w.Substring(1)));
        return words.Length == 0 || char.IsDigit(words[0]) ? "_" + words : words;
    }

    private static (Component Component, string Text)? Add(
        Block block, string arrayPrefix, string elementPrefix, ulong offset, List<PlannedRegister> registers)
    {
        if (block.IsBigEndian)
            return (block, "bigendian is not supported; accesses are little-endian");
        foreach (var child in block.Children)
        {
            if (child.Kind == ComponentKind.Memory)
                return (child, "a mem is not part of a register file; place it outside of this block");
            var own = Pascal(child.Name) + string.Concat(child.ElementIndexes);
            for (var i = 0; i < child.Count; i++)
            {
                if (registers.Sum(r => r.Elements.Count) >= MostRegisters)
                    return (child, $"more than {MostRegisters} registers in one class; take smaller blocks");
                var element = elementPrefix + own + (child.Dimensions.Count > 0 ? $"{i}" : "");
                var place = offset + child.Offset + child.Stride * (ulong)i;
                if (place > int.MaxValue - 4)
                    return (child, $"its offset {place:x} does not fit in 31 bits");
                var problem = child is Register register
                    ? Add(register, arrayPrefix + own, new PlannedElement(element, (int)place), registers)
                    : Add((Block)child, arrayPrefix + own, element, place, registers);
                if (problem is not null)
                    return problem;
            }
        }
        return null;
    }

    private static (Component Component, string Text)? Add(Register register, string name, PlannedElement element, List<PlannedRegister> registers)
    {
        if (registers.FirstOrDefault(r => ReferenceEquals(r.Register, register)) is { } array)
        {
            array.Elements.Add(element);
            return null;
        }
        registers.Add(new PlannedRegister(register, name, [element]));
        return RegisterCheck.Of(register);
    }

    /// <summary>Names of the class that stand for two things, because the description's differ only in a capital or an underscore.</summary>
    private static (Component Component, string Text)? Clash(List<PlannedRegister> registers)
    {
        Dictionary<string, Component> names = [], properties = [];
        foreach (var register in registers)
            foreach (var name in register.Elements.Select(e => e.Name).Append(register.Name).Distinct())
            {
                if (Take(names, name, register.Register) is { } problem)
                    return problem;
                if ((Take(properties, name + "Offset", register.Register) ?? Take(properties, name + "Register", register.Register)) is { } nameProblem)
                    return nameProblem;
                foreach (var field in register.Register.Fields)
                    if ((Take(properties, name + Pascal(field.Name), field) ?? Take(properties, name + Pascal(field.Name) + "Mask", field)) is { } fieldProblem)
                        return fieldProblem;
            }
        foreach (var encoded in registers.SelectMany(r => r.Register.Fields).Where(f => f.Encoding is not null).GroupBy(f => f.Encoding).Select(g => g.First()))
            if (Take(properties, Pascal(encoded.Encoding!.Name), encoded) is { } problem)
                return problem;
        return null;
    }

    /// <summary>Takes a name of the class for a component; the problem, when it stands for another already.</summary>
    internal static (Component Component, string Text)? Take(Dictionary<string, Component> taken, string name, Component component)
    {
        if (taken.TryGetValue(name, out var other))
            return (component, $"'{name}' would stand for it and for {other.Path}; rename one of them");
        taken.Add(name, component);
        return null;
    }
}

/// <summary>A register of the class, or an array of registers that are alike.</summary>
/// <param name="Register">As the description has it.</param>
/// <param name="Name">In the class, without indexes.</param>
/// <param name="Elements">One for a register that is no array.</param>
internal sealed record PlannedRegister(Register Register, string Name, List<PlannedElement> Elements)
{
    public bool IsArray => Elements.Count > 1;

    /// <summary>Of an array: from one element to the next, where that is the same for all.</summary>
    public int? Stride
    {
        get
        {
            var strides = Elements.Skip(1).Zip(Elements, (next, one) => next.Offset - one.Offset).Distinct().ToList();
            return strides.Count == 1 ? strides[0] : null;
        }
    }

    public int Bytes => Register.Width / 8;

    /// <summary>Accesses that are narrower are none of this register.</summary>
    public int AccessBytes => Register.AccessWidth / 8;

    /// <summary>Whether storage and behaviour are written by hand.</summary>
    public bool IsExternal => Register.IsExternal;

    public bool IsReadable => !Register.ReadableMask.IsZero;

    public bool IsWritable => !Register.WritableMask.IsZero;

    /// <summary>Whether a write by software is neither stored nor a mistake.</summary>
    public bool IgnoresWrites => !IsWritable && Reserved == 0;

    /// <summary>The fields whose write by software has an effect beyond the storage.</summary>
    public IReadOnlyList<Field> ReportedWrites => IsExternal
        ? []
        : [.. Register.Fields.Where(f => f.IsSoftwareWritable && (f.Has("swmod") || f.Has("swacc") || f.IsSinglePulse || f.OnWrite == WriteEffect.User))];

    /// <summary>The fields whose read by software has an effect beyond the storage.</summary>
    public IReadOnlyList<Field> ReportedReads => IsExternal
        ? []
        : [.. Register.Fields.Where(f => f.IsSoftwareReadable
            && (f.Has("swacc") || f.OnRead == ReadEffect.User || f.Has("swmod") && f.OnRead != ReadEffect.None))];

    /// <summary>Whether a read is the storage's bits and nothing else.</summary>
    public bool ReadsStorageOnly => !IsExternal && ReportedReads.Count == 0 && Register.Fields.All(f => f.OnRead == ReadEffect.None);

    public uint All => Register.Width == 32 ? uint.MaxValue : (1u << Register.Width) - 1;

    public uint Reserved => All & ~Mask(_ => true);

    public uint Reset => (uint)Register.Reset;

    /// <summary>Storage of the class: a number, or an inline array of numbers.</summary>
    public string Storage => "_" + char.ToLowerInvariant(Name[0]) + Name.Substring(1);

    public bool Overlaps(PlannedRegister other) =>
        Elements.Any(e => other.Elements.Any(o => e.Offset < o.Offset + other.Bytes && o.Offset < e.Offset + Bytes));

    public uint Mask(System.Func<Field, bool> which) => Register.Fields.Where(which).Aggregate(0u, (mask, f) => mask | (uint)f.Mask);
}

/// <summary>One register of the address space.</summary>
/// <param name="Name">In the class, with indexes.</param>
/// <param name="Offset">In bytes from the start of the block.</param>
internal sealed record PlannedElement(string Name, int Offset);
