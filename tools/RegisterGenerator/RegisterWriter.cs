using System.Collections.Generic;
using System.Linq;
using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>Writes the class. All storage is 32 bits wide; an access names the bits that it reaches, so that parts of registers work.</summary>
internal sealed class RegisterWriter(Target target, RegisterPlan plan)
{
    private static readonly int[] s_widths = [1, 2, 4];

    private readonly SourceWriter _writer = new();

    public string Write()
    {
        if (target.Namespace.Length > 0)
            _writer.Line($"namespace {target.Namespace};");
        _writer.Open($"partial class {target.Name}");
        foreach (var register in plan.Registers)
            _writer.Line($"private uint {Storage(register)} = {Hex((uint)register.Register.Reset)};");
        _writer.Open("/// <summary>All registers take their reset values; no effect is called.</summary>\n    public void Reset()");
        foreach (var register in plan.Registers)
            _writer.Line($"{Storage(register)} = {Hex((uint)register.Register.Reset)};");
        _writer.Close();
        WriteDecoder("/// <summary>Software reads 1, 2 or 4 bytes; what no register covers reads as zero.</summary>", "public uint Read(int offset, int width)", false);
        WriteDecoder("/// <summary>Software writes 1, 2 or 4 bytes.</summary>", "public void Write(int offset, int width, uint value)", true);
        _writer.Line("private partial void OnUndecodedRead(int offset, int width);");
        _writer.Line("private partial void OnUndecodedWrite(int offset, int width, uint value);");
        _writer.Line("private partial void OnReservedWrite(int offset, uint bits);");
        foreach (var register in plan.Registers)
        {
            WriteFields(register);
            WriteRead(register);
            WriteWrite(register);
        }
        _writer.Close();
        return _writer.ToString();
    }

    private void WriteDecoder(string summary, string head, bool isWrite)
    {
        _writer.Line(summary);
        _writer.Open(head);
        var reached = plan.Registers.Where(r => isWrite ? IsWriteTarget(r) : r.IsReadable).ToList();
        var end = plan.Registers.Max(r => r.Offset + r.Bytes);
        _writer.Open("switch (width)");
        foreach (var width in s_widths)
        {
            _writer.Line($"case {width}:");
            _writer.Open("    switch (offset)");
            for (var offset = 0; offset < end; offset += width)
                WriteCase(reached.Where(r => r.Offset < offset + width && offset < r.Offset + r.Bytes).ToList(), offset, width, isWrite);
            _writer.Close();
            _writer.Line("    break;");
        }
        _writer.Close();
        _writer.Line(isWrite ? "OnUndecodedWrite(offset, width, value);" : "OnUndecodedRead(offset, width);");
        if (!isWrite)
            _writer.Line("return 0;");
        _writer.Close();
    }

    private void WriteCase(List<PlannedRegister> registers, int offset, int width, bool isWrite)
    {
        if (registers.Count == 0)
            return;
        _writer.Line($"case {offset}:");
        var calls = registers.Select(r =>
        {
            var shift = 8 * (r.Offset - offset);
            var mask = r.All & (uint)(shift >= 0 ? ((1ul << 8 * width) - 1) >> shift : ((1ul << 8 * width) - 1) << -shift);
            if (isWrite)
                return $"    Write{r.Name}({Shifted("value", -shift)}, {Hex(mask)});";
            return Shifted($"Read{r.Name}({Hex(mask)})", shift);
        }).ToList();
        if (!isWrite)
        {
            _writer.Line($"    return {string.Join(" | ", calls)};");
            return;
        }
        foreach (var call in calls)
            _writer.Line(call);
        _writer.Line("    return;");
    }

    // A register that software only reads takes writes too, to report reserved bits, unless another one takes them.
    private bool IsWriteTarget(PlannedRegister register) => register.IsWritable
        || !plan.Registers.Any(r => r.IsWritable && r.Offset < register.Offset + register.Bytes && register.Offset < r.Offset + r.Bytes);

    private void WriteFields(PlannedRegister register)
    {
        foreach (var field in register.Register.Fields)
        {
            var mask = Hex((uint)field.Mask);
            _writer.Line($"/// <summary>{Text(field)}</summary>");
            _writer.Open(field.Width == 1
                ? $"public bool {register.Name}{RegisterPlan.Pascal(field.Name)}"
                : $"public uint {register.Name}{RegisterPlan.Pascal(field.Name)}");
            if (field.Width == 1)
            {
                _writer.Line($"get => ({Storage(register)} & {mask}) != 0;");
                _writer.Line($"set => {Storage(register)} = value ? {Storage(register)} | {mask} : {Storage(register)} & ~{mask};");
            }
            else
            {
                _writer.Line($"get => ({Storage(register)} & {mask}) >> {field.Low};");
                _writer.Line($"set => {Storage(register)} = {Storage(register)} & ~{mask} | unchecked(value << {field.Low}) & {mask};");
            }
            _writer.Close();
        }
    }

