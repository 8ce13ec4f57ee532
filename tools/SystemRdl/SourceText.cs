using System;
using System.Collections.Generic;

namespace SystemRdl;

/// <summary>One file of SystemRDL: its path as diagnostics show it, and its text. Immutable.</summary>
public sealed class SourceText
{
    private readonly List<int> lineStarts = [0];

    public SourceText(string path, string text)
    {
        Path = path ?? throw new ArgumentNullException(nameof(path));
        Text = text ?? throw new ArgumentNullException(nameof(text));
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\n')
                lineStarts.Add(i + 1);
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The position of the character at <paramref name="offset"/>; offsets outside the text are moved to its ends.</summary>
    public SourcePosition PositionAt(int offset)
    {
        offset = Math.Max(0, Math.Min(offset, Text.Length));
        var found = lineStarts.BinarySearch(offset);
        var line = found >= 0 ? found : ~found - 1;
        return new SourcePosition(Path, line + 1, offset - lineStarts[line] + 1);
    }

    /// <summary>The text of a line without its end.</summary>
    /// <param name="line">From 1; a line that is not there is empty.</param>
    public string Line(int line)
    {
        if (line < 1 || line > lineStarts.Count)
            return "";
        var start = lineStarts[line - 1];
        var end = Text.IndexOf('\n', start);
        return Text.Substring(start, (end < 0 ? Text.Length : end) - start).TrimEnd('\r');
    }
}

/// <summary>A place in a source. Line and column count from 1; a column is one UTF-16 unit.</summary>
public sealed record SourcePosition(string Path, int Line, int Column)
{
    public override string ToString() => $"{Path}:{Line}:{Column}";
}
