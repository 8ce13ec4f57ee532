using Bddf;
using DSweeper.Core;
using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>The choice: what, with what, checked or not, Start.</summary>
internal sealed class SelectPage : IPage
{
    private const int BelowList = 9;
    private const int DetailRows = 2;

    private readonly List<DeviceRow> _rows;
    private readonly SweepMode _mode;
    private Group _group;
    private int _row;
    private int _top;
    private string? _message;

    internal SelectPage(SweepMode mode, IReadOnlyList<BlockDeviceInfo> devices, SweeperOptions options)
    {
        _mode = mode;
        _rows = DeviceRow.Of(devices);
        Method = options.Method;
        Verify = options.Verify;
        foreach (var row in _rows)
        {
            if (options.Select.Contains(row.Name))
                Choose(row);
        }
    }

    private enum Group
    {
        List,
        Method,
        Verify,
        Start,
    }

    internal EraseMethod Method { get; private set; }

    internal bool Verify { get; private set; }

    /// <summary>What is chosen, in the order of the list.</summary>
    internal IReadOnlyList<string> Names => [.. _rows.Where(row => row.IsChosen).Select(row => row.Name)];

    /// <inheritdoc />
    public string Help => "arrows move   space choose   tab to Start, then enter   q quit   ? help";

    /// <summary>Says why Start did not start.</summary>
    internal void Complain(string message) => _message = message;

    /// <inheritdoc />
    public void Draw(Canvas canvas, int first, int rows)
    {
        int listRows = rows - BelowList;
        int top = Math.Clamp(_top, Math.Max(0, _row - listRows + 1), _row);
        for (int index = top; index < Math.Min(top + listRows, _rows.Count); index++)
            DrawRow(canvas, first + index - top, _rows[index], _group == Group.List && index == _row);
        _top = top;
        if (_rows.Count == 0)
            canvas.Put(first, 2, "There are no disks.");
        int hidden = _rows.Count - listRows;
        if (hidden > 0)
            canvas.PutRight(first - 1, $"{top + 1} to {Math.Min(top + listRows, _rows.Count)} of {_rows.Count}", Style.Dim);
        DrawDetails(canvas, first + listRows);
        DrawSettings(canvas, first + rows - 4);
    }

    /// <inheritdoc />
    public ScreenRequest Handle(ConsoleKeyInfo key)
    {
        _message = null;
        switch (key.Key)
        {
            case ConsoleKey.UpArrow:
                Move(-1);
                break;
            case ConsoleKey.DownArrow:
                Move(1);
                break;
            case ConsoleKey.PageUp or ConsoleKey.Home when _group == Group.List:
                _row = 0;
                break;
            case ConsoleKey.PageDown or ConsoleKey.End when _group == Group.List:
                _row = Math.Max(0, _rows.Count - 1);
                break;
            case ConsoleKey.Tab:
                int groups = Enum.GetValues<Group>().Length;
                _group = (Group)(((int)_group + (key.Modifiers.HasFlag(ConsoleModifiers.Shift) ? groups - 1 : 1)) % groups);
                break;
            case ConsoleKey.LeftArrow or ConsoleKey.RightArrow when _group is Group.Method or Group.Verify:
            case ConsoleKey.Spacebar or ConsoleKey.Enter when _group != Group.Start:
                Change();
                break;
            case ConsoleKey.Spacebar or ConsoleKey.Enter:
                return Start();
            case ConsoleKey.Escape or ConsoleKey.Q:
            case ConsoleKey.C when key.Modifiers.HasFlag(ConsoleModifiers.Control):
                return ScreenRequest.Quit;
        }
        return ScreenRequest.None;
    }

    private ScreenRequest Start()
    {
        if (Names.Count > 0)
            return ScreenRequest.Start;
        _message = "Nothing is chosen: go to a partition and press space.";
        return ScreenRequest.None;
    }

    private void Move(int step)
    {
        if (_group == Group.List && _row + step >= 0 && _row + step < _rows.Count)
            _row += step;
        else if (_group != Group.List || step > 0)
            _group = (Group)Math.Clamp((int)_group + step, 0, (int)Group.Start);
    }

