using System.Text;

namespace DSweeper.Terminal;

/// <summary>How a cell looks; colours are chosen where cells are turned into escape sequences.</summary>
internal enum Style : byte
{
    Normal,
    Bold,
    Dim,
    Good,
    Bad,

    /// <summary>The title bar of read-only mode.</summary>
    SafeTitle,

    /// <summary>The title bar of write mode, and whatever else must not be overlooked.</summary>
    DangerTitle,

    /// <summary>Where the keyboard is.</summary>
    Focus,
}

/// <summary>A character and its look.</summary>
internal readonly record struct Cell(char Character, Style Style);

/// <summary>A screenful of cells. Text that does not fit is cut; what is no printable character becomes a question mark, because model
/// and serial come from a disk and must not speak to the terminal.</summary>
internal sealed class Canvas
{
    private readonly Cell[] _cells;

    internal Canvas(int width, int height)
    {
        Width = width;
        Height = height;
        _cells = new Cell[width * height];
        Clear();
    }

    internal int Width { get; }

    internal int Height { get; }

    internal Cell this[int row, int column] => _cells[row * Width + column];

    internal void Clear() => Array.Fill(_cells, new Cell(' ', Style.Normal));

    /// <summary>Writes text and returns the column after it.</summary>
    internal int Put(int row, int column, string text, Style style = Style.Normal)
    {
        if (row < 0 || row >= Height)
            return column;
        foreach (char character in text)
        {
            if (column >= 0 && column < Width)
                _cells[row * Width + column] = new Cell(Printable.Of(character), style);
            column++;
        }
        return column;
    }

    /// <summary>Writes text that ends at the right edge.</summary>
    internal void PutRight(int row, string text, Style style = Style.Normal) => Put(row, Width - text.Length - 1, text, style);

    /// <summary>Gives a whole row one look, from a column on.</summary>
    internal void Paint(int row, int column, int length, Style style)
    {
        for (int at = Math.Max(column, 0); at < Math.Min(column + length, Width) && row >= 0 && row < Height; at++)
            _cells[row * Width + at] = _cells[row * Width + at] with { Style = style };
    }

    /// <summary>The screen as lines of text without looks, ends trimmed.</summary>
    internal string ToText()
    {
        var text = new StringBuilder();
        for (int row = 0; row < Height; row++)
        {
            var line = new StringBuilder();
            for (int column = 0; column < Width; column++)
                line.Append(this[row, column].Character);
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
        return text.ToString();
    }
}

/// <summary>Text that came from a disk, made fit for a terminal.</summary>
internal static class Printable
{
    internal static char Of(char character) =>
        char.IsControl(character) || char.IsSurrogate(character) || char.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.Format
            ? '?'
            : character;

    internal static string Of(string text) => string.Create(text.Length, text, static (characters, source) =>
    {
        for (int i = 0; i < characters.Length; i++)
            characters[i] = Of(source[i]);
    });
}
