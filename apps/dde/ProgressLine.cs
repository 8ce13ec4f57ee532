using System.Diagnostics;
using DdeLinux.Packs;

namespace Dde;

/// <summary>Shows progress on standard error: on a terminal one line that moves, elsewhere one line for each stage.</summary>
internal sealed class ProgressLine : IProgress<PackProgress>, IDisposable
{
    private const long RedrawMilliseconds = 100;
    private const string EraseLine = "\r\u001b[K";

    private readonly bool _moving = !Console.IsErrorRedirected;
    private readonly Stopwatch _sinceDrawn = new();
    private string _stage = "";

    public void Report(PackProgress value)
    {
        var newStage = value.Stage != _stage;
        if (!newStage && (!_moving || _sinceDrawn.ElapsedMilliseconds < RedrawMilliseconds))
            return;
        _stage = value.Stage;
        _sinceDrawn.Restart();
        var percent = value.Total == 0 ? "" : $" {Math.Min(100, value.Done * 100.0 / value.Total),3:f0} %";
        if (_moving)
            Console.Error.Write($"{EraseLine}{value.Stage}{percent}");
        else
            Console.Error.WriteLine($"{value.Stage} ...");
    }

    public void Dispose()
    {
        if (_moving && _stage.Length != 0)
            Console.Error.Write(EraseLine);
    }
}
