using System.Collections.Generic;
using System.Linq;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>What a register says that the generated model cannot do, so that nothing of a description is dropped in silence.</summary>
internal static class RegisterCheck
{
    public const int WidestRegister = 32;

    // Inputs of hardware that hold off software's writes, or hold values: a model that ignored them would be wrong.
    private static readonly string[] s_inputs = ["sticky", "stickybit", "incr", "decr"];
    private static readonly string[] s_outputs = ["threshold", "incrthreshold", "decrthreshold", "overflow", "underflow"];
    private static readonly string[] s_amounts = ["incrvalue", "decrvalue", "saturate", "incrsaturate", "decrsaturate"];

    public static (Component Component, string Text)? Of(Register register)
    {
        if (register.Width > WidestRegister)
            return (register, $"{register.Width} bits; a register has at most {WidestRegister} here");
        if (register.AliasOf is not null)
            return (register, "an alias is not supported");
        ulong taken = 0;
        foreach (var field in register.Fields)
        {
            if ((taken & (ulong)field.Mask) != 0)
                return (field, "fields that share bits are not supported; make them two registers at one address");
            taken |= (ulong)field.Mask;
            if (field.Encoding is { Width: > WidestRegister })
                return (field, $"an enumeration of more than {WidestRegister} bits is not supported");
            if (!register.IsExternal && Of(field) is { } text)
                return (field, text);
        }
        return null;
    }

    /// <summary>The fields that software writes into nothing: it cannot read them back, the model does not read them and is not told.</summary>
    public static IEnumerable<Field> LostWrites(PlannedRegister register) => register.Register.Fields
        .Where(f => !register.IsExternal && f.IsSoftwareWritable && !f.IsSoftwareReadable && f.HardwareAccess is (Access.None or Access.Write))
        .Except(register.ReportedWrites);

    private static string? Of(Field field)
    {
        if (field.SoftwareAccess is Access.WriteOnce or Access.ReadWriteOnce)
            return "write once is not supported";
        if (field.IsInterrupt)
            return "interrupts are not supported; their effects are written by hand";
        if (field.ResetFrom is not null)
            return "a reset value that another component gives is not supported; set it after Reset";
        if (field.ResetSignal is not null)
            return "a reset signal of its own is not supported; Reset is one for all, keep the value by hand";
        if (field.IsCounter && field.Width == 1)
            return "a counter of one bit is not supported";
        if (s_inputs.FirstOrDefault(p => IsGiven(field, p)) is { } input)
            return $"{input} is not supported; the model does it by hand";
        if (s_outputs.FirstOrDefault(p => IsGiven(field, p)) is { } output)
            return $"{output} is not supported; the model looks at the counter itself";
        if (s_amounts.FirstOrDefault(p => field[p] is ReferenceValue) is { } amount)
            return $"{amount} from another component is not supported; the model passes the number";
        return null;
    }

    public static bool IsGiven(Field field, string property) => field[property] is not (null or BooleanValue { Value: false });
}
