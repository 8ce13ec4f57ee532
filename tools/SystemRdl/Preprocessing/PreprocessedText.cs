using System;
using System.Collections.Generic;
using System.Text;

namespace SystemRdl;

/// <summary>What the preprocessor leaves: one text, and for each of its characters the place in a source that it came from.</summary>
internal sealed class PreprocessedText
{
    private readonly StringBuilder text = new();
    private readonly List<Run> runs = [];

    public int Length => text.Length;

    public string Text => text.ToString();

    /// <summary>Adds characters that stand in <paramref name="source"/> from <paramref name="offset"/> on.</summary>
    public void Append(SourceText source, int offset, int count)
    {
        runs.Add(new Run(text.Length, source, offset, Fixed: false));
        text.Append(source.Text, offset, count);
    }

    /// <summary>Adds characters that a macro made: all of them are reported where the macro is used.</summary>
    public void AppendExpansion(SourceText source, int useOffset, string expansion)
    {
        runs.Add(new Run(text.Length, source, useOffset, Fixed: true));
        text.Append(expansion);
    }

    public SourcePosition PositionAt(int offset)
    {
        var low = 0;
        var high = runs.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (runs[middle].Start <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        if (runs.Count == 0)
            throw new InvalidOperationException("A text without characters has no positions.");
        var run = runs[low];
        return run.Source.PositionAt(run.Fixed ? run.Offset : run.Offset + Math.Max(0, offset - run.Start));
    }

    private sealed record Run(int Start, SourceText Source, int Offset, bool Fixed);
}
