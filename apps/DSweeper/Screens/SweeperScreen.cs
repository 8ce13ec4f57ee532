using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>The whole window: a title that says whether anything can be written, one page, and a line of keys.</summary>
internal sealed class SweeperScreen
{
    private const int MinimumWidth = 60;
    private const int MinimumHeight = 16;

    private readonly SweepMode _mode;
    private bool _showsHelp;

    internal SweeperScreen(SweepMode mode, IPage page)
    {
        _mode = mode;
        Page = page;
    }

    /// <summary>What is shown.</summary>
    internal IPage Page { get; set; }

    /// <summary>The window's title.</summary>
    internal string Title => _mode == SweepMode.Write ? "DSweeper (WRITE)" : "DSweeper (readonly)";

    internal void Draw(Canvas canvas)
    {
        canvas.Clear();
        var style = _mode == SweepMode.Write ? Style.DangerTitle : Style.SafeTitle;
        canvas.Paint(0, 0, canvas.Width, style);
        canvas.Put(0, 1, Title, style);
        if (canvas.Width < MinimumWidth || canvas.Height < MinimumHeight)
        {
            canvas.Put(1, 0, $"{canvas.Width} x {canvas.Height} is too small;");
            canvas.Put(2, 0, $"{MinimumWidth} x {MinimumHeight} is needed.");
            return;
        }
        canvas.PutRight(0, _mode == SweepMode.Write ? "data will be destroyed" : "nothing will be written", style);
        if (_showsHelp)
            DrawHelp(canvas);
        else
            Page.Draw(canvas, 2, canvas.Height - 4);
        canvas.Put(canvas.Height - 1, 1, _showsHelp ? "any key: back" : Page.Help, Style.Dim);
    }

    internal ScreenRequest Handle(ConsoleKeyInfo key)
    {
        if (_showsHelp)
        {
            _showsHelp = false;
            return ScreenRequest.None;
        }
        // Serial numbers are typed on the confirmation page, question marks and all.
        if (key.KeyChar == '?' && Page is not ConfirmPage)
        {
            _showsHelp = true;
            return ScreenRequest.None;
        }
        return Page.Handle(key);
    }

    private void DrawHelp(Canvas canvas)
    {
        ReadOnlySpan<string> lines =
        [
            "DSweeper erases partitions and whole disks.",
            "",
            _mode == SweepMode.Write
                ? "Started with --write: after the serial number of each disk is typed, it writes."
                : "Read-only: Start reads all that would be erased, and says how long it took.",
            _mode == SweepMode.Write ? "" : "To really erase, start it again with --write.",
            "",
            "up, down       move                 space   choose",
            "tab            next group           enter   choose; on Start: begin",
            "left, right    change a setting     q, esc  leave",
            "",
            "A disk as a whole and its partitions exclude each other.",
            "Verification reads everything back and compares it.",
        ];
        for (int line = 0; line < lines.Length; line++)
            canvas.Put(2 + line, 2, lines[line]);
    }
}
