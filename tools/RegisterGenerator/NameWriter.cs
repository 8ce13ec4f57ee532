using System;
using System.Linq;
using Generators;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>
/// Writes what the hand-written part calls things by: offsets and masks, enumerations that fields are encoded with, the data sheet's
/// names for events.
/// </summary>
internal sealed class NameWriter(SourceWriter writer, RegisterPlan plan)
{
    /// <param name="isWriteTarget">Which of two registers at one address takes writes.</param>
    public void Write(Func<PlannedRegister, bool> isWriteTarget)
    {
        foreach (var register in plan.Registers)
        {
            foreach (var element in register.Elements)
            {
                writer.Line($"/// <summary>Offset of {Text.Escaped(DisplayName(register))}, in bytes.</summary>");
                writer.Line($"public const int {element.Name}Offset = {element.Offset};");
            }
            foreach (var field in register.Register.Fields)
            {
                writer.Line(Text.Summary(field));
                writer.Line($"public const uint {register.Name}{RegisterPlan.Pascal(field.Name)}Mask = {Text.Hex((uint)field.Mask)};");
            }
        }
        foreach (var encoding in plan.Registers.SelectMany(r => r.Register.Fields).Select(f => f.Encoding).OfType<Enumeration>().Distinct())
            WriteEnumeration(writer, encoding);
        WriteNames(isWriteTarget);
    }

    public static void WriteEnumeration(SourceWriter writer, Enumeration encoding)
    {
        writer.Open($"public enum {RegisterPlan.Pascal(encoding.Name)} : uint");
        foreach (var member in encoding.Members)
        {
            writer.Line(Text.Summary(member.Description ?? member.DisplayName ?? member.Name));
            writer.Line($"{RegisterPlan.Pascal(member.Name)} = {Text.Hex((uint)member.Value)},");
        }
        writer.Close();
    }

    private void WriteNames(Func<PlannedRegister, bool> isWriteTarget)
    {
        writer.Line("/// <summary>What the description calls the register that takes writes at an offset; null when none begins there.</summary>");
        writer.Open("public static string? RegisterName(int offset) => offset switch");
        foreach (var register in plan.Registers.Where(isWriteTarget))
            foreach (var element in register.Elements)
                writer.Line($"{element.Offset} => {Text.Literal(DisplayName(register))},");
        writer.Line("_ => null,");
        writer.Close(";");
    }

    private static string DisplayName(PlannedRegister register) => register.Register.DisplayName ?? register.Register.Name;
}
