using System.Text;

namespace DdeKit.Foreign.Btf;

/// <summary>All named constants of one BTF blob, by name.</summary>
internal sealed class BtfEnumerators
{
    private readonly List<long> _values = [];
    private readonly BtfNameIndex _byName;

    internal BtfEnumerators(BtfTypes types)
    {
        var names = new List<uint>();
        for (var id = types.FirstId; id < types.EndId; id++)
        {
            var type = types[id];
            if (type.Kind is not (BtfKind.Enum or BtfKind.Enum64))
                continue;
            for (var element = 0; element < type.ElementCount; element++)
            {
                names.Add(type.ElementNameOffset(element));
                _values.Add(type.EnumeratorValue(element));
            }
        }
        _byName = new(types, [.. names]);
    }

    internal long? Find(string name)
    {
        var item = _byName.Find(Encoding.UTF8.GetBytes(name), -1);
        return item < 0 ? null : _values[item];
    }
}
