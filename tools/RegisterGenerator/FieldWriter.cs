using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>How the model reads and changes a register's fields: a property for each, methods with an index in arrays, and counting.</summary>
internal sealed class FieldWriter(SourceWriter writer, PlannedRegister register)
{
    public void Write()
    {
        WriteWhole();
        foreach (var field in register.Register.Fields)
        {
            var name = RegisterPlan.Pascal(field.Name);
            for (var i = 0; i < register.Elements.Count; i++)
                WriteProperty(field, register.Elements[i].Name + name, register.IsArray ? $"{register.Storage}[{i}]" : register.Storage);
            if (register.IsArray)
                WriteIndexed(field, register.Name + name);
            if (!field.IsCounter)
                continue;
            var counts = field["decrvalue"] is not null || field["decrwidth"] is not null || field["decrsaturate"] is not null;
            if (!counts || field["incrvalue"] is not null || field["incrwidth"] is not null || field["incrsaturate"] is not null)
                WriteCount(field, name, "Increment", "incr");
            if (counts)
                WriteCount(field, name, "Decrement", "decr");
        }
    }

    public static string Type(Field field) => field.Encoding is { } encoding ? RegisterPlan.Pascal(encoding.Name) : field.Width == 1 ? "bool" : "uint";

    /// <summary>The field's value, as C#, of the bits that an expression gives.</summary>
    public static string Get(Field field, string storage)
    {
        var mask = (uint)field.Mask;
        var number = Text.Shifted(mask == uint.MaxValue ? storage : $"({storage} & {Text.Hex(mask)})", -field.Low);
        return field.Encoding is not null ? $"({Type(field)})({number})" : field.Width == 1 ? $"({storage} & {Text.Hex(mask)}) != 0" : number;
    }

    /// <summary>An assignment, as C#, of <c>value</c> to the field's bits.</summary>
    public static string Set(Field field, string storage)
    {
        var mask = Text.Hex((uint)field.Mask);
        if (field.Width == 1 && field.Encoding is null)
            return $"{storage} = value ? {storage} | {mask} : {storage} & ~{mask}";
        var number = field.Encoding is null ? "value" : "(uint)value";
        return field.Width == 32 ? $"{storage} = {number}" : $"{storage} = {storage} & ~{mask} | {Text.Shifted(number, field.Low)} & {mask}";
    }

    /// <summary>All fields at once, without side effects.</summary>
    private void WriteWhole()
    {
        var mask = Text.Hex(register.Mask(_ => true));
        for (var i = 0; i < register.Elements.Count; i++)
        {
            var storage = register.IsArray ? $"{register.Storage}[{i}]" : register.Storage;
            writer.Line($"/// <summary>All fields of {Text.Escaped(register.Register.DisplayName ?? register.Register.Name)}; no effect is called.</summary>");
            writer.Open($"public uint {register.Elements[i].Name}Register");
            writer.Line($"get => {storage};");
            writer.Line($"set => {storage} = value & {mask};");
            writer.Close();
        }
        if (!register.IsArray)
            return;
        writer.Line("/// <summary>All fields of an element; no effect is called.</summary>");
        writer.Line($"public uint {register.Name}Register(int index) => {register.Storage}[index];");
        writer.Line("/// <summary>All fields of an element; no effect is called.</summary>");
        writer.Line($"public void Set{register.Name}Register(int index, uint value) => {register.Storage}[index] = value & {mask};");
    }

    private void WriteProperty(Field field, string name, string storage)
    {
        writer.Line(Text.Summary(field));
        writer.Open($"public {Type(field)} {name}");
        writer.Line($"get => {Get(field, storage)};");
        writer.Line($"set => {Set(field, storage)};");
        writer.Close();
    }

    private void WriteIndexed(Field field, string name)
    {
        var storage = $"{register.Storage}[index]";
        writer.Line(Text.Summary(field));
        writer.Line($"public {Type(field)} {name}(int index) => {Get(field, storage)};");
        writer.Line(Text.Summary(field));
        writer.Line($"public void Set{name}(int index, {Type(field)} value) => {Set(field, storage)};");
    }

    /// <summary>Counters stop at their bound where they saturate, else they wrap (clause 9.8).</summary>
    private void WriteCount(Field field, string name, string verb, string prefix)
    {
        var most = uint.MaxValue >> 32 - field.Width;
        var up = prefix == "incr";
        uint? bound = field[prefix + "saturate"] switch
        {
            BooleanValue { Value: true } => up ? most : 0,
            NumberValue number => (uint)number.Value,
            _ => null,
        };
        var step = field[prefix + "value"] is NumberValue given ? (uint)given.Value : 1;
        var current = register.IsArray ? $"{register.Name}{name}(index)" : register.Name + name;
        var next = (up, bound) switch
        {
            (true, { } stop) when stop == most => $"(uint)ulong.Min((ulong){current} + by, {Text.Hex(stop)})",
            (true, { } stop) => $"{current} > {Text.Hex(stop)} ? {current} : (uint)ulong.Min((ulong){current} + by, {Text.Hex(stop)})",
            (false, 0) => $"{current} - uint.Min(by, {current})",
            (false, { } stop) => $"{current} < {Text.Hex(stop)} ? {current} : {current} - uint.Min(by, {current} - {Text.Hex(stop)})",
            (true, _) => $"unchecked({current} + by)",
            _ => $"unchecked({current} - by)",
        };
        writer.Line($"/// <summary>{(up ? "Counts up" : "Counts down")}{(bound is { } b ? $", to {b} and not beyond" : "; wraps")}.</summary>");
        writer.Line(register.IsArray
            ? $"public void {verb}{register.Name}{name}(int index, uint by = {step}) => Set{register.Name}{name}(index, {next});"
            : $"public void {verb}{register.Name}{name}(uint by = {step}) => {register.Name}{name} = {next};");
    }
}