    private void Change()
    {
        switch (_group)
        {
            case Group.List when _rows.Count > 0:
                Choose(_rows[_row]);
                break;
            case Group.Method:
                Method = Method == EraseMethod.Zero ? EraseMethod.Random : EraseMethod.Zero;
                break;
            case Group.Verify:
                Verify = !Verify;
                break;
        }
    }

    /// <summary>Choosing a disk takes its partitions out of the choice, and the other way round: nothing is erased twice.</summary>
    private void Choose(DeviceRow row)
    {
        if (!row.IsUsable)
        {
            _message = row.Device.Gone is { } cause ? $"{row.Device.Name} went away: {cause}" : $"{row.Name} has no sectors.";
            return;
        }
        row.IsChosen = !row.IsChosen;
        foreach (var other in _rows)
        {
            if (row.IsChosen && other != row && other.Overlaps(row))
                other.IsChosen = false;
        }
    }

    private static void DrawRow(Canvas canvas, int at, DeviceRow row, bool focus)
    {
        bool disk = row.Partition is null;
        var style = focus ? Style.Focus : row.Device.Gone is not null ? Style.Bad : disk ? Style.Bold : Style.Normal;
        canvas.Paint(at, 0, canvas.Width, focus ? Style.Focus : Style.Normal);
        canvas.Put(at, 1, focus ? "▸" : " ", style);
        string box = row.IsChosen ? "[x]" : "[ ]";
        string text = row.Partition is { } partition
            ? $"  {box} {partition.Name,-9} {partition.Scheme} {ShortType(partition),-14}"
            : $"{box} {row.Name,-6} {row.Device.Model}";
        int limit = canvas.Width - 14;
        canvas.Put(at, 3, text.Length > limit - 3 ? text[..(limit - 3)] : text, style);
        if (row.Partition is not null && canvas.Width >= 72)
            canvas.Put(at, 38, $"{row.FirstSector,12} +{row.Sectors}", focus ? Style.Focus : Style.Dim);
        canvas.Put(at, limit, $"{Human.Size(row.Device.SectorSize * (double)row.Sectors),12}", style);
    }

    private void DrawDetails(Canvas canvas, int at)
    {
        canvas.Put(at, 0, new string('─', canvas.Width), Style.Dim);
        if (_rows.Count == 0)
            return;
        var device = _rows[_row].Device;
        canvas.Put(at + 1, 1, $"{device.Name}: {device.Model}, serial {device.Serial}, {device.Sectors} sectors of {device.SectorSize} bytes");
        canvas.Put(at + 4, 0, new string('─', canvas.Width), Style.Dim);
        string? trouble = _message ?? device.Gone ?? device.PartitionError ?? (device.Warnings.Length > 0 ? device.Warnings[0] : null);
        var lines = Human.Wrap(trouble ?? $"driver {device.Driver}", canvas.Width - 2).Take(DetailRows).ToList();
        for (int line = 0; line < lines.Count; line++)
            canvas.Put(at + 2 + line, 1, lines[line], trouble is null ? Style.Dim : Style.Bad);
    }

    private void DrawSettings(Canvas canvas, int at)
    {
        Setting(canvas, at, "Method", Group.Method, Method == EraseMethod.Zero ? "(*) zeros   ( ) random" : "( ) zeros   (*) random");
        Setting(canvas, at + 1, "Verification", Group.Verify, Verify ? "[x] read back and compare" : "[ ] read back and compare");
        int column = canvas.Put(at + 3, 1, "[ Start ]", _group == Group.Start ? Style.Focus : _mode == SweepMode.Write ? Style.Bad : Style.Bold);
        canvas.Put(at + 3, column + 2, Summary());
    }

    private string Summary()
    {
        double bytes = 0;
        foreach (var row in _rows.Where(row => row.IsChosen))
            bytes += row.Device.SectorSize * (double)row.Sectors;
        return Names.Count == 0 ? "nothing chosen" : $"{Names.Count} chosen, {Human.Size(bytes)}";
    }

    private void Setting(Canvas canvas, int at, string name, Group group, string value)
    {
        canvas.Put(at, 1, name);
        canvas.Put(at, 15, value, _group == group ? Style.Focus : Style.Normal);
    }

    private static string ShortType(BlockPartition partition) =>
        PartitionTypes.Name(partition.Type) is { Length: > 0 } name ? name : partition.Type.Length > 14 ? partition.Type[..8] : partition.Type;
}
