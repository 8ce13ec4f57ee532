using System.Globalization;

namespace Registers;

/// <summary>A register's value in the words of its description: <c>start|toMemory</c>, <c>readDma</c>, <c>recoveryTime=0x2|decodeEnable</c>.</summary>
internal static class FieldText
{
    /// <summary>Says what is set. A field of one bit is its name; a wider one has its value, by name where the description names it; one that
    /// is alone in its register is the value alone. Zeros without a name are left out, bits that belong to no field are a number.</summary>
    /// <param name="fields">The register's fields.</param>
    /// <param name="low">The lowest bit of the register that was reached.</param>
    /// <param name="bits">How many bits were reached.</param>
    /// <param name="value">Their value.</param>
    internal static string Of(IReadOnlyList<RegisterField> fields, int low, int bits, ulong value)
    {
        if (fields is [{ Width: > 1 } only])
            return only.Low == low && only.Width <= bits && Name(only, value) is { } known ? known : Hexadecimal(value);
        List<string> words = [];
        ulong rest = value;
        foreach (var field in fields)
        {
            int first = Math.Max(field.Low, low), end = Math.Min(field.Low + field.Width, low + bits);
            if (first >= end)
                continue;
            ulong mask = end - first >= 64 ? ulong.MaxValue : (1UL << (end - first)) - 1;
            ulong part = value >> (first - low) & mask;
            rest &= ~(mask << (first - low));
            bool isWhole = end - first == field.Width;
            if (isWhole && Name(field, part) is { } name)
                words.Add($"{field.Name}={name}");
            else if (field.Width == 1 && part != 0)
                words.Add(field.Name);
            else if (part != 0)
                words.Add(field.Name + (isWhole ? "" : Bits(end - 1 - field.Low, first - field.Low)) + "=" + Hexadecimal(part));
        }
        if (rest != 0)
            words.Add(Hexadecimal(rest));
        return words.Count == 0 ? "0" : string.Join('|', words);
    }

    private static string? Name(RegisterField field, ulong value)
    {
        foreach (var known in field.Values)
        {
            if (known.Value == value)
                return known.Name;
        }
        return null;
    }

    private static string Bits(int high, int low) => string.Create(CultureInfo.InvariantCulture, $"[{high}:{low}]");

    internal static string Hexadecimal(ulong value) => value == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
