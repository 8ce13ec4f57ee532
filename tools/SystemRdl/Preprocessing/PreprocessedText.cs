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

    /// <summary>The whole of a source.</summary>
    public static PreprocessedText Of(SourceText source)
    {
        var whole = new PreprocessedText();
        whole.Append(source, 0, source.Text.Length);
        return whole;
    }

    /// <summary>Adds characters of another text; each keeps its place in a source.</summary>
    public void Append(PreprocessedText other, int offset, int count)
    {
        var end = offset + count;
        for (var i = other.RunAt(offset); offset < end; i++)
        {
            var run = other.runs[i];
            var stop = i + 1 < other.runs.Count ? Math.Min(end, other.runs[i + 1].Start) : end;
            runs.Add(run with { Start = text.Length, Offset = run.Fixed ? run.Offset : run.Offset + offset - run.Start });
            text.Append(other.text.ToString(offset, stop - offset));
            offset = stop;
        }
    }

    /// <summary>Adds characters that a macro made of a use in another text.</summary>
    public void AppendExpansion(PreprocessedText other, int useOffset, string expansion)
    {
        var run = other.runs[other.RunAt(useOffset)];
        AppendExpansion(run.Source, run.Fixed ? run.Offset : run.Offset + useOffset - run.Start, expansion);
    }

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
        if (runs.Count == 0)
            throw new InvalidOperationException("A text without characters has no positions.");
        var run = runs[RunAt(offset)];
        return run.Source.PositionAt(run.Fixed ? run.Offset : run.Offset + Math.Max(0, offset - run.Start));
    }

    private int RunAt(int offset)
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
        return low;
    }

    private sealed record Run(int Start, SourceText Source, int Offset, bool Fixed);
}
