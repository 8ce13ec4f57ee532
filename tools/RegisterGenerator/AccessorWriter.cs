using System.Linq;
using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>Writes the driver's side of a block.</summary>
internal sealed class AccessorWriter(Target target, AccessorPlan plan)
{
    private readonly SourceWriter _writer = new();

    public string Write()
    {
        if (target.Namespace.Length > 0)
            _writer.Line($"namespace {target.Namespace};");
        _writer.Open($"partial class {target.Name}");
        WriteOffsets();
        foreach (var encoding in plan.Registers.SelectMany(r => r.Register.Fields).Select(f => f.Encoding).OfType<Enumeration>().Distinct())
            NameWriter.WriteEnumeration(_writer, encoding);
        foreach (var register in plan.Registers)
            WriteValue(register);
        WriteAccess();
        _writer.Close();
        return _writer.ToString();
    }

    private void WriteOffsets()
    {
        _writer.Line("/// <summary>Of the registers, in bytes from the start of the block.</summary>");
        _writer.Open("public static class Offsets");
        foreach (var register in plan.Registers)
        {
            _writer.Line(Text.Summary(register.Register));
            if (register.Dimensions.Count == 0)
            {
                _writer.Line($"public const int {register.Name} = {register.Offset};");
                continue;
            }
            _writer.Open($"public static int {register.Name}({register.Parameters})");
            for (var i = 0; i < register.Dimensions.Count; i++)
            {
                _writer.Line($"global::System.ArgumentOutOfRangeException.ThrowIfNegative({register.Index(i)});");
                _writer.Line($"global::System.ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual({register.Index(i)}, {register.Dimensions[i].Count});");
            }
            _writer.Line($"return {register.Offset}{string.Concat(register.Dimensions.Select((d, i) => $" + {d.Stride} * {register.Index(i)}"))};");
            _writer.Close();
        }
        _writer.Close();
    }

    private void WriteValue(AccessedRegister register)
    {
        _writer.Line(Text.Summary(register.Register));
        _writer.Open($"public partial record struct {register.ValueType}");
        _writer.Line("private uint _bits;");
        _writer.Line("/// <summary>What the description gives after a reset; zero where it gives nothing.</summary>");
        _writer.Line($"public static {register.ValueType} AtReset => ({register.ValueType}){Text.Hex((uint)register.Register.Reset)};");
        foreach (var field in register.Register.Fields)
        {
            _writer.Line(Text.Summary(field));
            var property = $"{FieldWriter.Type(field)} {RegisterPlan.Pascal(field.Name)}";
            if (!field.IsSoftwareWritable)
            {
                _writer.Line($"public readonly {property} => {FieldWriter.Get(field, "_bits")};");
                continue;
            }
            _writer.Open($"public {property}");
            _writer.Line($"readonly get => {FieldWriter.Get(field, "_bits")};");
            _writer.Line($"set => {FieldWriter.Set(field, "_bits")};");
            _writer.Close();
        }
        _writer.Line("/// <summary>All bits, the reserved ones too.</summary>");
        _writer.Line($"public static explicit operator uint({register.ValueType} value) => value._bits;");
        _writer.Line("/// <summary>All bits, the reserved ones too.</summary>");
        _writer.Line($"public static explicit operator {register.ValueType}(uint bits) => new() {{ _bits = bits }};");
        _writer.Close();
    }

    private void WriteAccess()
    {
        _writer.Line("/// <summary>Accesses to the registers, each one access to the bus unless it says otherwise.</summary>");
        _writer.Open("public readonly partial struct Access<TBus>(TBus bus)\n        where TBus : global::Registers.IRegisterBus");
        _writer.Line("private readonly TBus _bus = bus;");
        foreach (var register in plan.Registers)
        {
            var comma = register.Dimensions.Count > 0 ? ", " : "";
            if (!register.Register.ReadableMask.IsZero)
            {
                _writer.Line(Text.Summary(register.Register));
                _writer.Line($"public {register.ValueType} Read{register.Name}({register.Parameters}) => ({register.ValueType})_bus.Read({register.Place}, {register.Bytes});");
            }
            if (register.Register.WritableMask.IsZero)
                continue;
            _writer.Line(Text.Summary(register.Register));
            _writer.Line($"public void Write{register.Name}({register.Parameters}{comma}{register.ValueType} value) => _bus.Write({register.Place}, {register.Bytes}, (uint)value);");
            foreach (var field in register.Register.Fields.Where(f => f.IsSoftwareWritable))
                WriteSet(register, field, comma);
        }
        _writer.Close();
    }

    // Where no other field is to be kept, writing the register says it all.
    private void WriteSet(AccessedRegister register, Field field, string comma)
    {
        var update = FieldUpdate.Of(register.Register, field);
        if (update.Disturbed.Count > 0 || update.Kept.IsZero && update.Neutral.IsZero)
            return;
        var name = RegisterPlan.Pascal(field.Name);
        _writer.Line(Text.Summary(field));
        _writer.Line($"/// <remarks>{(update.Kept.IsZero ? "One write" : "A read and a write")}: the register's other fields stay as they are.</remarks>");
        _writer.Open($"public void Set{register.Name}{name}({register.Parameters}{comma}{FieldWriter.Type(field)} value)");
        _writer.Line($"int offset = {register.Place};");
        var kept = update.Kept.IsZero ? "" : $"_bus.Read(offset, {register.Bytes}) & {Text.Hex((uint)update.Kept)}";
        var neutral = update.Neutral.IsZero ? "" : Text.Hex((uint)update.Neutral);
        _writer.Line($"uint bits = {kept}{(kept.Length > 0 && neutral.Length > 0 ? " | " : "")}{neutral};");
        _writer.Line($"{FieldWriter.Set(field, "bits")};");
        _writer.Line($"_bus.Write(offset, {register.Bytes}, bits);");
        _writer.Close();
    }
}
