using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>Where a component is, in C: the prefix of its names, and its offset with an index for each dimension of each array around it.</summary>
internal sealed class CPlace
{
    private readonly List<string> indexes = [];

    public CPlace(AddressableComponent component, string name)
    {
        Name = name;
        var offset = CHeader.Constant(component.Address, component.Address > uint.MaxValue ? 64 : 32);
        foreach (var array in Around(component).Where(c => c.Dimensions.Count > 0))
        {
            var stride = array.Stride * (ulong)array.Count;
            foreach (var dimension in array.Dimensions)
            {
                stride /= (ulong)dimension;
                var index = $"index{indexes.Count}";
                indexes.Add(index);
                offset += $" + {CHeader.Constant(stride, stride > uint.MaxValue ? 64 : 32)} * ({index})";
            }
        }
        OffsetExpression = indexes.Count == 0 ? offset : $"({offset})";
    }

    /// <summary>In capitals.</summary>
    public string Name { get; }

    public string OffsetExpression { get; }

    /// <summary>Such as <c>(index0)</c>; empty outside of arrays.</summary>
    public string MacroParameters => indexes.Count == 0 ? "" : $"({string.Join(", ", indexes)})";

    /// <summary>Such as <c>, unsigned index0</c>; empty outside of arrays.</summary>
    public string FunctionParameters => string.Concat(indexes.Select(i => $", unsigned {i}"));

    /// <summary>The indexes as a call passes them on.</summary>
    public string Arguments => string.Concat(indexes.Select(i => $", {i}"));

    public string FunctionName => Name.ToLowerInvariant();

    public string NameOf(Field field) => $"{Name}_{OutputWords.Capitals(field.Name)}";

    public static string NameOf(AddressableComponent component) => string.Join("_", Around(component).Select(
        c => string.Join("_", new[] { OutputWords.Capitals(c.Name) }.Concat(c.ElementIndexes.Select(i => $"{i}")))));

    private static IEnumerable<AddressableComponent> Around(AddressableComponent component) =>
        component.Parent is AddressableComponent parent ? Around(parent).Concat([component]) : [component];
}
