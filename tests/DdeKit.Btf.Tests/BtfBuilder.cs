using System.Buffers.Binary;
using System.Text;
using DdeKit.Foreign.Btf;

namespace DdeKit.Btf.Tests;

/// <summary>Writes small BTF blobs by hand. Each method that adds a record returns its type id.</summary>
internal sealed class BtfBuilder(int firstId = 1, uint firstString = 0)
{
    private readonly List<byte> _types = [];
    private readonly List<byte> _strings = firstString == 0 ? [0] : [];
    private int _nextId = firstId;

    /// <summary>Where the strings of a module on top of this blob begin.</summary>
    public uint EndOfStrings => firstString + (uint)_strings.Count;

    public int NextId => _nextId;

    public int Integer(string name, uint size, bool signed = false, bool isBool = false) =>
        Add(name, BtfKind.Integer, 0, false, size, ((signed ? 1u : 0) | (isBool ? 4u : 0)) << 24 | (size * 8));

    public int Pointer(int target) => Add("", BtfKind.Pointer, 0, false, (uint)target);

    public int Typedef(string name, int target) => Add(name, BtfKind.Typedef, 0, false, (uint)target);

    public int Const(int target) => Add("", BtfKind.Const, 0, false, (uint)target);

    public int Forward(string name) => Add(name, BtfKind.Forward, 0, false, 0);

    public int TypeTag(string name, int target) => Add(name, BtfKind.TypeTag, 0, false, (uint)target);

    public int Variable(string name, int target) => Add(name, BtfKind.Variable, 0, false, (uint)target, 1);

    public int Array(int element, uint length) => Add("", BtfKind.Array, 0, false, 0, (uint)element, (uint)element, length);

    public int Struct(string name, uint size, params (string Name, int Type, uint BitOffset)[] members) =>
        Aggregate(BtfKind.Struct, name, size, false, members);

    public int Union(string name, uint size, params (string Name, int Type, uint BitOffset)[] members) =>
        Aggregate(BtfKind.Union, name, size, false, members);

    public int BitFieldStruct(string name, uint size, params (string Name, int Type, uint BitOffset, uint Width)[] members) =>
        Aggregate(BtfKind.Struct, name, size, true, [.. members.Select(member => (member.Name, member.Type, member.BitOffset | (member.Width << 24)))]);

    public int Enum(string name, bool signed, params (string Name, int Value)[] values) =>
        Add(name, BtfKind.Enum, values.Length, signed, 4, [.. values.SelectMany(value => new[] { String(value.Name), unchecked((uint)value.Value) })]);

    public int Enum64(string name, params (string Name, ulong Value)[] values) =>
        Add(name, BtfKind.Enum64, values.Length, false, 8,
            [.. values.SelectMany(value => new[] { String(value.Name), unchecked((uint)value.Value), (uint)(value.Value >> 32) })]);

    public int Function(string name, int result, params (string Name, int Type)[] parameters)
    {
        var prototype = Prototype(result, parameters);
        return Add(name, BtfKind.Function, 1, false, (uint)prototype);
    }

    public int Prototype(int result, params (string Name, int Type)[] parameters) =>
        Add("", BtfKind.FunctionPrototype, parameters.Length, false, (uint)result,
            [.. parameters.SelectMany(parameter => new[] { String(parameter.Name), (uint)parameter.Type })]);

    public int Add(string name, BtfKind kind, int elements, bool flag, uint sizeOrType, params uint[] tail)
    {
        Word(String(name));
        Word((uint)elements | ((uint)kind << 24) | (flag ? 1u << 31 : 0));
        Word(sizeOrType);
        foreach (var word in tail)
            Word(word);
        return _nextId++;
    }

    public byte[] Build()
    {
        var blob = new byte[24 + _types.Count + _strings.Count];
        BinaryPrimitives.WriteUInt16LittleEndian(blob, 0xEB9F);
        blob[2] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(4), 24);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(12), (uint)_types.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(16), (uint)_types.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(20), (uint)_strings.Count);
        _types.CopyTo(blob, 24);
        _strings.CopyTo(blob, 24 + _types.Count);
        return blob;
    }

    private int Aggregate(BtfKind kind, string name, uint size, bool flag, (string Name, int Type, uint Position)[] members) =>
        Add(name, kind, members.Length, flag, size,
            [.. members.SelectMany(member => new[] { String(member.Name), (uint)member.Type, member.Position })]);

    private uint String(string text)
    {
        if (text.Length == 0)
            return 0;
        var offset = firstString + (uint)_strings.Count;
        _strings.AddRange(Encoding.UTF8.GetBytes(text));
        _strings.Add(0);
        return offset;
    }

    private void Word(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _types.AddRange(bytes);
    }
}
