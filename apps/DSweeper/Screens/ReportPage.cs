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
        _heading = $"{Human.Outcome(report.Outcome)} ({Human.Time(report.Elapsed)})";
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
        canvas.Put(first, 1, _heading, _style);
        int shown = rows - 2;
        _top = Math.Clamp(_top, 0, Math.Max(0, _lines.Count - shown));
        for (int line = 0; line < Math.Min(shown, _lines.Count - _top); line++)
            canvas.Put(first + 2 + line, 1, _lines[_top + line]);
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
