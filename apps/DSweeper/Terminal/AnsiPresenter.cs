using System.Text;

namespace DSweeper.Terminal;

/// <summary>Brings canvases to a terminal as ECMA-48 control sequences, only the cells that changed.</summary>
internal sealed class AnsiPresenter
{
    private readonly StringBuilder _output = new();
    private readonly bool _unicode;
    private Cell[] _shown = [];
    private int _width;
    private int _height;

    /// <param name="unicode">Whether the terminal shows more than ASCII.</param>
    internal AnsiPresenter(bool unicode) => _unicode = unicode;

    /// <summary>Forgets what is on the terminal: everything is sent next time.</summary>
    internal void Invalidate() => _width = 0;

    /// <summary>The sequences that turn what was shown last into <paramref name="canvas"/>.</summary>
    internal string Present(Canvas canvas)
    {
        _output.Clear();
        bool all = canvas.Width != _width || canvas.Height != _height;
        if (all)
        {
            (_width, _height) = (canvas.Width, canvas.Height);
            _shown = new Cell[_width * _height];
            _output.Append("\e[0m\e[2J");
        }
        var style = Style.Normal;
        _output.Append(Sequence(style));
        for (int row = 0; row < _height; row++)
        {
            bool adjacent = false;
            for (int column = 0; column < _width; column++)
            {
                var cell = canvas[row, column];
                ref var shown = ref _shown[row * _width + column];
                if (cell == shown)
                {
                    adjacent = false;
                    continue;
                }
                if (!adjacent)
                    _output.Append(System.Globalization.CultureInfo.InvariantCulture, $"\e[{row + 1};{column + 1}H");
                if (cell.Style != style)
                    _output.Append(Sequence(style = cell.Style));
                _output.Append(_unicode ? cell.Character : Ascii(cell.Character));
                shown = cell;
                adjacent = true;
            }
        }
        return _output.Append("\e[0m").ToString();
    }

    private static char Ascii(char character) => character switch
    {
        '█' => '#',
        '░' => '.',
        '─' => '-',
        '▸' => '>',
        < '\x7f' => character,
        _ => '?',
    };

    // SGR parameters, ECMA-48 8.3.117. Danger is white on red and nothing else is.
    private static string Sequence(Style style) => style switch
    {
        Style.Bold => "\e[0;1m",
        Style.Dim => "\e[0;2m",
        Style.Good => "\e[0;32m",
        Style.Bad => "\e[0;1;31m",
        Style.SafeTitle => "\e[0;1;37;44m",
        Style.DangerTitle => "\e[0;1;37;41m",
        Style.Focus => "\e[0;7m",
        _ => "\e[0m",
    };
}
