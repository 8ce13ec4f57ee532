using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>A run on its way.</summary>
internal sealed class ProgressPage(SweepPlan plan) : IPage
{
    private bool _asks;
    private bool _stopping;

    /// <summary>Where the run is.</summary>
    internal SweepProgress Progress { get; set; } =
        new(0, plan.Mode == SweepMode.Write ? SweepPhase.Write : SweepPhase.Rehearse, 0, 0, plan.WorkBytes, 0, null, TimeSpan.Zero, 0);

    /// <inheritdoc />
    public string Help => _stopping ? "stopping when the disk has answered" : _asks ? "y stop   any other key go on" : "c stop";

    /// <inheritdoc />
    public void Draw(Canvas canvas, int first, int rows)
    {
        int row = first;
        int listRows = rows - 8;
        int top = Math.Clamp(Progress.Target - listRows / 2, 0, Math.Max(0, plan.Targets.Count - listRows));
        for (int index = top; index < Math.Min(top + listRows, plan.Targets.Count); index++)
        {
            var target = plan.Targets[index];
            bool current = index == Progress.Target;
            string state = index < Progress.Target ? "done" : current ? Human.Phase(plan, Progress.Phase) : "waiting";
            canvas.Put(row++, 1, $"{(current ? "▸" : " ")} {target.Name,-10} {Human.Size(target.Bytes),10}   {state}", current ? Style.Bold : Style.Normal);
        }
        row = first + rows - 7;
        DrawBar(canvas, row);
        canvas.Put(row + 2, 1, $"{Human.Size(Progress.TotalBytes)} of {Human.Size(Progress.WorkBytes)}");
        canvas.Put(row + 2, 30, $"rate {Human.Rate(Progress.BytesPerSecond)}");
        canvas.Put(row + 3, 1, $"elapsed {Human.Time(Progress.Elapsed)}");
        canvas.Put(row + 3, 30, $"left {(Progress.Remaining is { } left ? Human.TimeLeft(left) : "-")}");
        if (Progress.FaultySectors > 0)
            canvas.Put(row + 4, 1, $"{Human.Count(Progress.FaultySectors, "sector")} FAILED", Style.Bad);
        if (_stopping)
            canvas.Put(row + 6, 1, "Stopping ...", Style.Bold);
        else if (_asks)
            canvas.Put(row + 6, 1, plan.Mode == SweepMode.Write ? "Stop? What is written stays written. (y/n)" : "Stop? (y/n)", Style.Bold);
    }

    /// <inheritdoc />
    public ScreenRequest Handle(ConsoleKeyInfo key)
    {
        if (_stopping)
            return ScreenRequest.None;
        if (_asks)
        {
            _asks = false;
            _stopping = key.Key == ConsoleKey.Y;
            return _stopping ? ScreenRequest.Cancel : ScreenRequest.None;
        }
        _asks = key.Key is ConsoleKey.C or ConsoleKey.Q or ConsoleKey.Escape;
        return ScreenRequest.None;
    }

    private void DrawBar(Canvas canvas, int row)
    {
        int width = canvas.Width - 9;
        int full = (int)(Progress.Fraction * width);
        int column = canvas.Put(row, 1, new string('█', full), plan.Mode == SweepMode.Write ? Style.Bad : Style.Good);
        column = canvas.Put(row, column, new string('░', width - full), Style.Dim);
        canvas.Put(row, column, $"{(int)(Progress.Fraction * 100),4} %");
    }
}
