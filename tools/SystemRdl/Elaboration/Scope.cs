using System.Collections.Generic;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>A lexical scope: the file, or one elaboration of a component's body (clause 5.1.4).</summary>
/// <param name="owner">The instance whose body this is, or the nameless root.</param>
internal sealed class Scope(Scope? parent, Node owner)
{
    public Scope? Parent { get; } = parent;

    public Node Owner { get; } = owner;

    public Dictionary<string, TypeEntry> Types { get; } = [];

    public Dictionary<string, PropertyValue> Parameters { get; } = [];

    /// <summary>Given with the keyword default, by the property's name.</summary>
    public Dictionary<string, Assignment> Defaults { get; } = [];

    public TypeEntry? FindType(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
            if (scope.Types.TryGetValue(name, out var entry))
                return entry;
        return null;
    }

    public PropertyValue? FindParameter(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
            if (scope.Parameters.TryGetValue(name, out var value))
                return value;
        return null;
    }

    public Node? FindInstance(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
            if (scope.Owner.Child(name) is { } found)
                return found;
        return null;
    }
}

/// <summary>What a name of a type stands for.</summary>
internal abstract record TypeEntry(SourcePosition Position);

internal sealed record ComponentEntry(SystemRdlParser.ComponentDefinitionContext Definition, Scope Scope, SourcePosition Position)
    : TypeEntry(Position)
{
    public ComponentKind Kind => ComponentKindWords.FromWord(Definition.componentKind().GetText());

    /// <summary>Whether some instance was made, so that the definition has been elaborated.</summary>
    public bool IsUsed { get; set; }
}

internal sealed record EnumerationEntry(Enumeration Enumeration) : TypeEntry(Enumeration.Position);

internal sealed record StructureEntry(Structure Structure, SourcePosition Position) : TypeEntry(Position);
