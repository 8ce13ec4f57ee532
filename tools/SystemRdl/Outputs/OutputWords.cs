using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text;

namespace SystemRdl;

/// <summary>How the outputs spell numbers, names and access.</summary>
internal static class OutputWords
{
    /// <summary>Such as 0x1f0, without leading zeros.</summary>
    public static string Hexadecimal(BigInteger value)
    {
        var digits = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return "0x" + (digits.Length == 0 ? "0" : digits);
    }

    /// <summary>Such as BUS_MASTER for busMaster and bus_master: the words of a name in capitals.</summary>
    public static string Capitals(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1])))
                text.Append('_');
            text.Append(char.ToUpperInvariant(name[i]));
        }
        return text.ToString();
    }

    /// <summary>A name and, in an array whose elements differ, which element: such as <c>timing[1]</c>.</summary>
    public static string NameOf(Component component) => component.Name + string.Concat(component.ElementIndexes.Select(i => $"[{i}]"));

    /// <summary>The path below the top, with the counts of arrays: such as <c>busMaster.channel[2].command</c>.</summary>
    public static string PathOf(AddressableComponent component)
    {
        var name = NameOf(component) + string.Concat(component.Dimensions.Select(d => $"[{d}]"));
        return component.Parent is AddressableComponent { Parent: not null } parent ? $"{PathOf(parent)}.{name}" : name;
    }

    /// <summary>What software may do, and what else happens then.</summary>
    public static string AccessOf(Field field)
    {
        List<string> words = [Access(field.SoftwareAccess)];
        words.AddRange(new[] { OnRead(field.OnRead), OnWrite(field.OnWrite) }.Where(w => w.Length > 0));
        if (field.IsSinglePulse)
            words.Add("a written one is a pulse");
        return string.Join("; ", words);
    }

    /// <summary>What software may do with a register: all that it may do with any of its fields.</summary>
    public static string AccessOf(Register register) =>
        (register.Fields.Any(f => f.IsSoftwareReadable), register.Fields.Any(f => f.IsSoftwareWritable)) switch
        {
            (true, true) => Access(SystemRdl.Access.ReadWrite),
            (true, false) => Access(SystemRdl.Access.Read),
            (false, true) => Access(SystemRdl.Access.Write),
            _ => Access(SystemRdl.Access.None),
        };

    public static string Access(Access access) => access switch
    {
        SystemRdl.Access.Read => "read-only",
        SystemRdl.Access.Write => "write-only",
        SystemRdl.Access.ReadWrite => "read/write",
        SystemRdl.Access.ReadWriteOnce => "read, write once",
        SystemRdl.Access.WriteOnce => "write once",
        _ => "no access",
    };

    private static string OnRead(ReadEffect effect) => effect switch
    {
        ReadEffect.Clear => "reading clears",
        ReadEffect.Set => "reading sets",
        ReadEffect.User => "reading has an effect",
        _ => "",
    };

    private static string OnWrite(WriteEffect effect) => effect switch
    {
        WriteEffect.OneSets => "writing one sets",
        WriteEffect.OneClears => "writing one clears",
        WriteEffect.OneToggles => "writing one toggles",
        WriteEffect.ZeroSets => "writing zero sets",
        WriteEffect.ZeroClears => "writing zero clears",
        WriteEffect.ZeroToggles => "writing zero toggles",
        WriteEffect.AnyClears => "any write clears",
        WriteEffect.AnySets => "any write sets",
        WriteEffect.User => "writing has an effect",
        _ => "",
    };
}
