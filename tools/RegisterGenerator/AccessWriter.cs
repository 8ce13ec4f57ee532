using System.Collections.Generic;
using System.Linq;
using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>
/// What a read and a write by software do to one register, or to an element of an array of them. An access names the bits that it
/// reaches, so that parts of registers work.
/// </summary>
internal sealed class AccessWriter(SourceWriter writer, EffectWriter effects, RegisterPlan plan, PlannedRegister register)
{
    private readonly string _index = register.IsArray ? "index, " : "";
    private readonly string _indexParameter = register.IsArray ? "int index, " : "";
    private readonly string _storage = register.IsArray ? $"{register.Storage}[index]" : register.Storage;

    /// <summary>An expression: the bits that a read gets, at their place in the value.</summary>
    /// <param name="register">The register, or the array of them.</param>
    /// <param name="index">Into an array.</param>
    /// <param name="reached">The bits that the access covers.</param>
    /// <param name="shift">To the register's place in the value.</param>
    public static string ReadCall(PlannedRegister register, string index, uint reached, int shift)
    {
        if (!register.ReadsStorageOnly)
            return Text.Shifted($"{(register.IsExternal ? "Load" : "Read")}{register.Name}({(register.IsArray ? $"{index}, " : "")}{Text.Hex(reached)})", shift);
        var mask = reached & register.Mask(f => f.IsSoftwareReadable);
        var storage = register.Storage + (register.IsArray ? $"[{index}]" : "");
        return mask == 0 ? "0u" : Text.Shifted(mask == uint.MaxValue ? storage : $"({storage} & {Text.Hex(mask)})", shift);
    }

    public static string WriteCall(PlannedRegister register, string index, string value, uint reached) =>
        $"Write{register.Name}({(register.IsArray ? $"{index}, " : "")}{value}, {Text.Hex(reached)})";

    public static void WriteReserved(SourceWriter writer, string indent, string offset, string value, uint reserved)
    {
        writer.Line($"{indent}if (({value} & {Text.Hex(reserved)}) != 0)");
        writer.Line($"{indent}    OnReservedWrite({offset}, {value} & {Text.Hex(reserved)});");
    }

    public void WriteRead()
    {
        if (register.IsExternal)
            effects.Declare("uint", $"Load{register.Name}", $"{_indexParameter}uint accessed", $"{register.Register.Path} is external");
        if (register.IsExternal || register.ReadsStorageOnly)
            return;
        var reported = register.ReportedReads;
        if (reported.Count > 0)
            DeclareEffect("Read", "uint accessed", $"a read of {Names(reported)} has an effect");
        writer.Open($"private uint Read{register.Name}({_indexParameter}uint accessed)");
        writer.Line($"uint value = {_storage} & accessed & {Text.Hex(register.Mask(f => f.IsSoftwareReadable))};");
        var clears = register.Mask(f => f.OnRead == ReadEffect.Clear);
        var sets = register.Mask(f => f.OnRead == ReadEffect.Set);
        if (clears != 0)
            writer.Line($"{_storage} &= ~(accessed & {Text.Hex(clears)});");
        if (sets != 0)
            writer.Line($"{_storage} |= accessed & {Text.Hex(sets)};");
        if (reported.Count > 0)
            CallEffect("Read", "accessed");
        writer.Line("return value;");
        writer.Close();
    }

    public void WriteWrite()
    {
        if (register.IsExternal && register.IsWritable)
            effects.Declare("void", $"Store{register.Name}", $"{_indexParameter}uint value, uint accessed", $"{register.Register.Path} is external");
        var reported = register.ReportedWrites;
        if (reported.Count > 0)
            DeclareEffect("Written", "uint old, uint written, uint accessed", $"a write of {Names(reported)} has an effect");
        writer.Open($"private void Write{register.Name}({_indexParameter}uint value, uint accessed)");
        if (register.Reserved != 0)
            WriteReserved(writer, "", Offset, "value & accessed", register.Reserved);
        if (register.IsExternal && register.IsWritable)
            writer.Line($"Store{register.Name}({_index}value & accessed, accessed);");
        else if (register.IsWritable)
            WriteStore(reported.Count > 0);
        writer.Close();
    }

