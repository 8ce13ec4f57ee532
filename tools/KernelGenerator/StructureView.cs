using System.Collections.Generic;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelGenerator;

/// <summary>Reads a structure view and writes its other half.</summary>
internal sealed class StructureView
{
    private const string FieldAttribute = "DdeLinux.FieldAttribute";
    private const string EmbeddedAttribute = "DdeLinux.EmbeddedAttribute";
    private const string AddressAttribute = "DdeLinux.FieldAddressAttribute";
    private const string BitFieldAttribute = "DdeLinux.BitFieldAttribute";

    /// <summary>One property: where it is looked up and what its accessors do with the place.</summary>
    private sealed record Access(IPropertySymbol Property, string Lookup, string Get, string? Set);

    private readonly INamedTypeSymbol _view;
    private readonly string _structure;
    private readonly List<Finding> _findings = [];

    private StructureView(INamedTypeSymbol view, string structure)
    {
        _view = view;
        _structure = structure;
    }

    public static GeneratedFile Read(GeneratorAttributeSyntaxContext context)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var view = new StructureView(type, KernelValue.StructureOf(type) ?? "");
        string? text = view.Write((StructDeclarationSyntax)context.TargetNode);
        return new GeneratedFile(type.ToDisplayString() + ".KernelStruct.g.cs", view._findings.Count == 0 ? text : null, new EquatableList<Finding>(view._findings));
    }

    private string? Write(StructDeclarationSyntax declaration)
    {
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword) || !_view.IsReadOnly || _view.IsRefLikeType)
            return Bad("a view is a readonly partial struct");
        if (_view.ContainingType is not null || _view.IsGenericType || _view.IsRecord)
            return Bad("a view is neither nested nor generic nor a record");
        if (_view.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => !f.IsStatic && !f.IsImplicitlyDeclared) is { } field)
            return Bad($"a view has no state but its address, and this one has '{field.Name}'");

        var accesses = new List<Access>();
        foreach (var property in _view.GetMembers().OfType<IPropertySymbol>())
        {
            foreach (var attribute in property.GetAttributes())
            {
                if (ReadProperty(property, attribute) is { } access)
                    accesses.Add(access);
            }
        }
        return Text(accesses);
    }

    private string? Bad(string problem)
    {
        _findings.Add(Finding.At(_view, KernelDiagnostics.BadView, _view.Name, problem));
        return null;
    }

    private Access? ReadProperty(IPropertySymbol property, AttributeData attribute)
    {
        string? kind = attribute.AttributeClass?.ToDisplayString();
        if (kind is not (FieldAttribute or EmbeddedAttribute or AddressAttribute or BitFieldAttribute))
            return null;
        string path = attribute.FirstText() ?? property.Name;
        string place = $"Address + Layout.{Spelling.Identifier(property.Name)}";
        string named = $"\"{_structure}\", \"{path}\"";
        var value = KernelValue.Of(property.Type);
        string? problem = ShapeProblem(property);
        Access? access = null;
        switch (kind)
        {
            case FieldAttribute when value is not null:
                access = Field(property, value, place, named);
                break;
            case FieldAttribute:
                problem ??= $"'{property.Type.ToDisplayString()}' is no integer, enum, bool, pointer, structure view or KernelString";
                break;
            case EmbeddedAttribute when value is { Kind: ValueKind.View }:
                access = new Access(property, $"EmbeddedOffset({named}, \"{value.Structure}\")", $"new {value.TypeName}(unchecked({place}))", null);
                break;
            case EmbeddedAttribute:
                problem ??= "an embedded structure is seen through a structure view";
                break;
            case AddressAttribute when property.Type.SpecialType == SpecialType.System_IntPtr:
                access = new Access(property, $"AddressOffset({named})", $"unchecked({place})", null);
                break;
            case AddressAttribute:
                problem ??= "an address is an nint";
                break;
            case BitFieldAttribute when property.Type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_UInt16
                or SpecialType.System_UInt32 or SpecialType.System_UInt64:
                access = BitField(property, value!, $"Address, Layout.{Spelling.Identifier(property.Name)}", named);
                break;
            default:
                problem ??= "a bit field is a bool or an unsigned integer";
                break;
        }
        if (access is { Set: null } && property.SetMethod is not null)
            problem ??= "only what is read and written as a value has a setter";
        if (problem is null)
            return access;
        _findings.Add(Finding.At(property, KernelDiagnostics.BadProperty, $"{_view.Name}.{property.Name}", problem));
        return null;
    }

    private static string? ShapeProblem(IPropertySymbol property)
    {
        if (!property.IsPartialDefinition || property.IsStatic || property.IsIndexer)
            return "the property must be partial, so that its accessors can be written";
        if (property.GetMethod is null)
            return "the property needs a getter";
        if (property.SetMethod is { IsInitOnly: true })
            return "a field of foreign memory is set, not initialized";
        bool isTwice = property.GetAttributes().Count(a => a.AttributeClass?.ToDisplayString() is FieldAttribute or EmbeddedAttribute or AddressAttribute or BitFieldAttribute) > 1;
        return isTwice ? "one property stands for one field" : null;
    }

    private static Access Field(IPropertySymbol property, KernelValue value, string place, string named)
    {
        if (value.IsPointer)
        {
            string target = value.Structure is null ? "null" : $"\"{value.Structure}\"";
            string pointer = At("nint", place);
            return new Access(
                property, $"PointerOffset({named}, {target})", value.FromWord(pointer, "global::DdeLinux.LinuxKernel.Current.Memory"), $"{pointer} = {value.ToWord("value")}");
        }
        string lookup = $"OffsetOf({named}, {value.Width})";
        return value.Kind == ValueKind.Bool
            ? new Access(property, lookup, $"{At("byte", place)} != 0", $"{At("byte", place)} = value ? (byte)1 : (byte)0")
            : new Access(property, lookup, At(value.TypeName, place), $"{At(value.TypeName, place)} = value");
    }

    // Checked, even the conversion to a pointer would cost a comparison.
    private static string At(string type, string place) => $"*unchecked(({type}*)({place}))";

    private static Access BitField(IPropertySymbol property, KernelValue value, string place, string named)
    {
        string read = $"global::DdeLinux.BitFields.Read({place})";
        bool isBool = value.Kind == ValueKind.Bool;
        return new Access(
            property,
            $"BitField({named})",
            isBool ? read + " != 0" : $"checked(({value.TypeName}){read})",
            $"global::DdeLinux.BitFields.Write({place}, {(isBool ? "value ? 1UL : 0UL" : "value")})");
    }

    private string Text(List<Access> accesses)
    {
        var writer = new SourceWriter();
        writer.Line();
        if (!_view.ContainingNamespace.IsGlobalNamespace)
        {
            writer.Line($"namespace {_view.ContainingNamespace.ToDisplayString()};");
            writer.Line();
        }
        writer.Open($"readonly unsafe partial struct {Spelling.Identifier(_view.Name)}");
        writer.Line("/// <summary>Views the structure at <paramref name=\"address\"/>, which is not checked.</summary>");
        writer.Line($"public {_view.Name}(nint address) => Address = address;");
        writer.Line();
        writer.Line($"/// <summary>Bytes of the kernel's {_structure}.</summary>");
        writer.Line("public static int Size => Layout.StructureSize;");
        writer.Line();
        writer.Line("/// <summary>Where the structure is.</summary>");
        writer.Line("public nint Address { get; }");
        writer.Line();
        writer.Line("/// <summary>Whether this views no structure: the null pointer.</summary>");
        writer.Line("public bool IsNull => Address == 0;");
        foreach (var access in accesses)
            Property(writer, access);
        writer.Line();
        // Static read-only numbers become constants of the compiled code, and the tests for -1 go away.
        writer.Open("private static class Layout");
        Lookup(writer, "StructureSize", $"SizeOf(\"{_structure}\")");
        foreach (var access in accesses)
            Lookup(writer, access.Property.Name, access.Lookup);
        writer.Close();
        writer.Close();
        return writer.ToString();
    }

    private static void Lookup(SourceWriter writer, string name, string lookup)
    {
        writer.Line($"private static readonly int s_{name} = global::DdeLinux.KernelTypes.Find(static types => types.{lookup});");
        writer.Line($"internal static int {Spelling.Identifier(name)} => s_{name} >= 0 ? s_{name} : global::DdeLinux.KernelTypes.Current.{lookup};");
    }

    private static void Property(SourceWriter writer, Access access)
    {
        var property = access.Property;
        // Both halves of a partial property must say unsafe, or neither.
        bool isUnsafe = property.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is PropertyDeclarationSyntax p && p.Modifiers.Any(SyntaxKind.UnsafeKeyword));
        string modifiers = SyntaxFacts.GetText(property.DeclaredAccessibility) + (isUnsafe ? " unsafe" : "");
        writer.Line();
        writer.Open($"{modifiers} partial {property.Type.FullName()} {Spelling.Identifier(property.Name)}");
        writer.Line($"{Accessor(property, property.GetMethod!)}get => {access.Get};");
        if (property.SetMethod is { } setter)
            writer.Line($"{Accessor(property, setter)}set => {access.Set};");
        writer.Close();
    }

    private static string Accessor(IPropertySymbol property, IMethodSymbol accessor) =>
        accessor.DeclaredAccessibility == property.DeclaredAccessibility ? "" : SyntaxFacts.GetText(accessor.DeclaredAccessibility) + " ";
}
