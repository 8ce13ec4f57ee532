using System.Collections.Generic;
using System.Linq;
using SystemRdl.Grammar;

namespace SystemRdl;

internal sealed partial class Elaborator
{
    private void DefineProperty(SystemRdlParser.PropertyDefinitionContext definition, Scope scope)
    {
        var name = definition.ID().GetText();
        DataType? type = null;
        var components = ComponentKinds.None;
        SystemRdlParser.ExpressionContext? defaultText = null;
        foreach (var attribute in definition.propertyAttribute())
        {
            switch (attribute.Start.Text)
            {
                case "type":
                    type = ReadType(attribute.dataType(), attribute.arrayMark() is not null, scope, true);
                    break;
                case "component":
                    foreach (var component in attribute.propertyComponent())
                        components |= component.GetText() switch
                        {
                            "all" => ComponentKinds.All,
                            // Constraints are refused where they stand.
                            "constraint" => ComponentKinds.None,
                            var word => ComponentKindWords.FromWord(word).Bit(),
                        };
                    break;
                case "default":
                    defaultText = attribute.expression();
                    break;
                default:
                    diagnostics.Error(DiagnosticCode.UnsupportedConstraint, PositionOf(attribute),
                        "the constraint of a property is not supported", "remove it");
                    break;
            }
        }
        var position = PositionOf(definition.ID().Symbol);
        if (StandardProperties.All.ContainsKey(StandardProperties.Canonical(name)) || userProperties.ContainsKey(name))
        {
            diagnostics.Error(DiagnosticCode.NameClash, position, $"a property '{name}' is there already", "rename this one");
            return;
        }
        if (!definition.propertyAttribute().Any(a => a.Start.Text == "type"))
            diagnostics.Error(DiagnosticCode.PropertyInconsistent, position, $"the property '{name}' has no type", "add type = ...;");
        if (!definition.propertyAttribute().Any(a => a.Start.Text == "component"))
            diagnostics.Error(DiagnosticCode.PropertyInconsistent, position, $"the property '{name}' says no component",
                "add component = ...;");
        PropertyValue? value = null;
        if (type is not null && defaultText is not null && evaluator.Evaluate(defaultText, scope, scope.Owner) is { } given)
        {
            value = type.Convert(given);
            if (value is null)
                ReportType(PositionOf(defaultText), name, type, given);
        }
        // Known even when something is wrong with it, so that its uses are not complained about too.
        userProperties.Add(name, new PropertyDefinition(name, type ?? DataType.Any, components, Default: value));
    }

    private void Assign(SystemRdlParser.PropertyAssignmentContext context, Scope scope)
    {
        switch (context)
        {
            case SystemRdlParser.DefaultAssignmentContext assignment:
                if (Read(assignment.propertyName(), assignment.propertyModifier(), assignment.expression(), scope, scope.Owner,
                    Strength.Default)
                    is { } defaultValue)
                {
                    if (scope.Defaults.TryGetValue(defaultValue.Definition.Name, out var first))
                        ReportTwice(defaultValue, first);
                    else
                        scope.Defaults.Add(defaultValue.Definition.Name, defaultValue);
                }
                break;
            case SystemRdlParser.LocalAssignmentContext assignment when scope.Owner.IsRoot:
                diagnostics.Error(DiagnosticCode.PropertyNotAllowed, PositionOf(assignment),
                    "a property outside a component belongs to nothing",
                    "move it into a component, or write 'default' before it");
                break;
            case SystemRdlParser.LocalAssignmentContext assignment:
                if (Read(assignment.propertyName(), assignment.propertyModifier(), assignment.expression(), scope, scope.Owner,
                    Strength.Body)
                    is { } local)
                    Give(scope.Owner, local);
                break;
            case SystemRdlParser.DynamicAssignmentContext assignment:
                AssignDynamically(assignment, scope);
                break;
        }
    }

    private void AssignDynamically(SystemRdlParser.DynamicAssignmentContext assignment, Scope scope)
    {
        var name = assignment.reference().referenceElement(0).ID().GetText();
        if (scope.Owner.Child(name) is not { } instance)
        {
            diagnostics.Error(DiagnosticCode.UnknownName, PositionOf(assignment), $"'{name}' is no instance of this scope",
                "assign to instances that this component declared before");
            return;
        }
        if (evaluator.Follow(assignment.reference(), instance, scope, scope.Owner) is not { } path)
            return;
        foreach (var target in Targets(instance, path.Elements, 0, assignment).ToList())
            if (Read(assignment.propertyName(), assignment.propertyModifier(), assignment.expression(), scope, target, Strength.Dynamic)
                is { } value)
                Give(target, value);
    }

