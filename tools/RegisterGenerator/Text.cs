using System.Globalization;
using System.Linq;
using SystemRdl;

namespace RegisterGenerator;

/// <summary>How numbers and comments are spelled in generated code.</summary>
internal static class Text
{
    public static string Hex(uint value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture) + "u";

    /// <summary>To the left; to the right where <paramref name="bits"/> is negative.</summary>
    public static string Shifted(string value, int bits) => bits == 0 ? value : $"{value} {(bits > 0 ? "<<" : ">>")} {System.Math.Abs(bits)}";

    /// <summary>The same of a number; 32 bits and more leave nothing.</summary>
    public static uint Shifted(uint value, int bits) => bits is >= 32 or <= -32 ? 0 : bits >= 0 ? value << bits : value >> -bits;

    /// <summary>A documentation comment: what the description says of the component.</summary>
    public static string Summary(Component component) => Summary(component.Description ?? component.DisplayName ?? component.Name);

    public static string Summary(string text) => $"/// <summary>{Escaped(text)}</summary>";

    /// <summary>Text within a documentation comment.</summary>
    public static string Escaped(string text) => string.Join(
        " ", text.Replace("&", "&amp;").Replace("<", "&lt;").Split('\n', '\r', '\u0085', '\u2028', '\u2029').Select(l => l.Trim()).Where(l => l.Length > 0));

    /// <summary>A text as C#.</summary>
    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);
}
