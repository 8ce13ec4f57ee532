using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Antlr4.Runtime;
using SystemRdl.Grammar;

namespace SystemRdl;

/// <summary>From the parse tree to a tree of instances whose properties have values (clause 5).</summary>
internal sealed partial class Elaborator
{
    private const int MaximumNodes = 100_000;

    private readonly PreprocessedText source;
    private readonly Diagnostics diagnostics;
    private readonly Evaluator evaluator;
    private readonly Dictionary<string, PropertyDefinition> userProperties = [];
    private readonly List<SystemRdlParser.ComponentDefinitionContext> underway = [];
    private int nodes;

    public Elaborator(PreprocessedText source, Diagnostics diagnostics)
    {
        this.source = source;
        this.diagnostics = diagnostics;
        evaluator = new Evaluator(diagnostics, PositionOf);
    }

    /// <summary>
    /// The nameless root: its children are the instances of the file's own scope and every address map that nobody instantiates.
    /// </summary>
    public Node Elaborate(SystemRdlParser.RootContext file)
    {
        var root = new Node(ComponentKind.AddressMap, "", null, source.PositionAt(0), null);
        var scope = new Scope(null, root);
        foreach (var element in file.rootElement())
            ElaborateElement(element, scope);
        // Definitions that nobody uses are compiled as well: a library's mistakes show when the library is compiled. The last comes first,
        // because it may use those before it.
        List<Node> maps = [];
        foreach (var entry in scope.Types.Values.OfType<ComponentEntry>().OrderByDescending(e => e.Definition.Start.StartIndex).ToList())
        {
            if (entry.IsUsed || LacksDefaults(entry.Definition))
                continue;
            var name = entry.Definition.ID().GetText();
            var node = new Node(entry.Kind, name, name, entry.Position, root);
            ElaborateBody(entry.Definition, entry.Scope, node, null, null);
            (entry.Kind == ComponentKind.AddressMap ? maps : Unattached).Insert(0, node);
        }
        foreach (var map in maps)
            AddNode(root, map);
        return root;
    }

    /// <summary>Definitions of other kinds than address maps that nobody instantiates, elaborated for their mistakes only.</summary>
    public List<Node> Unattached { get; } = [];

    public SourcePosition PositionOf(ParserRuleContext context) => source.PositionAt(context.Start.StartIndex);

    public SourcePosition PositionOf(IToken token) => source.PositionAt(token.StartIndex);

    private static bool LacksDefaults(SystemRdlParser.ComponentDefinitionContext definition) =>
        definition.parameterDefinitions()?.parameterDefinition().Any(p => p.expression() is null) ?? false;

    private void ElaborateElement(ParserRuleContext element, Scope scope)
    {
        switch (element.GetChild(0))
        {
            case SystemRdlParser.ComponentDefinitionContext definition:
                DefineComponent(definition, scope);
                break;
            case SystemRdlParser.ExplicitInstancesContext instances:
                InstantiateByName(instances, scope);
                break;
            case SystemRdlParser.EnumDefinitionContext definition:
                DefineEnumeration(definition, scope);
                break;
            case SystemRdlParser.StructDefinitionContext definition:
                DefineStructure(definition, scope);
                break;
            case SystemRdlParser.PropertyDefinitionContext definition:
                DefineProperty(definition, scope);
                break;
            case SystemRdlParser.ConstraintDefinitionContext constraint:
                diagnostics.Error(DiagnosticCode.UnsupportedConstraint, PositionOf(constraint), "constraints are not supported",
                    "remove the constraint; enumerations (encode) say which values a field takes");
                break;
            case SystemRdlParser.PropertyAssignmentContext assignment:
                Assign(assignment, scope);
                break;
        }
    }

    private void AddType(string name, TypeEntry entry, Scope scope)
    {
        if (scope.Types.TryGetValue(name, out var other))
            diagnostics.Error(DiagnosticCode.NameClash, entry.Position, $"'{name}' is defined twice, first at {other.Position}",
                "rename one of them");
        else
            scope.Types.Add(name, entry);
    }

    private void DefineComponent(SystemRdlParser.ComponentDefinitionContext definition, Scope scope)
    {
        var kind = ComponentKindWords.FromWord(definition.componentKind().GetText());
        var instanceKind = definition.before ?? definition.after;
        if (definition.before is not null && definition.after is not null)
            diagnostics.Error(DiagnosticCode.InstanceKindMismatch, PositionOf(definition.after),
                "internal or external is given twice", "write it once");
        if (definition.ID() is { } name)
        {
            var entry = new ComponentEntry(definition, scope, PositionOf(name.Symbol));
            AddType(name.GetText(), entry, scope);
            if (definition.instances() is { } named)
            {
                entry.IsUsed = true;
                Instantiate(definition, scope, named, scope, name.GetText(), instanceKind, null);
            }
        }
        else if (definition.instances() is { } anonymous)
        {
            if (definition.parameterDefinitions() is { } parameters)
                diagnostics.Error(DiagnosticCode.ParameterMissing, PositionOf(parameters),
                    "a definition without a name takes no parameters",
                    "give the definition a name");
            else
                Instantiate(definition, scope, anonymous, scope, null, instanceKind, null);
        }
        else
            diagnostics.Error(DiagnosticCode.MissingInstance, PositionOf(definition),
                $"this {kind.Word()} has neither a name nor an instance",
                "name it after the component type, or name an instance after '}'");
    }