    private void WriteRead(PlannedRegister register)
    {
        if (!register.IsReadable)
            return;
        if (register.ReportsReads)
            _writer.Line($"private partial void On{register.Name}Read(uint accessed);");
        _writer.Open($"private uint Read{register.Name}(uint accessed)");
        _writer.Line($"uint value = {Storage(register)} & accessed & {Hex(register.Mask(f => f.IsSoftwareReadable))};");
        var clears = register.Mask(f => f.OnRead == ReadEffect.Clear);
        var sets = register.Mask(f => f.OnRead == ReadEffect.Set);
        if (clears != 0)
            _writer.Line($"{Storage(register)} &= ~(accessed & {Hex(clears)});");
        if (sets != 0)
            _writer.Line($"{Storage(register)} |= accessed & {Hex(sets)};");
        if (register.ReportsReads)
            _writer.Line($"On{register.Name}Read(accessed);");
        _writer.Line("return value;");
        _writer.Close();
    }

    private void WriteWrite(PlannedRegister register)
    {
        if (!IsWriteTarget(register))
            return;
        if (register.ReportsWrites)
            _writer.Line($"private partial void On{register.Name}Written(uint old, uint written, uint accessed);");
        _writer.Open($"private void Write{register.Name}(uint value, uint accessed)");
        if (register.Reserved != 0)
        {
            _writer.Line($"if ((value & accessed & {Hex(register.Reserved)}) != 0)");
            _writer.Line($"    OnReservedWrite({register.Offset}, value & accessed & {Hex(register.Reserved)});");
        }
        if (register.IsWritable)
            WriteStore(register);
        _writer.Close();
    }

    private void WriteStore(PlannedRegister register)
    {
        var storage = Storage(register);
        _writer.Line($"uint old = {storage};");
        _writer.Line("uint next = old;");
        foreach (var group in register.Register.Fields.Where(f => f.IsSoftwareWritable && !f.IsSinglePulse).GroupBy(f => f.OnWrite))
        {
            var mask = group.Aggregate(0u, (m, f) => m | (uint)f.Mask);
            switch (group.Key)
            {
                case WriteEffect.None:
                    _writer.Line($"next = next & ~(accessed & {Hex(mask)}) | value & accessed & {Hex(mask)};");
                    break;
                case WriteEffect.OneSets:
                    _writer.Line($"next |= value & accessed & {Hex(mask)};");
                    break;
                case WriteEffect.OneClears:
                    _writer.Line($"next &= ~(value & accessed & {Hex(mask)});");
                    break;
                case WriteEffect.OneToggles:
                    _writer.Line($"next ^= value & accessed & {Hex(mask)};");
                    break;
                case WriteEffect.ZeroSets:
                    _writer.Line($"next |= ~value & accessed & {Hex(mask)};");
                    break;
                case WriteEffect.ZeroClears:
                    _writer.Line($"next &= ~(~value & accessed & {Hex(mask)});");
                    break;
                case WriteEffect.ZeroToggles:
                    _writer.Line($"next ^= ~value & accessed & {Hex(mask)};");
                    break;
                default:
                    foreach (var field in group)
                        _writer.Line($"if ((accessed & {Hex((uint)field.Mask)}) != 0) next {(group.Key == WriteEffect.AnySets ? "|= " : "&= ~")}{Hex((uint)field.Mask)};");
                    break;
            }
        }
        _writer.Line($"{storage} = next;");
        if (register.ReportsWrites)
            _writer.Line($"On{register.Name}Written(old, value & accessed, accessed);");
    }

    private static string Text(Field field) =>
        (field.Description ?? field.DisplayName ?? field.Name).Replace("&", "&amp;").Replace("<", "&lt;").Replace('\n', ' ').Replace('\r', ' ');

    private static string Shifted(string value, int bits) => bits == 0 ? value : $"{value} {(bits > 0 ? "<<" : ">>")} {System.Math.Abs(bits)}";

    private static string Storage(PlannedRegister register) => "_" + char.ToLowerInvariant(register.Name[0]) + register.Name.Substring(1);

    private static string Hex(uint value) => "0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture) + "u";
}
