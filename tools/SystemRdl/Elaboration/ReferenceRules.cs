using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>What a reference to a component's property needs of that component (clauses 5.1.3.4 and 9).</summary>
internal sealed class ReferenceRules(Diagnostics diagnostics)
{
    private static readonly string[] counterProperties =
    [
        "incr", "decr", "incrvalue", "decrvalue", "incrsaturate", "decrsaturate", "incrthreshold", "decrthreshold", "overflow", "underflow",
    ];

    // A reference to any of these needs the component to have one of its group.
    private static readonly string[][] givenProperties =
        [["reset"], ["incrthreshold"], ["decrthreshold"], ["we", "wel"], ["swwe", "swwel"]];

    public void Check(Node node)
    {
        foreach (var assignment in node.Properties.Values.Where(a => StandardProperties.All.ContainsKey(a.Definition.Name)))
            if (Target(node, assignment.Definition.Name) is { } target)
                Check(node, assignment, target.Node, target.Property);
        foreach (var child in node.Present)
            Check(child);
    }

    private void Check(Node node, Assignment assignment, Node target, string? property)
    {
        var name = assignment.Definition.Name;
        if (target == node && name == "reset" && property is null)
            Report(assignment, $"'{node.Name}' takes its reset value from itself", "give a number, or another field or signal");
        else if (property is null)
            return;
        else if (counterProperties.Contains(property) && target.Kind == ComponentKind.Field && !target.Flag("counter"))
            Report(assignment, $"'{target.Name}->{property}' belongs to a counter, but '{target.Name}' is none",
                $"add counter; to '{target.Name}', or refer to another property");
        else if (givenProperties.FirstOrDefault(g => g.Contains(property)) is { } group && !group.Any(target.Properties.ContainsKey))
            Report(assignment, $"'{target.Name}->{property}' has no value: '{target.Name}' was given no {string.Join(" or ", group)}",
                $"give '{target.Name}' that property, or refer to another one");
        else if (IsCircle(node, name))
            Report(assignment, $"'{node.Name}->{name}' is defined by itself", "break the circle of references");
    }

    // Each step goes to a property that is itself a reference.
    private static bool IsCircle(Node node, string name)
    {
        HashSet<(Node, string)> seen = [];
        for (var at = (Node: node, Property: name); seen.Add(at);)
        {
            if (Target(at.Node, at.Property) is not { Property: { } next } target)
                return false;
            at = (target.Node, next);
            if (at == (node, name))
                return true;
        }
        return false;
    }

    private static (Node Node, string? Property)? Target(Node node, string property) =>
        node.Property(property) is PendingReference reference && ModelBuilder.Resolve(reference, node) is { } target
            ? (target, reference.Property is null ? null : StandardProperties.Canonical(reference.Property))
            : null;

    private void Report(Assignment assignment, string text, string advice) =>
        diagnostics.Error(DiagnosticCode.PropertyInconsistent, assignment.Position, text, advice);
}