    private string Offset
    {
        get
        {
            if (!register.IsArray)
                return $"{register.Elements[0].Offset}";
            return register.Stride is { } stride
                ? $"{register.Elements[0].Offset} + {stride} * index"
                : $"index switch {{ {string.Join(", ", register.Elements.Select((e, i) => $"{i} => {e.Offset}"))}, _ => 0 }}";
        }
    }

    private void WriteStore(bool isReported)
    {
        writer.Line($"uint old = {_storage};");
        writer.Line("uint next = old;");
        var held = register.Register.Fields.Where(f => plan.Refusal(f) is not null).ToList();
        var reach = held.Count > 0 ? "open" : "accessed";
        if (held.Count > 0)
            writer.Line("uint open = accessed;");
        foreach (var field in held)
            writer.Line($"if ({plan.Refusal(field)}) open &= ~{Text.Hex((uint)field.Mask)};");
        foreach (var group in register.Register.Fields.Where(f => f.IsSoftwareWritable && !f.IsSinglePulse).GroupBy(f => f.OnWrite))
        {
            var mask = Text.Hex(group.Aggregate(0u, (m, f) => m | (uint)f.Mask));
            switch (group.Key)
            {
                case WriteEffect.None:
                    writer.Line($"next = next & ~({reach} & {mask}) | value & {reach} & {mask};");
                    break;
                case WriteEffect.OneSets:
                    writer.Line($"next |= value & {reach} & {mask};");
                    break;
                case WriteEffect.OneClears:
                    writer.Line($"next &= ~(value & {reach} & {mask});");
                    break;
                case WriteEffect.OneToggles:
                    writer.Line($"next ^= value & {reach} & {mask};");
                    break;
                case WriteEffect.ZeroSets:
                    writer.Line($"next |= ~value & {reach} & {mask};");
                    break;
                case WriteEffect.ZeroClears:
                    writer.Line($"next &= ~(~value & {reach} & {mask});");
                    break;
                case WriteEffect.ZeroToggles:
                    writer.Line($"next ^= ~value & {reach} & {mask};");
                    break;
                case WriteEffect.User:
                    break;
                default:
                    foreach (var field in group)
                        writer.Line($"if (({reach} & {Text.Hex((uint)field.Mask)}) != 0) next {(group.Key == WriteEffect.AnySets ? "|= " : "&= ~")}{Text.Hex((uint)field.Mask)};");
                    break;
            }
        }
        writer.Line($"{_storage} = next;");
        if (isReported)
            CallEffect("Written", "old, value & accessed, accessed");
    }

    /// <summary>Of an array either one method, with the index, or one for each element.</summary>
    private bool HasEffectOfElements(string suffix) =>
        register.IsArray && !effects.IsWritten($"On{register.Name}{suffix}") && register.Elements.Any(e => effects.IsWritten($"On{e.Name}{suffix}"));

    private void DeclareEffect(string suffix, string parameters, string cause)
    {
        if (HasEffectOfElements(suffix))
            foreach (var element in register.Elements)
                effects.Declare("void", $"On{element.Name}{suffix}", parameters, cause);
        else
            effects.Declare("void", $"On{register.Name}{suffix}", _indexParameter + parameters, cause);
    }

    private void CallEffect(string suffix, string arguments)
    {
        if (!HasEffectOfElements(suffix))
        {
            writer.Line($"On{register.Name}{suffix}({_index}{arguments});");
            return;
        }
        writer.Open("switch (index)");
        for (var i = 0; i < register.Elements.Count; i++)
            writer.Line($"case {i}: On{register.Elements[i].Name}{suffix}({arguments}); break;");
        writer.Close();
    }

    private static string Names(IReadOnlyList<Field> fields) => string.Join(", ", fields.Select(f => f.Path));
}
