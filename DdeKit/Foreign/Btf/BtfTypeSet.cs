namespace DdeKit.Foreign.Btf;

/// <summary>
/// Lookups by name over a kernel image's types and those of some modules, as one: what a module declares for itself (all of SCSI, where
/// SCSI is modular) is found too. The image is searched first, then the modules in order. Immutable; any thread.
/// </summary>
public sealed class BtfTypeSet
{
    // No kernel struct nests deeper or has more members; a damaged one that does is refused before it costs time.
    private const int DeepestNesting = 32;
    private const int MostMembers = 65536;

    private readonly BtfTypes[] _members;

    /// <param name="image">The kernel image's types.</param>
    /// <param name="modules">Module types, split from <paramref name="image"/>.</param>
    /// <exception cref="ArgumentException">A module belongs to another image.</exception>
    public BtfTypeSet(BtfTypes image, params ReadOnlySpan<BtfTypes> modules)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (var module in modules)
        {
            if (module.Base != image)
                throw new ArgumentException($"The types of {module.Name} were not read on top of {image.Name}.", nameof(modules));
        }
        _members = [image, .. modules];
    }

    /// <summary>The image and the modules, in search order.</summary>
    public IReadOnlyList<BtfTypes> Members => _members;

    /// <summary>The first type of this kind and name.</summary>
    public BtfType? Find(BtfKind kind, string name)
    {
        foreach (var member in _members)
        {
            if (member.Find(kind, name) is { } type)
                return type;
        }
        return null;
    }

    /// <summary>A struct by its tag; a union or a typedef of a struct or union by its name when there is no such struct.</summary>
    public BtfType? FindStruct(string name)
    {
        if ((Find(BtfKind.Struct, name) ?? Find(BtfKind.Union, name)) is { } type)
            return type;
        return Find(BtfKind.Typedef, name)?.Resolved is { Kind: BtfKind.Struct or BtfKind.Union } resolved ? resolved : null;
    }

    /// <summary>A field by its path, e.g. <c>sdb.table.sgl</c>: through embedded structs and unions; anonymous ones need no mention.
    /// Null when the struct or the field is not there.</summary>
    /// <exception cref="BadBtfException">The types are damaged (nested without end).</exception>
    public BtfField? FindField(string structName, string path) => FindStruct(structName) is { } type ? FindField(type, path) : null;

    /// <inheritdoc cref="FindField(string, string)"/>
    public static BtfField? FindField(BtfType structure, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        BtfField? field = null;
        foreach (var step in path.Split('.'))
        {
            var budget = MostMembers;
            var within = (field?.Type ?? structure).Resolved;
            if (Search(within, step, 0, ref budget) is not { } found)
                return null;
            field = found with { BitOffset = checked((field?.BitOffset ?? 0) + found.BitOffset) };
        }
        return field;
    }

    /// <summary>The value of an enumerator, whatever enumeration it belongs to.</summary>
    public long? FindEnumerator(string name)
    {
        foreach (var member in _members)
        {
            if (member.FindEnumerator(name) is { } value)
                return value;
        }
        return null;
    }

    /// <summary>The signature of a function.</summary>
    /// <exception cref="BadBtfException">The types are damaged.</exception>
    public BtfPrototype? FindFunction(string name) => Find(BtfKind.Function, name) is { } function ? BtfPrototype.Of(function) : null;

    /// <summary>The type of a global variable. Kernels describe per-CPU variables only, so most are not found.</summary>
    public BtfType? FindVariable(string name) => Find(BtfKind.Variable, name)?.Target;

    /// <summary>A function or variable as C declares it, e.g. <c>void *__kmalloc(size_t size, gfp_t flags)</c>; null when unknown.</summary>
    /// <exception cref="BadBtfException">The types are damaged.</exception>
    public string? FormatPrototype(string name) =>
        (Find(BtfKind.Function, name) ?? Find(BtfKind.Variable, name)) is { } type ? BtfDeclaration.Format(type.Target, name) : null;

    private static BtfField? Search(BtfType type, string name, int depth, ref int budget)
    {
        if (depth > DeepestNesting)
            throw new BadBtfException(type.Owner.Name, $"type {type.Id} is nested more than {DeepestNesting} deep");
        if (type.Kind is not (BtfKind.Struct or BtfKind.Union))
            return null;
        for (var index = 0; index < type.ElementCount; index++)
        {
            if (--budget < 0)
                throw new BadBtfException(type.Owner.Name, $"type {type.Id} has more than {MostMembers} members");
            var member = type.Member(index);
            if (member.Name == name)
                return member;
            if (member.Name.Length == 0 && Search(member.Type.Resolved, name, depth + 1, ref budget) is { } inner)
                return inner with { BitOffset = checked(member.BitOffset + inner.BitOffset) };
        }
        return null;
    }
}
