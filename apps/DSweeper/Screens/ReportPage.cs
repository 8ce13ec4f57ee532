using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>What became of a run.</summary>
internal sealed class ReportPage : IPage
{
    private readonly IReadOnlyList<string> _lines;
    private readonly string _heading;
    private readonly Style _style;
    private int _top;

    internal ReportPage(SweepReport report)
    {
        _lines = [.. TextReports.Report(report)];
        bool good = SweeperApplication.CodeOf(report.Outcome) == RootTask.ExitCode.Ok;
        _style = good ? Style.Good : Style.Bad;
        _heading = $"{Human.Outcome(report.Outcome)} ({Human.Duration(report.Elapsed)})";
    }

    /// <summary>A run that failed in a way nobody foresaw, or could not begin.</summary>
    internal ReportPage(string failure)
    {
        _lines = [];
        _heading = failure;
        _style = Style.Bad;
    }

    /// <inheritdoc />
    public string Help => "enter back to the list   arrows scroll   q quit";

    /// <inheritdoc />
    public void Draw(Canvas canvas, int first, int rows)
    {
        int row = first;
        foreach (string line in Human.Wrap(_heading, canvas.Width - 2))
            canvas.Put(row++, 1, line, _style);
        row++;
        string[] lines = [.. _lines.SelectMany(line => Human.Wrap(line, canvas.Width - 2))];
        int shown = first + rows - row;
        _top = Math.Clamp(_top, 0, Math.Max(0, lines.Length - shown));
        foreach (string line in lines.Skip(_top).Take(shown))
            canvas.Put(row++, 1, line);
    }

    /// <inheritdoc />
    public ScreenRequest Handle(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.UpArrow:
                _top--;
                break;
            case ConsoleKey.DownArrow:
                _top++;
                break;
            case ConsoleKey.Enter or ConsoleKey.Escape:
                return ScreenRequest.Back;
            case ConsoleKey.Q:
            case ConsoleKey.C when key.Modifiers.HasFlag(ConsoleModifiers.Control):
                return ScreenRequest.Quit;
        }
        return ScreenRequest.None;
    }
}