    private IEnumerable<Node> Targets(Node node, IReadOnlyList<PathElement> path, int depth, SystemRdlParser.DynamicAssignmentContext where)
    {
        IEnumerable<Node> here = node.Elements ?? [node];
        if (path[depth].Indexes.Count > 0)
        {
            if (node.Elements is null)
            {
                if (nodes + node.CountOfSplit > MaximumNodes)
                {
                    diagnostics.Error(DiagnosticCode.TooManyComponents, PositionOf(where),
                        $"with '{node.Name}' element by element there are more than {MaximumNodes} components",
                        "assign to the whole array");
                    return [];
                }
                nodes += (int)node.CountOfSplit;
                node.Split();
            }
            here = node.Elements!.Where(e => e.ElementIndexes.SequenceEqual(path[depth].Indexes));
        }
        else if (node.Elements is not null && depth == path.Count - 1)
            // What is assigned to the array from now on also holds for the node that stands for all of them.
            here = here.Prepend(node);
        if (depth == path.Count - 1)
            return here;
        return here.SelectMany(n => Targets(n.Child(path[depth + 1].Name)!, path, depth + 1, where));
    }

    private void AssignReset(SystemRdlParser.ExpressionContext expression, Node node, Scope scope)
    {
        var definition = StandardProperties.All["reset"];
        if (node.Kind != ComponentKind.Field)
        {
            diagnostics.Error(DiagnosticCode.PropertyNotAllowed, PositionOf(expression), $"a {node.Kind.Word()} has no reset value",
                "give '=' to fields only; '@' gives an address");
            return;
        }
        if (evaluator.Evaluate(expression, scope, node, node.GivenWidth) is { } value
            && Convert(definition, value, PositionOf(expression)) is { } converted)
            Give(node, new Assignment(definition, converted, PositionOf(expression), Strength.Instance, []));
    }

    private Assignment? Read(
        SystemRdlParser.PropertyNameContext nameContext,
        SystemRdlParser.PropertyModifierContext[] modifierContexts,
        SystemRdlParser.ExpressionContext? expression,
        Scope scope,
        Node holder,
        Strength strength)
    {
        var name = StandardProperties.Canonical(nameContext.GetText());
        var position = PositionOf(nameContext);
        if (!StandardProperties.All.TryGetValue(name, out var definition) && !userProperties.TryGetValue(name, out definition))
        {
            diagnostics.Error(DiagnosticCode.UnknownProperty, position, $"no property is called '{name}'", SuggestProperty(name));
            return null;
        }
        if (strength != Strength.Default && (definition.Components & holder.Kind.Bit()) == 0)
        {
            diagnostics.Error(DiagnosticCode.PropertyNotAllowed, position, $"a {holder.Kind.Word()} has no property '{name}'",
                $"it belongs to: {Describe(definition.Components)}");
            return null;
        }
        var modifiers = modifierContexts.Select(m => m.GetText()).ToList();
        if (modifiers.Count > 0 && name != "intr")
            diagnostics.Error(DiagnosticCode.ModifierNotAllowed, position, $"'{string.Join(" ", modifiers)}' does not go with '{name}'",
                "only intr takes posedge, negedge, bothedge, level and nonsticky");
        PropertyValue? value;
        if (expression is not null)
        {
            var width = name == "reset" ? holder.GivenWidth : 0;
            // A field may be called like the enum that it is encoded by.
            var given = name == "encode" && scope.FindType(expression.GetText()) is EnumerationEntry entry
                ? new EnumerationTypeValue(entry.Enumeration)
                : evaluator.Evaluate(expression, scope, holder, width);
            if (given is null)
                return null;
            value = Convert(definition, given, PositionOf(expression));
        }
        else
        {
            // Without a value a property takes its definition's default, and a boolean is set. One that the source defines itself is
            // bound, and its value undefined (clause 15.2.2).
            value = definition.Default ?? (definition.Type.Convert(new BooleanValue(true)) as BooleanValue)
                ?? (userProperties.ContainsKey(name) ? new UndefinedValue() : null as PropertyValue);
            if (value is null)
            {
                diagnostics.Error(DiagnosticCode.PropertyWithoutValue, position, $"the property '{name}' needs a value",
                    $"write {name} = {definition.Type}");
                return null;
            }
        }
        return value is null ? null : new Assignment(definition, value, position, strength, modifiers);
    }

    private PropertyValue? Convert(PropertyDefinition definition, PropertyValue value, SourcePosition position)
    {
        var converted = definition.Type.Convert(value);
        if (converted is null)
            ReportType(position, definition.Name, definition.Type, value);
        return converted;
    }

