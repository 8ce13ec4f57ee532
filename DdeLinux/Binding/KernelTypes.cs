using DdeKit.Foreign.Btf;

namespace DdeLinux;

/// <summary>
/// The layouts of one kernel release, by name. Everything that the shim knows of a structure goes through here and is checked here:
/// what the shim expects and the kernel does not have is an error that names both. Any thread.
/// </summary>
public sealed class KernelTypes
{
    private static KernelTypes? s_current;

    private readonly BtfTypeSet[] _sets;

    /// <param name="release">The kernel's release, such as <c>uname -r</c> prints it.</param>
    /// <param name="types">Types of the kernel image and of the modules that the shim meets.</param>
    public KernelTypes(string release, BtfTypeSet types)
        : this(release, [types])
    {
    }

    private KernelTypes(string release, BtfTypeSet[] sets)
    {
        Release = release;
        _sets = sets;
    }

    /// <summary>The kernel's release.</summary>
    public string Release { get; }

    /// <summary>
    /// The types that all views in this process use: offsets become constants of the compiled code, so there is one release a process.
    /// Setting types of the same release adds those of modules not seen yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">Read before it was set, or set to another release.</exception>
    public static KernelTypes Current
    {
        get => Volatile.Read(ref s_current) ?? throw new InvalidOperationException("No kernel's types are set: KernelTypes.Current comes first.");
        set
        {
            KernelTypes? seen;
            KernelTypes next;
            do
            {
                seen = Volatile.Read(ref s_current);
                next = seen is null ? value : seen.With(value);
            }
            while (Interlocked.CompareExchange(ref s_current, next, seen) != seen);
        }
    }

    /// <summary>
    /// What <paramref name="lookup"/> gives, or -1. For static fields, which must not throw: a failure there would be for ever and
    /// for all fields of the view. Whoever finds -1 looks up again and gets the exception.
    /// </summary>
    public static int Find(Func<KernelTypes, int> lookup)
    {
        try
        {
            return Volatile.Read(ref s_current) is { } types ? lookup(types) : -1;
        }
        catch (KernelLayoutException)
        {
            return -1;
        }
    }

    /// <summary>Offset of a plain field.</summary>
    /// <param name="structName">The structure in C.</param>
    /// <param name="path">The field; dots lead through embedded structures.</param>
    /// <param name="width">Bytes that it must have.</param>
    /// <exception cref="KernelLayoutException">There is none, or it has another width.</exception>
    public int OffsetOf(string structName, string path, int width)
    {
        var field = PlainField(structName, path);
        return field.Size == (ulong)width
            ? (int)field.ByteOffset
            : throw Wrong(structName, path, $"('{field.Type}') takes {field.Size} bytes, the shim expects {width}");
    }

    /// <summary>Offset of a pointer field.</summary>
    /// <param name="structName">The structure in C.</param>
    /// <param name="path">The field; dots lead through embedded structures.</param>
    /// <param name="target">The structure that it must point to (void will do); null if it does not matter.</param>
    /// <exception cref="KernelLayoutException">There is none, or it is no such pointer.</exception>
    public int PointerOffset(string structName, string path, string? target)
    {
        var field = PlainField(structName, path);
        if (!field.Type.IsPointer)
            throw Wrong(structName, path, $"('{field.Type}') takes {field.Size} bytes and is no pointer; the shim expects a pointer of 8 bytes");
        return target is null || field.Type.PointsTo(target)
            ? (int)field.ByteOffset
            : throw Wrong(structName, path, $"('{field.Type}') does not point to a {target}");
    }

    /// <summary>Offset of an embedded structure.</summary>
    /// <param name="structName">The structure in C.</param>
    /// <param name="path">The field; dots lead through embedded structures.</param>
    /// <param name="embedded">The structure that it must be.</param>
    /// <exception cref="KernelLayoutException">There is none, or it is something else.</exception>
    public int EmbeddedOffset(string structName, string path, string embedded)
    {
        var field = PlainField(structName, path);
        return field.Type.Names(embedded)
            ? (int)field.ByteOffset
            : throw Wrong(structName, path, $"('{field.Type}') takes {field.Size} bytes and is no {embedded}");
    }

    /// <summary>Offset of a field of any type but a bit field.</summary>
    /// <exception cref="KernelLayoutException">There is none.</exception>
    public int AddressOffset(string structName, string path) => (int)PlainField(structName, path).ByteOffset;

    /// <summary>Where a bit field is, for <see cref="BitFields"/>.</summary>
    /// <exception cref="KernelLayoutException">There is none, or it is no bit field.</exception>
    public int BitField(string structName, string path)
    {
        var field = FindField(structName, path);
        return field.IsBitField
            ? BitFields.Pack((int)field.BitOffset, field.BitFieldSize)
            : throw Wrong(structName, path, $"('{field.Type}') takes {field.Size} bytes and is no bit field");
    }

    /// <summary>Bytes of a structure.</summary>
    /// <exception cref="KernelLayoutException">There is none.</exception>
    public int SizeOf(string structName) => (int)FindStruct(structName).Size;

    /// <summary>The value of an enumerator of any enumeration.</summary>
    /// <exception cref="KernelLayoutException">There is none.</exception>
    public long EnumValue(string name)
    {
        foreach (var set in _sets)
        {
            if (set.FindEnumerator(name) is { } value)
                return value;
        }
        throw new KernelLayoutException($"Kernel {Release} has no enumerator {name}.");
    }

    /// <summary>The signature of a function; null when the types know none of that name.</summary>
    public BtfPrototype? FindFunction(string name) => _sets.Select(set => set.FindFunction(name)).FirstOrDefault(found => found is not null);

    /// <summary>The declaration of a function or variable as C text; null when the types know none of that name.</summary>
    public string? FormatPrototype(string name) => _sets.Select(set => set.FormatPrototype(name)).FirstOrDefault(found => found is not null);

    private KernelTypes With(KernelTypes added)
    {
        if (added.Release != Release)
            throw new InvalidOperationException($"This process uses the types of kernel {Release}; those of {added.Release} need a process of their own.");
        var known = _sets.SelectMany(set => set.Members).Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        bool isNews = added._sets.SelectMany(set => set.Members).Any(member => !known.Contains(member.Name));
        return isNews ? new KernelTypes(Release, [.. _sets, .. added._sets]) : this;
    }

    private BtfType FindStruct(string structName)
    {
        foreach (var set in _sets)
        {
            if (set.FindStruct(structName) is { } type)
                return type;
        }
        throw new KernelLayoutException($"Kernel {Release} has no structure {structName}; searched: {string.Join(", ", _sets.SelectMany(s => s.Members).Select(m => m.Name).Distinct())}.");
    }

    private BtfField PlainField(string structName, string path)
    {
        var field = FindField(structName, path);
        return field.IsBitField
            ? throw Wrong(structName, path, $"is a bit field of {field.BitFieldSize} bits")
            : field;
    }

    private BtfField FindField(string structName, string path) =>
        BtfTypeSet.FindField(FindStruct(structName), path) ?? throw Wrong(structName, path, "does not exist");

    private KernelLayoutException Wrong(string structName, string path, string problem) =>
        new($"{structName}.{path} of kernel {Release} {problem}.");
}
