using System.Collections.Generic;
using Generators;

namespace ServiceGenerator;

/// <summary>
/// Spells the statements that put values into messages and take them out. Values that need more than one step get a pair of
/// helper methods in a class that proxy and dispatcher share.
/// </summary>
internal sealed class MarshalWriter(string helperClass)
{
    private readonly Dictionary<string, string> _helperNames = [];
    private readonly HashSet<string> _namesTaken = [];
    private readonly List<Transfer> _helpers = [];

    /// <summary>The statement that appends <paramref name="value"/>.</summary>
    public string Write(Transfer transfer, string value, string message) => transfer switch
    {
        { Kind: TransferKind.Value } => $"{message}.Write<{transfer.TypeName}>({value});",
        { Kind: TransferKind.Text } => $"{message}.WriteString({value});",
        { Kind: TransferKind.Capability } => $"{message}.WriteCapability({value});",
        { Kind: TransferKind.Array, IsNullable: false, Element.Kind: TransferKind.Value } => $"{message}.WriteArray<{transfer.Element!.TypeName}>({value});",
        _ => $"{helperClass}.Write{HelperName(transfer)}({message}, {value});",
    };

    /// <summary>The expression that takes the next value.</summary>
    /// <param name="transfer">Its type.</param>
    /// <param name="message">The message's name in scope.</param>
    /// <param name="what">What the value is, for the error at a null that must not be there.</param>
    public string Read(Transfer transfer, string message, string what) => transfer switch
    {
        { Kind: TransferKind.Value } => $"{message}.Read<{transfer.TypeName}>()",
        { Kind: TransferKind.Text, IsNullable: true } => $"{message}.ReadString()",
        { Kind: TransferKind.Text } => $"({message}.ReadString() ?? throw new global::L4.ServiceException(global::L4.ServiceError.BadArgument, \"{what} is null\"))",
        { Kind: TransferKind.Capability } => $"{message}.ReadCapability()",
        { Kind: TransferKind.Array, IsNullable: false, Element.Kind: TransferKind.Value } => $"{message}.ReadArray<{transfer.Element!.TypeName}>()",
        _ => $"{helperClass}.Read{HelperName(transfer)}({message})",
    };

    /// <summary>Writes the class of the helper methods that were named so far, if there are any.</summary>
    public void WriteHelpers(SourceWriter writer)
    {
        if (_helpers.Count == 0)
            return;
        writer.Line();
        writer.Open($"file static class {helperClass}");
        // Writing a helper may ask for helpers of its members, which then follow in the same list.
        for (int i = 0; i < _helpers.Count; i++)
        {
            if (i > 0)
                writer.Line();
            var transfer = _helpers[i];
            // Arrays and spans share the helper: an array converts to a span, but a null array would arrive as an empty one.
            string parameterType = transfer is { Kind: TransferKind.Array, IsNullable: false }
                ? $"global::System.ReadOnlySpan<{transfer.Element!.FullTypeName}>"
                : transfer.FullTypeName;
            writer.Open($"internal static void Write{HelperName(transfer)}(global::L4.Message message, {parameterType} value)");
            WriteBody(writer, transfer);
            writer.Close();
            writer.Line();
            writer.Open($"internal static {transfer.FullTypeName} Read{HelperName(transfer)}(global::L4.Message message)");
            ReadBody(writer, transfer);
            writer.Close();
        }
        writer.Close();
    }

    private void WriteBody(SourceWriter writer, Transfer transfer)
    {
        if (transfer.IsNullable)
        {
            writer.Line("message.Write<bool>(value is not null);");
            writer.Line("if (value is null)");
            writer.Line("    return;");
        }
        if (transfer.Element is { Kind: TransferKind.Value } plain)
        {
            writer.Line($"message.WriteArray<{plain.TypeName}>(value);");
        }
        else if (transfer.Element is { } element)
        {
            writer.Line("message.Write<int>(value.Length);");
            writer.Line("foreach (var element in value)");
            writer.Line("    " + Write(element, "element", "message"));
        }
        foreach (var (name, member) in transfer.Members)
            writer.Line(Write(member, "value." + Spelling.Identifier(name), "message"));
    }

    private void ReadBody(SourceWriter writer, Transfer transfer)
    {
        if (transfer.IsNullable)
        {
            writer.Line("if (!message.Read<bool>())");
            writer.Line("    return null;");
        }
        if (transfer.Element is { Kind: TransferKind.Value } plain)
        {
            writer.Line($"return message.ReadArray<{plain.TypeName}>();");
        }
        else if (transfer.Element is { } element)
        {
            writer.Line("int count = message.Read<int>();");
            writer.Line("if (count < 0 || count > global::L4.Message.Size)");
            writer.Line("    throw new global::L4.ServiceException(global::L4.ServiceError.BadArgument, $\"an array of {count} elements does not fit a message\");");
            writer.Line($"var elements = global::System.GC.AllocateUninitializedArray<{element.FullTypeName}>(count);");
            writer.Line("for (int i = 0; i < count; i++)");
            writer.Line($"    elements[i] = {Read(element, "message", "an element of " + transfer.Word)};");
            writer.Line("return elements;");
        }
        else
        {
            // Arguments are evaluated from left to right, the order in which they were written.
            writer.Line($"return new {transfer.TypeName}(");
            for (int i = 0; i < transfer.Members.Count; i++)
            {
                var (name, member) = transfer.Members[i];
                string end = i == transfer.Members.Count - 1 ? ");" : ",";
                writer.Line($"    {Read(member, "message", $"{transfer.Word}.{name}")}{end}");
            }
        }
    }

    private string HelperName(Transfer transfer)
    {
        if (_helperNames.TryGetValue(transfer.FullTypeName, out string? known))
            return known;
        string word = (transfer.IsNullable ? "Nullable" : "") + transfer.Word;
        string name = word;
        for (int i = 2; !_namesTaken.Add(name); i++)
            name = word + i;
        _helperNames.Add(transfer.FullTypeName, name);
        _helpers.Add(transfer);
        return name;
    }
}
