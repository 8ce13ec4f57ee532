using System.Collections.Generic;
using System.Linq;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>A block's registers as a driver has them: one name for each, with an index for each dimension of each array around it.</summary>
internal sealed record AccessorPlan(IReadOnlyList<AccessedRegister> Registers, (Component Component, string Text)? Problem)
{
    // Names that the class and its values have by themselves.
    private static readonly string[] s_types = ["Offsets", "Access"];
    private static readonly string[] s_members = ["AtReset", "Equals", "GetHashCode", "GetType", "MemberwiseClone", "PrintMembers", "ToString"];

    /// <param name="block">Of the description.</param>
    /// <param name="type">The class's name.</param>
    public static AccessorPlan Of(Block block, string type)
    {
        List<AccessedRegister> registers = [];
        var problem = Add(block, "", 0, [], registers) ?? Clash(block, type, registers);
        return new AccessorPlan(registers, problem);
    }

    private static (Component Component, string Text)? Add(
        Block block, string prefix, ulong offset, IReadOnlyList<ArrayDimension> around, List<AccessedRegister> registers)
    {
        if (block.IsBigEndian)
            return (block, "bigendian is not supported; accesses are little-endian");
        foreach (var child in block.Children)
        {
            if (child.Kind == ComponentKind.Memory)
                return (child, "a mem has no accessors; place it outside of this block");
            var name = prefix + RegisterPlan.Pascal(child.Name) + string.Concat(child.ElementIndexes);
            List<ArrayDimension> dimensions = [.. around];
            var stride = child.Stride * (ulong)child.Count;
            foreach (var count in child.Dimensions)
            {
                stride /= (ulong)count;
                dimensions.Add(new ArrayDimension(count, stride));
            }
            var place = offset + child.Offset;
            if (place + dimensions.Aggregate(child.Size, (end, d) => end + d.Stride * (ulong)(d.Count - 1)) > int.MaxValue)
                return (child, $"it ends beyond 31 bits of offset: {place:x} and more");
            if (child is Block inner)
            {
                if (Add(inner, name, place, dimensions, registers) is { } problem)
                    return problem;
                continue;
            }
            var register = (Register)child;
            if (register.Width > RegisterCheck.WidestRegister)
                return (register, $"{register.Width} bits; a register has at most {RegisterCheck.WidestRegister} here");
            registers.Add(new AccessedRegister(register, name, (int)place, dimensions));
        }
        return null;
    }

    private static (Component Component, string Text)? Clash(Block block, string type, List<AccessedRegister> registers)
    {
        Dictionary<string, Component> types = s_types.Append(type).ToDictionary(t => t, _ => (Component)block);
        foreach (var register in registers)
        {
            if (RegisterPlan.Take(types, register.ValueType, register.Register) is { } problem)
                return problem;
            Dictionary<string, Component> members = s_members.Append(register.ValueType).ToDictionary(m => m, _ => (Component)register.Register);
            foreach (var field in register.Register.Fields)
            {
                if (field.Encoding is { Width: > RegisterCheck.WidestRegister })
                    return (field, $"an enumeration of more than {RegisterCheck.WidestRegister} bits is not supported");
                if (RegisterPlan.Take(members, RegisterPlan.Pascal(field.Name), field) is { } fieldProblem)
                    return fieldProblem;
            }
        }
        foreach (var field in registers.SelectMany(r => r.Register.Fields).Where(f => f.Encoding is not null).GroupBy(f => f.Encoding).Select(g => g.First()))
            if (RegisterPlan.Take(types, RegisterPlan.Pascal(field.Encoding!.Name), field) is { } problem)
                return problem;
        return null;
    }
}

/// <summary>One register of the description, or an array of it.</summary>
/// <param name="Register">As the description has it.</param>
/// <param name="Name">In the class.</param>
/// <param name="Offset">In bytes from the start of the block, of the first element.</param>
/// <param name="Dimensions">Outermost first.</param>
internal sealed record AccessedRegister(Register Register, string Name, int Offset, IReadOnlyList<ArrayDimension> Dimensions)
{
    public string ValueType => Name + "Value";

    public int Bytes => Register.Width / 8;

    /// <summary>Such as <c>int index0, int index1</c>; empty outside of arrays.</summary>
    public string Parameters => string.Join(", ", Dimensions.Select((_, i) => $"int {Index(i)}"));

    /// <summary>The offset, as C#.</summary>
    public string Place => $"Offsets.{Name}" + (Dimensions.Count > 0 ? $"({string.Join(", ", Dimensions.Select((_, i) => Index(i)))})" : "");

    public string Index(int dimension) => Dimensions.Count == 1 ? "index" : $"index{dimension}";
}

/// <summary>How many elements, and how many bytes from one to the next.</summary>
internal sealed record ArrayDimension(int Count, ulong Stride);
