using System.Text;
using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>The last gate before writing: the serial number of each disk, typed by hand.</summary>
internal sealed class ConfirmPage : IPage
{
    private readonly IReadOnlyList<(string Disk, string Model, string Serial)> _disks;
    private readonly StringBuilder _typed = new();
    private int _disk;
    private string? _message;

    internal ConfirmPage(SweepPlan plan)
    {
        Plan = plan;
        _disks = plan.Disks;
    }

    /// <summary>What is to be confirmed.</summary>
    internal SweepPlan Plan { get; }

    /// <summary>The serial numbers confirmed so far.</summary>
    internal IReadOnlyList<string> Serials => [.. _disks.Take(_disk).Select(disk => disk.Serial)];

    /// <inheritdoc />
    public string Help => "type the serial number   enter go on   esc back";

    /// <inheritdoc />
    public void Draw(Canvas canvas, int first, int rows)
    {
        var (disk, model, serial) = _disks[Math.Min(_disk, _disks.Count - 1)];
        canvas.Paint(first, 0, canvas.Width, Style.DangerTitle);
        canvas.Put(first, 1, $"All data on this will be destroyed and replaced by {Human.Method(Plan.Method)}:", Style.DangerTitle);
        int row = first + 2;
        int last = first + rows - 7;
        foreach (var target in Plan.Targets)
        {
            if (row == last && target != Plan.Targets[^1])
            {
                canvas.Put(row++, 3, $"and {Plan.Targets.Count - (row - first - 3)} more", Style.Bad);
                break;
            }
            string sectors = $"sectors {target.FirstSector} to {target.Extent.Last} of {target.Disk}";
            canvas.Put(row++, 3, $"{target.Name,-10} {Human.Size(target.Bytes),10}   {sectors}", Style.Bad);
        }
        row++;
        canvas.Put(row, 1, $"{disk}: {model}, serial number {serial}");
        int column = canvas.Put(row + 1, 1, $"Type the serial number of {disk} to go on: ", Style.Bold);
        column = canvas.Put(row + 1, column, _typed.ToString());
        canvas.Put(row + 1, column, " ", Style.Focus);
        if (_message is not null)
            canvas.Put(row + 3, 1, _message, Style.Bad);
    }

    /// <inheritdoc />
    public ScreenRequest Handle(ConsoleKeyInfo key)
    {
        _message = null;
        switch (key.Key)
        {
            case ConsoleKey.Escape:
            case ConsoleKey.C when key.Modifiers.HasFlag(ConsoleModifiers.Control):
                return ScreenRequest.Back;
            case ConsoleKey.Backspace:
                _typed.Length = Math.Max(0, _typed.Length - 1);
                return ScreenRequest.None;
            case ConsoleKey.Enter:
                return Enter();
        }
        if (!char.IsControl(key.KeyChar))
            _typed.Append(key.KeyChar);
        return ScreenRequest.None;
    }

    private ScreenRequest Enter()
    {
        var (disk, _, serial) = _disks[_disk];
        string typed = _typed.ToString().Trim();
        _typed.Clear();
        if (serial.Length == 0)
            _message = $"{disk} has no serial number, so it cannot be confirmed. Nothing was written.";
        else if (typed != serial)
            _message = $"'{typed}' is not the serial number of {disk}. Nothing was written.";
        else if (++_disk == _disks.Count)
            return ScreenRequest.Confirmed;
        return ScreenRequest.None;
    }
}
