using System.Collections.Generic;
using SystemRdl.Grammar;

namespace SystemRdl;

internal sealed partial class Evaluator
{
    /// <summary>How many components up from <paramref name="from"/> stands <paramref name="ancestor"/>.</summary>
    public static int Distance(Node from, Node ancestor)
    {
        var distance = 0;
        for (var node = from; node is not null && node != ancestor; node = node.Parent)
            distance++;
        return distance;
    }

    private PropertyValue? ReadReference(SystemRdlParser.ReferenceExpressionContext expression, Scope scope, Node holder)
    {
        var elements = expression.reference().referenceElement();
        var name = elements[0].ID().GetText();
        if (scope.FindParameter(name) is { } parameter)
            return expression.propertyName() is { } after
                ? Mismatch<PropertyValue>(after, "a component", parameter)
                : Navigate(parameter, elements, scope, holder);
        var single = elements.Length == 1 && elements[0].dimension().Length == 0 && expression.propertyName() is null;
        if (scope.FindInstance(name) is not { } first)
        {
            if (single && scope.FindType(name) is EnumerationEntry entry)
                return new EnumerationTypeValue(entry.Enumeration);
            Unknown(expression, $"'{name}' is neither a parameter nor an instance that was declared before",
                "declare it before it is used, or correct the name");
            return null;
        }
        if (Follow(expression.reference(), first, scope, holder) is not { } path)
            return null;
        var property = expression.propertyName()?.GetText();
        if (property is not null && !StandardProperties.All.ContainsKey(StandardProperties.Canonical(property)))
        {
            diagnostics.Error(DiagnosticCode.UnknownProperty, positionOf(expression.propertyName()), $"no property is called '{property}'",
                "correct the name");
            return null;
        }
        return new PendingReference(Distance(holder, first.Parent!), path.Elements, property, path.Target.Kind);
    }

    /// <summary>Members and elements of a parameter's value.</summary>
    private PropertyValue? Navigate(PropertyValue value, SystemRdlParser.ReferenceElementContext[] elements, Scope scope, Node holder)
    {
        for (var i = 0; i < elements.Length; i++)
        {
            var name = elements[i].ID().GetText();
            if (i > 0)
            {
                if (value is not StructureValue structure || !structure.Members.TryGetValue(name, out var member))
                {
                    diagnostics.Error(DiagnosticCode.UnknownMember, positionOf(elements[i]), $"{Describe(value)} has no member '{name}'",
                        "name a member of the struct");
                    return null;
                }
                value = member;
            }
            foreach (var dimension in elements[i].dimension())
            {
                if (value is not ArrayValue array)
                    return Mismatch<PropertyValue>(dimension, "an array before the index", value);
                if (array.Items.Count == 0 || EvaluateInteger(
                    dimension.expression(), scope, holder, 0, array.Items.Count - 1, DiagnosticCode.IndexOutOfRange,
                    "the index") is not { } index)
                    return null;
                value = array.Items[index];
            }
        }
        return value;
    }

    /// <summary>The path that a reference takes from an instance on, with its indexes checked.</summary>
    public (List<PathElement> Elements, Node Target)? Follow(
        SystemRdlParser.ReferenceContext reference, Node first, Scope scope, Node holder)
    {
        List<PathElement> path = [];
        var node = first;
        foreach (var element in reference.referenceElement())
        {
            var name = element.ID().GetText();
            if (path.Count > 0)
            {
                if (node.Child(name) is not { } child)
                {
                    Unknown(element, $"{node.Kind.Word()} '{node.Name}' has no component '{name}'", "correct the name");
                    return null;
                }
                node = child;
            }
            List<int> indexes = [];
            var dimensions = element.dimension();
            if (dimensions.Length > node.Dimensions.Count || (dimensions.Length > 0 && dimensions.Length < node.Dimensions.Count))
            {
                diagnostics.Error(DiagnosticCode.BadArray, positionOf(element),
                    $"'{name}' has {node.Dimensions.Count} dimensions, but {dimensions.Length} indexes are given",
                    "give one index for each dimension");
                return null;
            }
            for (var i = 0; i < dimensions.Length; i++)
            {
                if (EvaluateInteger(dimensions[i].expression(), scope, holder, 0, node.Dimensions[i] - 1, DiagnosticCode.IndexOutOfRange,
                    $"the index of '{name}'") is not { } index)
                    return null;
                indexes.Add(index);
            }
            path.Add(new PathElement(name, indexes));
        }
        return (path, node);
    }
}
