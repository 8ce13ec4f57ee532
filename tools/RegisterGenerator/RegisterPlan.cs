using System.Collections.Generic;
using System.Linq;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>A block's registers as a model has them: one storage for each, arrays taken apart.</summary>
internal sealed record RegisterPlan(IReadOnlyList<PlannedRegister> Registers, (Component Component, string Text)? Problem)
{
    private const int MostRegisters = 1024;
    private const int WidestRegister = 32;

    public static RegisterPlan Of(Block block)
    {
        List<PlannedRegister> registers = [];
        var problem = Add(block, "", 0, registers);
        return new RegisterPlan(registers, problem);
    }

    private static (Component Component, string Text)? Add(Block block, string prefix, ulong offset, List<PlannedRegister> registers)
    {
        if (block.IsBigEndian)
            return (block, "bigendian is not supported; accesses are little-endian");
        foreach (var child in block.Children)
        {
            if (child.Kind == ComponentKind.Memory)
                return (child, "a mem is not part of a register file; place it outside of this block");
            for (var i = 0; i < child.Count; i++)
            {
                if (registers.Count >= MostRegisters)
                    return (child, $"more than {MostRegisters} registers in one class; take smaller blocks");
                var name = prefix + Pascal(child.Name) + string.Concat(child.ElementIndexes) + (child.Dimensions.Count > 0 ? $"{i}" : "");
                var place = offset + child.Offset + child.Stride * (ulong)i;
                var problem = child is Register register ? Check(register) : Add((Block)child, name, place, registers);
                if (problem is not null)
                    return problem;
                if (child is Register checkedRegister)
                    registers.Add(new PlannedRegister(checkedRegister, name, (int)place));
            }
        }
        return null;
    }

    private static (Component Component, string Text)? Check(Register register)
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
            if (field.SoftwareAccess is Access.WriteOnce or Access.ReadWriteOnce)
                return (field, "write once is not supported");
            if (field.OnRead == ReadEffect.User || field.OnWrite == WriteEffect.User)
                return (field, "ruser and wuser are not supported; use swacc and swmod, whose effects are written by hand");
            if (field.IsCounter || field.IsInterrupt)
                return (field, "counters and interrupts are not supported; their effects are written by hand");
        }
        return null;
    }

    /// <summary>Such as BusMaster for busMaster and bus_master.</summary>
    public static string Pascal(string name) => string.Concat(
        name.Split('_').Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w.Substring(1)));
}

/// <summary>One register of the class.</summary>
/// <param name="Register">As the description has it.</param>
/// <param name="Name">In the class.</param>
/// <param name="Offset">In bytes from the start of the block.</param>
internal sealed record PlannedRegister(Register Register, string Name, int Offset)
{
    public int Bytes => Register.Width / 8;

    public bool IsReadable => !Register.ReadableMask.IsZero;

    public bool IsWritable => !Register.WritableMask.IsZero;

    /// <summary>Whether a write of software has an effect beyond the storage.</summary>
    public bool ReportsWrites => Register.Fields.Any(f => f.IsSoftwareWritable && (f.Has("swmod") || f.Has("swacc") || f.IsSinglePulse));

    /// <summary>Whether a read of software has an effect beyond the storage.</summary>
    public bool ReportsReads => Register.Fields.Any(f => f.IsSoftwareReadable && f.Has("swacc"));

    public uint All => Register.Width == 32 ? uint.MaxValue : (1u << Register.Width) - 1;

    public uint Reserved => All & ~Mask(_ => true);

    public uint Mask(System.Func<Field, bool> which) => Register.Fields.Where(which).Aggregate(0u, (mask, f) => mask | (uint)f.Mask);
}
