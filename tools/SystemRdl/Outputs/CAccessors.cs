using System;
using System.Collections.Generic;
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
        // To a pulse a written zero is nothing.
        var others = register.Fields.Where(f => f != field && f.IsSoftwareWritable && !f.IsSinglePulse).ToList();
        var kept = others.Where(f => f.OnWrite == WriteEffect.None && f.SoftwareAccess == Access.ReadWrite).ToList();
        var untouchedByOne = others.Where(f => f.OnWrite is WriteEffect.ZeroClears or WriteEffect.ZeroSets or WriteEffect.ZeroToggles).ToList();
        var lost = others.Except(kept).Except(untouchedByOne)
            .Where(f => f.OnWrite is not (WriteEffect.OneClears or WriteEffect.OneSets or WriteEffect.OneToggles)).ToList();
        var disturbed = kept.Count == 0 ? [] : register.Fields.Where(f => f.OnRead != ReadEffect.None).ToList();
        if (lost.Count > 0 || disturbed.Count > 0)
        {
            line($"/* {field.Name}: no set, which could not leave {string.Join(", ", lost.Concat(disturbed).Select(f => f.Name).Distinct())} as it is; write the whole register. */");
            return;
        }
        var keep = kept.Count == 0 ? "" : $"({place.FunctionName}_read(base{place.Arguments}) & {Constant(Mask(kept))}) | ";
        var neutral = untouchedByOne.Count == 0 ? "" : $"{Constant(Mask(untouchedByOne))} | ";
        line($"static inline void {name.ToLowerInvariant()}_set(uintptr_t base{place.FunctionParameters}, {type} value) "
            + $"{{ {place.FunctionName}_write(base{place.Arguments}, ({type})({keep}{neutral}((({type})(value) << {name}_SHIFT) & {name}_MASK))); }}");
    }

    private string Constant(BigInteger value) => CHeader.Constant(value, register.Width);

    private static BigInteger Mask(IEnumerable<Field> fields) => fields.Aggregate(BigInteger.Zero, (mask, f) => mask | f.Mask);
}
