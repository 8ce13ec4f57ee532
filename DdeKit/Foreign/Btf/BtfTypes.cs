using System.Buffers.Binary;
using System.Text;

namespace DdeKit.Foreign.Btf;

/// <summary>
/// The type information of a kernel image, or of one module on top of it ("split": its type ids and name offsets continue from the
/// base). Format: the kernel's Documentation/bpf/btf.rst. Nothing is decoded before it is asked for. Immutable; any thread.
/// </summary>
public sealed class BtfTypes
{
    private readonly ReadOnlyMemory<byte> _types;
    private readonly ReadOnlyMemory<byte> _strings;
    private readonly int[] _offsets;
    private readonly int _firstString;
    private readonly Lazy<BtfNameIndex> _byName;
    private readonly Lazy<BtfEnumerators> _enumerators;

    private BtfTypes(BtfTypes? @base, ReadOnlyMemory<byte> raw, string name)
    {
        Base = @base;
        Name = name;
        FirstId = @base is null ? 1 : @base.EndId;
        _firstString = @base is null ? 0 : @base._firstString + @base._strings.Length;
        (_types, _strings, _offsets) = BtfParser.Parse(raw, name, FirstId, _firstString);
        _byName = new(() => new(this, Names()));
        _enumerators = new(() => new(this));
    }

    /// <summary>Whose types these are: <c>vmlinux</c> or a module's name.</summary>
    public string Name { get; }

    /// <summary>The kernel image's types when these are a module's.</summary>
    public BtfTypes? Base { get; }

    /// <summary>The first type id that is defined here and not in <see cref="Base"/>.</summary>
    public int FirstId { get; }

    /// <summary>One more than the last type id.</summary>
    public int EndId => FirstId + _offsets.Length;

    /// <summary>Reads the types of a kernel image.</summary>
    /// <param name="raw">The contents of the <c>.BTF</c> section; kept, not copied.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="BadBtfException">The blob is damaged.</exception>
    public static BtfTypes Parse(ReadOnlyMemory<byte> raw, string name) => new(null, raw, name);

    /// <summary>Reads the types of a module that was built against the kernel of <paramref name="base"/>.</summary>
    /// <inheritdoc cref="Parse"/>
    public static BtfTypes ParseSplit(BtfTypes @base, ReadOnlyMemory<byte> raw, string name)
    {
        ArgumentNullException.ThrowIfNull(@base);
        return new(@base, raw, name);
    }

    /// <summary>The type with this id; 0 is <c>void</c>.</summary>
    /// <exception cref="BadBtfException">There is none.</exception>
    public BtfType this[int id] => id < 0 || id >= EndId
        ? throw new BadBtfException(Name, $"there is no type {id}, of {EndId}")
        : new(id < FirstId && Base is not null ? Base.OwnerOf(id) : this, id);

    /// <summary>The first type of this kind and name that is defined here (the base is not searched).</summary>
    public BtfType? Find(BtfKind kind, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        for (var item = _byName.Value.Find(text, -1); item >= 0; item = _byName.Value.Find(text, item))
        {
            var type = new BtfType(this, FirstId + item);
            if (type.Kind == kind)
                return type;
        }
        return null;
    }

    /// <summary>The value of an enumerator of any enumeration that is defined here (the base is not searched).</summary>
    public long? FindEnumerator(string name) => _enumerators.Value.Find(name);

    internal ReadOnlySpan<byte> Record(int id) => _types.Span[_offsets[id - FirstId]..];

    internal ReadOnlySpan<byte> Utf8At(uint offset)
    {
        if (offset < (uint)_firstString)
            return Base!.Utf8At(offset);
        var text = _strings.Span[(int)(offset - (uint)_firstString)..];
        return text[..text.IndexOf((byte)0)];
    }

    internal string TextAt(uint offset) => offset == 0 ? "" : Encoding.UTF8.GetString(Utf8At(offset));

    private BtfTypes OwnerOf(int id) => id < FirstId && Base is not null ? Base.OwnerOf(id) : this;

    private uint[] Names()
    {
        var names = new uint[_offsets.Length];
        var types = _types.Span;
        for (var item = 0; item < names.Length; item++)
            names[item] = BinaryPrimitives.ReadUInt32LittleEndian(types[_offsets[item]..]);
        return names;
    }
}
