using System.Collections.Generic;
using System.Linq;
using Generators;

namespace RegisterGenerator;

/// <summary>Writes the class: storage, reset and address decoding; the rest is of <see cref="AccessWriter"/> and <see cref="FieldWriter"/>.</summary>
internal sealed class RegisterWriter(Target target, RegisterPlan plan)
{
    private const int FewestInRange = 4;
    private static readonly int[] s_widths = [4, 2, 1];

    private readonly SourceWriter _writer = new();

    /// <summary>What is missing in the hand-written part, and the description's fields that lack a handler.</summary>
    public List<Finding> Findings { get; } = [];

    public string Write()
    {
        foreach (var register in plan.Registers)
            foreach (var field in RegisterCheck.LostWrites(register))
                Findings.Add(target.Finding(RegisterDiagnostics.LostWrite, field.Path));
        var effects = new EffectWriter(_writer, target, Findings);
        if (target.Namespace.Length > 0)
            _writer.Line($"namespace {target.Namespace};");
        _writer.Open($"partial class {target.Name}");
        WriteStorage();
        WriteDecoder("/// <summary>Software reads 1, 2 or 4 bytes; what no register covers reads as zero, or as the effect says.</summary>", $"public {target.Override("Read")}uint Read(int offset, int width)", false);
        WriteDecoder("/// <summary>Software writes 1, 2 or 4 bytes.</summary>", $"public {target.Override("Write")}void Write(int offset, int width, uint value)", true);
        effects.Declare(target.AnswersUndecodedReads ? "uint" : "void", Target.UndecodedRead, "int offset, int width", $"{target.Name}: a read that no register takes has an effect");
        effects.Declare("void", "OnUndecodedWrite", "int offset, int width, uint value", $"{target.Name}: a write that no register takes has an effect");
        effects.Declare("void", "OnReservedWrite", "int offset, uint bits", $"{target.Name}: ones written to reserved bits have an effect");
        new NameWriter(_writer, plan).Write(IsWriteTarget);
        foreach (var register in plan.Registers)
        {
            var access = new AccessWriter(_writer, effects, plan, register);
            if (register.IsReadable)
                access.WriteRead();
            if (IsWriteTarget(register) && !register.IgnoresWrites)
                access.WriteWrite();
            if (!register.IsExternal)
                new FieldWriter(_writer, register).Write();
        }
        _writer.Close();
        return _writer.ToString();
    }

    private void WriteStorage()
    {
        var stored = plan.Registers.Where(r => !r.IsExternal).ToList();
        foreach (var register in stored)
            _writer.Line($"private {Type(register)} {register.Storage} = {Initial(register)};");
        _writer.Open("/// <summary>All registers take their reset values; no effect is called.</summary>\n    public void Reset()");
        foreach (var register in stored)
            _writer.Line($"{register.Storage} = {Initial(register)};");
        _writer.Close();
        foreach (var count in stored.Where(r => r.IsArray).Select(r => r.Elements.Count).Distinct())
        {
            _writer.Line($"[global::System.Runtime.CompilerServices.InlineArray({count})]");
            _writer.Open($"private struct Storage{count}");
            _writer.Line("private uint _first;");
            _writer.Open($"public static Storage{count} Of(uint value)");
            _writer.Line($"Storage{count} all = default;");
            _writer.Line("((global::System.Span<uint>)all).Fill(value);");
            _writer.Line("return all;");
            _writer.Close();
            _writer.Close();
        }
    }

    private static string Type(PlannedRegister register) => register.IsArray ? $"Storage{register.Elements.Count}" : "uint";

    private static string Initial(PlannedRegister register) => register.IsArray ? $"{Type(register)}.Of({Text.Hex(register.Reset)})" : Text.Hex(register.Reset);

    private void WriteDecoder(string summary, string head, bool isWrite)
    {
        _writer.Line(summary);
        _writer.Open(head);
        var reached = plan.Registers.Where(r => isWrite ? IsWriteTarget(r) : r.IsReadable)
            .SelectMany(r => r.Elements.Select((e, i) => new Place(r, e.Offset, i))).ToList();
        if (reached.Count > 0)
            WriteWidths(reached, isWrite);
        if (isWrite)
        {
            _writer.Line("OnUndecodedWrite(offset, width, value);");
        }
        else
        {
            _writer.Line($"{(target.AnswersUndecodedReads ? "return " : "")}{Target.UndecodedRead}(offset, width);");
            if (!target.AnswersUndecodedReads)
                _writer.Line("return 0;");
        }
        _writer.Close();
    }

