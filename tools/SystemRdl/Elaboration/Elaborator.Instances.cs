using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using SystemRdl.Grammar;

namespace SystemRdl;

internal sealed partial class Elaborator
{
    // Bounds what one statement can make of memory: an array has one node, but its elements are countable.
    private const int MaximumDimension = 1 << 24;
    private const int MaximumBit = 4095;

    // Everything that walks the instances recurses as deep as they nest.
    private const int MaximumDepth = 64;

    private void InstantiateByName(SystemRdlParser.ExplicitInstancesContext context, Scope scope)
    {
        var type = context.typeName.Text;
        if (scope.FindType(type) is not ComponentEntry entry)
        {
            diagnostics.Error(DiagnosticCode.UnknownName, PositionOf(context.typeName), $"no component is called '{type}'",
                "define the component before it is instantiated, or correct the name");
            return;
        }
        entry.IsUsed = true;
        Node? original = null;
        if (context.aliasOf is { } alias)
        {
            original = scope.Owner.Child(alias.Text);
            if (original is null || original.Kind != ComponentKind.Register || entry.Kind != ComponentKind.Register)
            {
                diagnostics.Error(DiagnosticCode.UnknownName, PositionOf(alias),
                    $"'{alias.Text}' is no register of this {scope.Owner.Kind.Word()}",
                    "an alias is a register of the same block that was declared before");
                return;
            }
        }
        Instantiate(entry.Definition, entry.Scope, context.instances(), scope, type, context.instanceKind(), original);
    }

    private void Instantiate(
        SystemRdlParser.ComponentDefinitionContext definition,
        Scope definitionScope,
        SystemRdlParser.InstancesContext instances,
        Scope scope,
        string? typeName,
        SystemRdlParser.InstanceKindContext? instanceKind,
        Node? aliasOf)
    {
        var kind = ComponentKindWords.FromWord(definition.componentKind().GetText());
        var owner = scope.Owner;
        if (owner.IsRoot ? kind is not (ComponentKind.Signal or ComponentKind.AddressMap) : (owner.Kind.Holds() & kind.Bit()) == 0)
        {
            diagnostics.Error(DiagnosticCode.ComponentNotAllowed, PositionOf(instances),
                owner.IsRoot ? $"a {kind.Word()} has no place outside a component" : $"a {kind.Word()} has no place in a {owner.Kind.Word()}",
                owner.IsRoot ? "instantiate it within an addrmap" : $"move it to a component that holds {kind.Word()}s");
            return;
        }
        if (underway.Contains(definition))
        {
            diagnostics.Error(DiagnosticCode.RecursiveDefinition, PositionOf(instances), $"'{typeName}' instantiates itself",
                "break the circle");
            return;
        }
        if (underway.Count >= MaximumDepth)
        {
            diagnostics.Error(DiagnosticCode.NestingTooDeep, PositionOf(instances), $"components stand in one another {MaximumDepth} deep",
                "make the hierarchy flatter");
            return;
        }
        foreach (var instance in instances.instance())
        {
            var node = new Node(kind, instance.ID().GetText(), typeName, PositionOf(instance), owner)
            {
                AliasOf = aliasOf,
                IsExternal = instanceKind is null ? null : instanceKind.GetText() == "external",
            };
            if (!AddNode(owner, node))
                return;
            Place(instance, node, scope);
            ElaborateBody(definition, definitionScope, node, instances.parameterValues(), scope);
            if (instance.reset is { } reset)
                AssignReset(reset, node, scope);
            // ispresent can still be assigned from outside, so the node stays until the layout.
        }
    }

    private bool AddNode(Node owner, Node node)
    {
        if (++nodes > MaximumNodes)
        {
            diagnostics.Error(DiagnosticCode.TooManyComponents, node.Position, $"more than {MaximumNodes} components", "use arrays");
            return false;
        }
        if (owner.Child(node.Name) is { } other)
            diagnostics.Error(DiagnosticCode.NameClash, node.Position, $"'{node.Name}' is there twice, first at {other.Position}",
                "rename one of them");
        owner.Children.Add(node);
        return true;
    }

