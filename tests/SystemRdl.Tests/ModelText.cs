using System.Text;

namespace SystemRdl.Tests;

/// <summary>A model as text, for comparison with what a test expects.</summary>
internal static class ModelText
{
    public static string Of(Compilation compilation)
    {
        var text = new StringBuilder();
        foreach (var signal in compilation.Signals)
            Write(text, signal, "");
        foreach (var map in compilation.Maps)
            Write(text, map, "");
        return text.ToString();
    }

    private static void Write(StringBuilder text, Component component, string indent)
    {
        text.Append(indent).Append(component.Kind.Word()).Append(' ').Append(component.Name)
            .Append(string.Concat(component.ElementIndexes.Select(i => $"[{i}]")));
        switch (component)
        {
            case AddressableComponent addressable:
                text.Append(string.Concat(addressable.Dimensions.Select(d => $"[{d}]"))).Append($" @0x{addressable.Address:x} size 0x{addressable.Size:x}");
                if (addressable.Stride != addressable.Size)
                    text.Append($" stride 0x{addressable.Stride:x}");
                if (addressable.IsExternal)
                    text.Append(" external");
                if (addressable is Register { AliasOf: { } original })
                    text.Append($" alias {original.Name}");
                break;
            case Field field:
                text.Append($" [{field.High}:{field.Low}]");
                break;
            case Signal signal:
                text.Append($" width {signal.Width}");
                break;
        }
        foreach (var property in component.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
            text.Append($" {property.Key}={property.Value}");
        text.Append('\n');
        IEnumerable<Component> children = component switch
        {
            Block block => block.Signals.Concat<Component>(block.Children),
            Register register => register.Signals.Concat<Component>(register.Fields),
            _ => [],
        };
        foreach (var child in children)
            Write(text, child, indent + "  ");
    }
}