    private void DefineEnumeration(SystemRdlParser.EnumDefinitionContext definition, Scope scope)
    {
        List<EnumerationMember> members = [];
        var next = BigInteger.Zero;
        var width = 1;
        foreach (var context in definition.enumMember())
        {
            var name = context.ID().GetText();
            var value = new NumberValue(next, BitLength(next));
            if (context.expression() is { } expression && evaluator.EvaluateNumber(expression, scope, scope.Owner) is { } given)
                value = given;
            string? displayName = null;
            string? description = null;
            foreach (var text in context.propertyAssignment())
            {
                if (text is SystemRdlParser.LocalAssignmentContext local && local.propertyName().GetText() is "name" or "desc"
                    && local.expression() is { } textExpression)
                {
                    var textValue = evaluator.Evaluate(textExpression, scope, scope.Owner);
                    if (textValue is not null and not StringValue)
                        ReportType(PositionOf(textExpression), local.propertyName().GetText(), new DataType(ValueKinds.String), textValue);
                    if (local.propertyName().GetText() == "name")
                        displayName = (textValue as StringValue)?.Value;
                    else
                        description = (textValue as StringValue)?.Value;
                }
                else
                    diagnostics.Error(DiagnosticCode.PropertyNotAllowed, PositionOf(text),
                        "an enum member has no other properties than name and desc",
                        "remove it");
            }
            if (members.FirstOrDefault(m => m.Name == name) is not null)
                diagnostics.Error(DiagnosticCode.NameClash, PositionOf(context), $"the member '{name}' is there twice",
                    "rename one of them");
            else if (members.FirstOrDefault(m => m.Value == value.Value) is { } same)
                diagnostics.Error(DiagnosticCode.DuplicateValue, PositionOf(context),
                    $"'{name}' and '{same.Name}' both have the value {value.Value}",
                    "give each member a value of its own");
            members.Add(new EnumerationMember(name, value.Value, displayName, description, PositionOf(context)));
            width = System.Math.Max(width, BitLength(value.Value));
            next = value.Value + 1;
        }
        if (members.Count == 0)
            diagnostics.Error(DiagnosticCode.EmptyComponent, PositionOf(definition), "this enum has no members", "give it at least one");
        var enumeration = new Enumeration(definition.ID().GetText(), members, width, PositionOf(definition.ID().Symbol));
        AddType(enumeration.Name, new EnumerationEntry(enumeration), scope);
    }

    private static int BitLength(BigInteger value)
    {
        var length = 1;
        while (!(value >>= 1).IsZero)
            length++;
        return length;
    }

    private void DefineStructure(SystemRdlParser.StructDefinitionContext definition, Scope scope)
    {
        Structure? parent = null;
        if (definition.baseName is { } baseName)
        {
            parent = (scope.FindType(baseName.Text) as StructureEntry)?.Structure;
            if (parent is null)
                diagnostics.Error(DiagnosticCode.UnknownName, PositionOf(baseName), $"no struct is called '{baseName.Text}'",
                    "define the struct before it is used");
        }
        var depth = 0;
        for (var ancestor = parent; ancestor is not null; ancestor = ancestor.Base)
            depth++;
        if (depth >= MaximumDepth)
        {
            diagnostics.Error(DiagnosticCode.NestingTooDeep, PositionOf(definition), $"structs derive from one another {MaximumDepth} deep",
                "make the hierarchy flatter");
            return;
        }
        List<StructureMember> members = [];
        foreach (var context in definition.structMember())
        {
            var name = context.ID().GetText();
            if (members.Any(m => m.Name == name) || (parent?.Members.Any(m => m.Name == name) ?? false))
                diagnostics.Error(DiagnosticCode.NameClash, PositionOf(context), $"the member '{name}' is there twice",
                    "rename one of them");
            else if (ReadType(context.dataType(), context.arrayMark() is not null, scope, false) is { } type)
                members.Add(new StructureMember(name, context.dataType().GetText()) { Type = type });
        }
        var structure = new Structure(definition.ID(0).GetText(), definition.GetChild(0).GetText() == "abstract", parent, members);
        AddType(structure.Name, new StructureEntry(structure, PositionOf(definition.ID(0).Symbol)), scope);
    }

    /// <param name="references">Whether the type may name components; only user-defined properties may.</param>
    private DataType? ReadType(SystemRdlParser.DataTypeContext context, bool isArray, Scope scope, bool references)
    {
        if (context.ID() is { } name)
        {
            switch (scope.FindType(name.GetText()))
            {
                case EnumerationEntry entry:
                    return new DataType(ValueKinds.Enumeration, isArray, Enumeration: entry.Enumeration);
                case StructureEntry entry:
                    return new DataType(ValueKinds.Structure, isArray, Structure: entry.Structure);
            }
            diagnostics.Error(DiagnosticCode.UnknownName, PositionOf(context), $"no enum or struct is called '{name.GetText()}'",
                "define the type before it is used, or use bit, longint, string or boolean");
            return null;
        }
        var word = context.Start.Text;
        if (context.componentKind() is not null || word == "ref")
        {
            if (references)
                return new DataType(ValueKinds.Reference, isArray,
                    Targets: word == "ref" ? ComponentKinds.All : ComponentKindWords.FromWord(word).Bit());
            diagnostics.Error(DiagnosticCode.UnsupportedReferenceType, PositionOf(context),
                "references to components in structs and parameters are not supported", "use a user-defined property of that type");
            return null;
        }
        return new DataType(word switch
        {
            "bit" => ValueKinds.Bit,
            "longint" or "number" => ValueKinds.LongInteger,
            "string" => ValueKinds.String,
            "boolean" => ValueKinds.Boolean,
            "accesstype" => ValueKinds.Access,
            "addressingtype" => ValueKinds.Addressing,
            "onreadtype" => ValueKinds.OnRead,
            "onwritetype" => ValueKinds.OnWrite,
            _ => ValueKinds.Precedence,
        }, isArray);
    }
}