    private void Place(SystemRdlParser.InstanceContext instance, Node node, Scope scope)
    {
        var hasBits = node.Kind is ComponentKind.Field or ComponentKind.Signal;
        if (instance.bitRange() is { } range)
        {
            if (!hasBits)
                diagnostics.Error(DiagnosticCode.BadArray, PositionOf(range), $"a {node.Kind.Word()} has no bit range",
                    "give an array's count of elements in brackets");
            else if (evaluator.EvaluateInteger(range.left, scope, node.Parent!, 0, MaximumBit, DiagnosticCode.BadBitRange,
                "the left bit") is { } left
                && evaluator.EvaluateInteger(range.right, scope, node.Parent!, 0, MaximumBit, DiagnosticCode.BadBitRange,
                    "the right bit") is { } right)
                node.Bits = new((left, right), PositionOf(range));
        }
        if (hasBits && instance.dimension().Length > 0)
        {
            if (instance.dimension().Length > 1)
                diagnostics.Error(DiagnosticCode.BadArray, PositionOf(instance.dimension(1)),
                    $"a {node.Kind.Word()} has one width, no dimensions",
                    "make the register an array");
            else if (evaluator.EvaluateInteger(
                instance.dimension(0).expression(), scope, node.Parent!, 1, MaximumBit + 1, DiagnosticCode.BadWidth,
                "the width") is { } width)
                node.BracketWidth = new(width, PositionOf(instance.dimension(0)));
        }
        else if (instance.dimension().Length > 0)
        {
            List<int> dimensions = [];
            foreach (var dimension in instance.dimension())
                dimensions.Add(evaluator.EvaluateInteger(
                    dimension.expression(), scope, node.Parent!, 1, MaximumDimension, DiagnosticCode.BadArray,
                    "the count of elements") ?? 1);
            if (dimensions.Aggregate(BigInteger.One, (product, d) => product * d) > MaximumDimension)
                diagnostics.Error(DiagnosticCode.BadArray, PositionOf(instance), $"this array has more than {MaximumDimension} elements",
                    "make it smaller");
            else
                node.Dimensions = dimensions;
        }
        node.Address = PlaceNumber(instance.address, node, scope, "an address");
        node.Stride = PlaceNumber(instance.stride, node, scope, "a stride");
        node.Alignment = PlaceNumber(instance.alignment, node, scope, "an alignment");
        if (node.Stride is { } stride && node.Dimensions.Count == 0)
            diagnostics.Error(DiagnosticCode.BadArray, stride.Position, "only an array has a stride",
                "remove it, or give the count of elements");
        if (node.Alignment is { } alignment && (alignment.Value.IsZero || node.Address is not null))
            diagnostics.Error(DiagnosticCode.BadAlignment, alignment.Position,
                alignment.Value.IsZero ? "an alignment of 0" : "an instance with an address has no alignment",
                "remove the alignment, or the address");
    }

    private Located<BigInteger>? PlaceNumber(SystemRdlParser.ExpressionContext? expression, Node node, Scope scope, string what)
    {
        if (expression is null)
            return null;
        if (node.Kind is ComponentKind.Field or ComponentKind.Signal)
        {
            diagnostics.Error(DiagnosticCode.ComponentNotAllowed, PositionOf(expression),
                $"a {node.Kind.Word()} has no {what.Split(' ')[1]}",
                "place it by its bits");
            return null;
        }
        return evaluator.EvaluateNumber(expression, scope, node.Parent!) is { } number ? new(number.Value, PositionOf(expression)) : null;
    }

    private void ElaborateBody(
        SystemRdlParser.ComponentDefinitionContext definition,
        Scope definitionScope,
        Node node,
        SystemRdlParser.ParameterValuesContext? given,
        Scope? useScope)
    {
        var scope = new Scope(definitionScope, node);
        underway.Add(definition);
        if (BindParameters(definition, scope, node, given, useScope))
            foreach (var element in definition.body().bodyElement())
                ElaborateElement(element, scope);
        underway.RemoveAt(underway.Count - 1);
        ApplyDefaults(node, definitionScope);
    }

    private bool BindParameters(
        SystemRdlParser.ComponentDefinitionContext definition,
        Scope scope,
        Node node,
        SystemRdlParser.ParameterValuesContext? given,
        Scope? useScope)
    {
        var values = new Dictionary<string, SystemRdlParser.ParameterValueContext>();
        var declared = definition.parameterDefinitions()?.parameterDefinition() ?? [];
        var correct = true;
        foreach (var value in given?.parameterValue() ?? [])
        {
            var name = value.ID().GetText();
            if (!declared.Any(d => d.ID().GetText() == name) || values.ContainsKey(name))
            {
                diagnostics.Error(DiagnosticCode.UnknownParameter, PositionOf(value),
                    values.ContainsKey(name) ? $"the parameter '{name}' is given twice" : $"'{node.TypeName}' has no parameter '{name}'",
                    declared.Length == 0 ? "remove it" : $"give each of {string.Join(", ", declared.Select(d => d.ID().GetText()))} at most once");
                correct = false;
            }
            else
                values.Add(name, value);
        }
        foreach (var parameter in declared)
        {
            var name = parameter.ID().GetText();
            if (scope.Parameters.ContainsKey(name))
            {
                diagnostics.Error(DiagnosticCode.NameClash, PositionOf(parameter), $"the parameter '{name}' is there twice",
                    "rename one of them");
                correct = false;
                continue;
            }
            var isGiven = values.TryGetValue(name, out var argument);
            var expression = isGiven ? argument!.expression() : parameter.expression();
            if (expression is null)
            {
                diagnostics.Error(DiagnosticCode.ParameterMissing, node.Position,
                    $"the parameter '{name}' of '{node.TypeName}' has no value",
                    $"write #(.{name}(...)) before the instance, or give the parameter a default");
                correct = false;
                continue;
            }
            // A given value is written in the scope of the use, a default in the definition's, where earlier parameters are known.
            var valueScope = isGiven ? useScope! : scope;
            if (ReadType(parameter.dataType(), parameter.arrayMark() is not null, scope, false) is { } type
                && evaluator.Evaluate(expression, valueScope, node) is { } value)
            {
                if (type.Convert(value) is { } converted)
                {
                    scope.Parameters.Add(name, converted);
                    continue;
                }
                diagnostics.Error(DiagnosticCode.TypeMismatch, PositionOf(expression),
                    $"the parameter '{name}' takes {type}, not {Evaluator.Describe(value)}", $"give it {type}");
            }
            correct = false;
        }
        return correct;
    }
}