    private void WriteWidths(List<Place> reached, bool isWrite)
    {
        _writer.Open("switch (width)");
        foreach (var width in s_widths)
        {
            var cases = reached.SelectMany(p => Enumerable.Range(p.Offset / width, (p.Offset + p.Register.Bytes - 1) / width - p.Offset / width + 1)
                    .Select(number => (Number: number, Place: p)))
                .GroupBy(c => c.Number, c => c.Place).OrderBy(c => c.Key)
                .Where(c => c.All(p => p.Register.AccessBytes <= width)).ToList();
            var arrays = plan.Registers.Where(r => cases.Where(c => c.Any(p => p.Register == r)).ToList() is { Count: >= FewestInRange } own
                && own.Count == r.Elements.Count && own.All(c => c.Count() == 1) && r.Bytes == width && r.Stride is not null).ToList();
            cases.RemoveAll(c => arrays.Contains(c.First().Register));
            if (cases.Count + arrays.Count == 0)
                continue;
            // Numbers without gaps become a jump table.
            _writer.Open(width == 1 ? "case 1:" : $"case {width} when (offset & {width - 1}) == 0:");
            if (cases.Count > 0)
                WriteCases(cases, width, isWrite);
            foreach (var array in arrays)
                WriteRange(array, isWrite);
            _writer.Line("break;");
            _writer.Close();
        }
        _writer.Close();
    }

    private void WriteCases(List<IGrouping<int, Place>> cases, int width, bool isWrite)
    {
        _writer.Open($"switch ({Text.Shifted("offset", -width / 2)})");
        foreach (var found in cases)
        {
            var offset = found.Key * width;
            _writer.Line($"case {found.Key}:");
            if (isWrite)
                WriteCase([.. found], offset, width);
            else
                _writer.Line($"    return {string.Join(" | ", found.Select(p => AccessWriter.ReadCall(p.Register, $"{p.Index}", Reach(p, offset, width), 8 * (p.Offset - offset))))};");
        }
        _writer.Close();
    }

    /// <summary>The elements of an array by arithmetic: no case for each, and no jump to predict.</summary>
    private void WriteRange(PlannedRegister array, bool isWrite)
    {
        var first = array.Elements[0].Offset;
        var stride = (uint)array.Stride!;
        var place = $"unchecked((uint)(offset - {first}))";
        var aligned = stride == array.Bytes ? "" : $" && {place} % {stride} == 0";
        var head = $"if ({place} < {(uint)array.Elements.Count * stride}{aligned})";
        var index = $"unchecked((int)((uint)(offset - {first}) / {stride}))";
        if (!isWrite)
        {
            _writer.Line(head);
            _writer.Line($"    return {AccessWriter.ReadCall(array, index, array.All, 0)};");
            return;
        }
        _writer.Open(head);
        if (!array.IgnoresWrites)
            _writer.Line($"{AccessWriter.WriteCall(array, index, "value", array.All)};");
        _writer.Line("return;");
        _writer.Close();
    }

    private void WriteCase(List<Place> places, int offset, int width)
    {
        // Ones between the registers are not lost in silence.
        var between = places.Aggregate(Ones(width), (mask, p) => mask & ~Text.Shifted(Reach(p, offset, width), 8 * (p.Offset - offset)));
        if (between != 0)
        {
            var first = 0;
            while ((between >> 8 * first & 0xff) == 0)
                first++;
            AccessWriter.WriteReserved(_writer, "    ", $"{offset + first}", Text.Shifted("value", -8 * first), between >> 8 * first);
        }
        foreach (var place in places.Where(p => !p.Register.IgnoresWrites))
            _writer.Line($"    {AccessWriter.WriteCall(place.Register, $"{place.Index}", Text.Shifted("value", 8 * (offset - place.Offset)), Reach(place, offset, width))};");
        _writer.Line("    return;");
    }

    /// <summary>The bits of the register that an access covers.</summary>
    private static uint Reach(Place place, int offset, int width) => place.Register.All & Text.Shifted(Ones(width), 8 * (offset - place.Offset));

    private static uint Ones(int width) => uint.MaxValue >> 32 - 8 * width;

    // A register that software only reads takes writes too, to report reserved bits, unless another one takes them.
    private bool IsWriteTarget(PlannedRegister register) => register.IsWritable || !plan.Registers.Any(r => r.IsWritable && r.Overlaps(register));
}

/// <summary>A register, or one element of an array of them.</summary>
internal sealed record Place(PlannedRegister Register, int Offset, int Index);