    private void ReportType(SourcePosition position, string name, DataType type, PropertyValue value) =>
        diagnostics.Error(DiagnosticCode.PropertyType, position, $"the property '{name}' takes {type}, not {Evaluator.Describe(value)}",
            $"write {type}");

    private void ReportTwice(Assignment again, Assignment first) =>
        diagnostics.Error(DiagnosticCode.PropertyAssignedTwice, again.Position,
            $"'{again.Definition.Name}' is assigned twice in one scope, first at {first.Position}", "remove one of the assignments");

    private void Give(Node node, Assignment assignment)
    {
        var name = assignment.Definition.Name;
        if (node.Properties.TryGetValue(name, out var old) && old.Strength == assignment.Strength && assignment.Strength <= Strength.Body)
        {
            if (Combine(old, assignment) is { } combined)
                node.Properties[name] = combined;
            else
                ReportTwice(assignment, old);
            return;
        }
        foreach (var rival in Rivals(node, assignment.Definition))
        {
            if (rival.Strength == assignment.Strength && IsOn(rival.Value) && IsOn(assignment.Value) && assignment.Strength == Strength.Body)
            {
                diagnostics.Error(DiagnosticCode.PropertiesExclusive, assignment.Position,
                    $"'{name}' and '{rival.Definition.Name}' exclude one another", "remove one of them");
                return;
            }
            if (rival.Strength < assignment.Strength)
                node.Properties.Remove(rival.Definition.Name);
        }
        // A stronger assignment came first when the body assigns what the instance gave.
        if (old is null || old.Strength <= assignment.Strength)
            node.Properties[name] = assignment;
    }

    /// <summary>
    /// One statement takes one modifier, so a nonsticky interrupt by an edge takes two (clause 9.9); null when they contradict one another.
    /// </summary>
    private static Assignment? Combine(Assignment first, Assignment second)
    {
        var modifiers = first.Modifiers.Union(second.Modifiers).ToList();
        return first.Definition.Name == "intr" && first.Value.Equals(second.Value) && modifiers.Count > 0
            && modifiers.Count(m => m != "nonsticky") <= 1
            ? first with { Modifiers = modifiers }
            : null;
    }

    private static bool IsOn(PropertyValue value) => value is not BooleanValue { Value: false };

    private static List<Assignment> Rivals(Node node, PropertyDefinition definition) => definition.Group is null
        ? []
        : node.Properties.Values.Where(a => a.Definition.Group == definition.Group && a.Definition.Name != definition.Name).ToList();

    private void ApplyDefaults(Node node, Scope definitionScope)
    {
        for (var scope = definitionScope; scope is not null; scope = scope.Parent)
            foreach (var given in scope.Defaults.Values)
                if ((given.Definition.Components & node.Kind.Bit()) != 0
                    && !node.Properties.ContainsKey(given.Definition.Name)
                    && Rivals(node, given.Definition).Count == 0)
                    node.Properties.Add(given.Definition.Name, Rebase(given, node, scope.Owner));
        foreach (var definition in userProperties.Values)
            if (definition.Default is { } value && (definition.Components & node.Kind.Bit()) != 0 && !node.Properties.ContainsKey(definition.Name))
                node.Properties.Add(definition.Name,
                    Rebase(new Assignment(definition, value, node.Position, Strength.Definition, []), node, null));
    }

    // A default's reference was read relative to the scope that gives it.
    private static Assignment Rebase(Assignment given, Node node, Node? giver) => given.Value is PendingReference reference
        ? given with { Value = reference with { Up = reference.Up + Evaluator.Distance(node, giver ?? RootOf(node)) } }
        : given;

    private static Node RootOf(Node node) => node.Parent is null ? node : RootOf(node.Parent);

    private static string Describe(ComponentKinds kinds) => string.Join(", ",
        System.Enum.GetValues(typeof(ComponentKind)).Cast<ComponentKind>().Where(k => (kinds & k.Bit()) != 0).Select(k => k.Word()));

    private string SuggestProperty(string name)
    {
        if (new DataType(ValueKinds.OnWrite).Convert(new KeywordValue(name)) is not null)
            return $"write onwrite = {name}";
        if (new DataType(ValueKinds.OnRead).Convert(new KeywordValue(name)) is not null)
            return $"write onread = {name}";
        var near = StandardProperties.All.Keys.Concat(userProperties.Keys)
            .Where(k => k.Length > 1 && (k.StartsWith(name, System.StringComparison.OrdinalIgnoreCase)
                || name.StartsWith(k, System.StringComparison.OrdinalIgnoreCase)))
            .OrderBy(k => k, System.StringComparer.Ordinal).FirstOrDefault();
        return near is null ? $"correct the name, or define it: property {name} {{ ... }};" : $"perhaps '{near}' is meant";
    }
}
