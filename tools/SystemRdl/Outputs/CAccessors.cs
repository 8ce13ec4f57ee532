using System;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>The inline functions of one register: the whole, and each field.</summary>
internal sealed class CAccessors(CPlace place, Register register, Action<string> line)
{
    private readonly string type = $"uint{register.Width}_t";

    public void Write()
    {
        if (!register.ReadableMask.IsZero)
            line($"static inline {type} {place.FunctionName}_read(uintptr_t base{place.FunctionParameters}) "
                + $"{{ return REGISTER_READ({register.Width}, base, {Offset}); }}");
        if (!register.WritableMask.IsZero)
            line($"static inline void {place.FunctionName}_write(uintptr_t base{place.FunctionParameters}, {type} value) "
                + $"{{ REGISTER_WRITE({register.Width}, base, {Offset}, value); }}");
        foreach (var field in register.Fields)
        {
            if (field.IsSoftwareReadable)
                WriteGet(field);
            if (field.IsSoftwareWritable)
                WriteSet(field);
        }
    }

    private string Offset => $"{place.Name}_OFFSET{place.MacroParameters}";

    private void WriteGet(Field field)
    {
        var name = place.NameOf(field);
        line($"static inline {type} {name.ToLowerInvariant()}_get(uintptr_t base{place.FunctionParameters}) "
            + $"{{ return ({type})(({place.FunctionName}_read(base{place.Arguments}) & {name}_MASK) >> {name}_SHIFT); }}");
    }

    /// <summary>A write reaches every field of the register: the others must come out of it unchanged, or there is no such function.</summary>
    private void WriteSet(Field field)
    {
        var name = place.NameOf(field);
        var update = FieldUpdate.Of(register, field);
        if (update.Disturbed.Count > 0)
        {
            line($"/* {field.Name}: no set, which could not leave {string.Join(", ", update.Disturbed.Select(f => f.Name).Distinct())} as it is; write the whole register. */");
            return;
        }
        var keep = update.Kept.IsZero ? "" : $"({place.FunctionName}_read(base{place.Arguments}) & {Constant(update.Kept)}) | ";
        var neutral = update.Neutral.IsZero ? "" : $"{Constant(update.Neutral)} | ";
        line($"static inline void {name.ToLowerInvariant()}_set(uintptr_t base{place.FunctionParameters}, {type} value) "
            + $"{{ {place.FunctionName}_write(base{place.Arguments}, ({type})({keep}{neutral}((({type})(value) << {name}_SHIFT) & {name}_MASK))); }}");
    }

    private string Constant(BigInteger value) => CHeader.Constant(value, register.Width);
}
