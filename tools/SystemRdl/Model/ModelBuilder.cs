using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>Makes the immutable model from instances that have their places, once nothing is wrong with them.</summary>
internal sealed class ModelBuilder(Diagnostics diagnostics)
{
    private readonly Dictionary<Node, Component> made = [];

    public (IReadOnlyList<Block> Maps, IReadOnlyList<Signal> Signals) Build(Node root)
    {
        var maps = root.Present.Where(n => n.Kind == ComponentKind.AddressMap).Select(n => (Block)Make(n, false)).ToList();
        var signals = root.Present.Where(n => n.Kind == ComponentKind.Signal).Select(n => (Signal)Make(n, false)).ToList();
        foreach (var pair in made)
        {
            pair.Value.Properties = pair.Key.Properties.ToDictionary(p => p.Key, p => Finish(p.Value.Value, pair.Key));
            if (pair.Value is Register register && pair.Key.AliasOf is { } original
                && made.TryGetValue(original.Elements?[0] ?? original, out var shared))
                register.AliasOf = (Register)shared;
        }
        return (maps, signals);
    }

    private Component Make(Node node, bool isExternal)
    {
        isExternal = node.IsExternal ?? isExternal;
        var children = node.Present.Select(c => Make(c, isExternal)).ToList();
        var signals = children.OfType<Signal>().ToList();
        var placement = new Placement((ulong)node.Offset, (ulong)node.Size, (ulong)node.ElementStride, node.Dimensions, isExternal);
        Component component = node.Kind switch
        {
            ComponentKind.Field => MakeField(node),
            ComponentKind.Signal => new Signal(node.Name, node.TypeName, node.Position, (int)node.Size),
            ComponentKind.Register => new Register(node.Name, node.TypeName, node.ElementIndexes, node.Position, placement,
                children.OfType<Field>().OrderBy(f => f.Low).ToList(), signals),
            _ => new Block(node.Kind, node.Name, node.TypeName, node.ElementIndexes, node.Position, placement,
                children.OfType<AddressableComponent>().ToList(), signals),
        };
        foreach (var child in children)
            child.Parent = component;
        made.Add(node, component);
        return component;
    }

    private static Field MakeField(Node node)
    {
        var modifiers = node.Properties.TryGetValue("intr", out var interrupt) ? interrupt.Modifiers : [];
        var trigger = modifiers.Contains("posedge") ? InterruptTrigger.PositiveEdge
            : modifiers.Contains("negedge") ? InterruptTrigger.NegativeEdge
            : modifiers.Contains("bothedge") ? InterruptTrigger.BothEdges
            : InterruptTrigger.Level;
        return new Field(node.Name, node.TypeName, node.Position, node.High, node.Low, trigger, modifiers.Contains("nonsticky"));
    }

    private PropertyValue Finish(PropertyValue value, Node holder) => value switch
    {
        PendingReference reference => FinishReference(reference, holder),
        ArrayValue array => new ArrayValue(array.Items.Select(i => Finish(i, holder)).ToList()),
        StructureValue structure => new StructureValue(structure.Type,
        structure.Members.ToDictionary(m => m.Key, m => Finish(m.Value, holder))),
        _ => value,
    };

    private PropertyValue FinishReference(PendingReference reference, Node holder)
    {
        if (Resolve(reference, holder) is { } node && made.TryGetValue(node, out var target))
            return new ReferenceValue(target, reference.Path, reference.Property);
        diagnostics.Error(DiagnosticCode.UnknownName, holder.Position,
            $"'{holder.Path}' refers to '{reference}', which is not present (ispresent = false)",
            "remove the reference, or make its target present");
        return reference;
    }

    /// <summary>What a reference stands for, or null when it is not present.</summary>
    public static Node? Resolve(PendingReference reference, Node holder)
    {
        var node = holder;
        for (var i = 0; i < reference.Up; i++)
            node = node.Parent!;
        foreach (var element in reference.Down)
        {
            if (node.Child(element.Name) is not { } child)
                return null;
            node = child;
            if (node.Elements is not null)
                node = node.Elements.FirstOrDefault(e => e.ElementIndexes.SequenceEqual(element.Indexes)) ?? node.Elements[0];
        }
        return node;
    }
}
