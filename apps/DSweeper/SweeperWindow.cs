using Bddf;
using DSweeper.Core;
using DSweeper.Screens;
using DSweeper.Terminal;
using RootTask;

namespace DSweeper;

/// <summary>The full-screen window: brings keys to the screen, the screen to the terminal, and carries out what the screen asks for.</summary>
internal sealed class SweeperWindow : IDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly SweeperOptions _options;
    private readonly SystemStarter _starter;
    private readonly SweeperScreen _screen;
    private ITerminal? _terminal;
    private ISweeperSystem? _system;
    private IReadOnlyList<BlockDeviceInfo> _devices = [];
    private SelectPage? _choice;
    private BackgroundSweep? _sweep;
    private SweepReport? _unseen;
    private ExitCode _code;
    private bool _isLeaving;
    private Canvas _canvas = new(80, 24);

    internal SweeperWindow(SystemStarter starter, SweeperOptions options)
    {
        _starter = starter;
        _options = options;
        _screen = new SweeperScreen(options.Write ? SweepMode.Write : SweepMode.ReadOnly, new MessagePage("Starting ..."));
    }

    /// <summary>Shows the window until the person leaves.</summary>
    /// <param name="console">For what is said before the window opens.</param>
    /// <param name="openTerminal">Opens the window once there is something to show.</param>
    /// <returns>How the last run ended.</returns>
    internal ExitCode Run(SweeperConsole console, Func<ITerminal> openTerminal)
    {
        // Before the window opens, so that a disk that cannot be used is one line on an ordinary terminal.
        Use(console.Start(_starter, writable: false));
        if (_options.Select.Count > 0)
            SweepPlan.Create(_devices, _options.Select, SweepMode.ReadOnly, _options.Method, _options.Verify);
        using (_terminal = openTerminal())
            Show(_terminal);
        // Ended from outside in the middle of a run: what was done must not go with the window.
        foreach (string line in _unseen is null ? [] : TextReports.Report(_unseen))
            console.Output.WriteLine(line);
        return _code;
    }

    /// <inheritdoc />
    public void Dispose() => _system?.Dispose();

    private void Show(ITerminal terminal)
    {
        ShowChoice();
        while (true)
        {
            Draw();
            var next = terminal.Next(_tick);
            if (next.Kind == TerminalEventKind.Terminate)
                _isLeaving = true;
            if (_sweep is null && _isLeaving)
                return;
            if (_sweep is not null)
                TakeProgress(_sweep);
            if (next.Kind == TerminalEventKind.Key)
                Carry(_screen.Handle(next.Key));
        }
    }

    private void Draw()
    {
        var (width, height) = _terminal!.Size;
        if (width != _canvas.Width || height != _canvas.Height)
            _canvas = new Canvas(width, height);
        _screen.Draw(_canvas);
        _terminal.Present(_canvas);
    }

    private void TakeProgress(BackgroundSweep sweep)
    {
        if (_isLeaving)
            sweep.Run.Cancel();
        if (_screen.Page is ProgressPage page)
            page.Progress = sweep.Run.Progress;
        if (!sweep.WaitForEnd(TimeSpan.Zero))
            return;
        _sweep = null;
        var report = sweep.Report;
        _screen.Page = new ReportPage(report);
        _unseen = _isLeaving ? report : null;
        _code = SweeperApplication.CodeOf(report.Outcome);
    }

    private void Carry(ScreenRequest request)
    {
        switch (request)
        {
            case ScreenRequest.Quit:
                _isLeaving = true;
                break;
            case ScreenRequest.Start:
                Guarded(Plan);
                break;
            case ScreenRequest.Confirmed when _screen.Page is ConfirmPage page:
                Guarded(() => Write(page));
                break;
            case ScreenRequest.Cancel:
                _sweep?.Run.Cancel();
                break;
            case ScreenRequest.Back:
                Guarded(Back);
                break;
        }
    }

    private void Plan()
    {
        var plan = SweepPlan.Create(_devices, _choice!.Names, SweepMode.ReadOnly, _choice.Method, _choice.Verify);
        if (_options.Write)
            _screen.Page = new ConfirmPage(plan);
        else
            Sweep(plan);
    }

    private void Write(ConfirmPage page)
    {
        SweepCommand.CheckSerials(page.Plan, page.Serials);
        Restart(writable: true);
        Sweep(page.Plan.ForWriting(_devices));
    }

    private void Sweep(SweepPlan plan)
    {
        _screen.Page = new ProgressPage(plan);
        _sweep = new BackgroundSweep(_system!, plan);
    }

    private void Back()
    {
        // After a run the disk may hold another table; and nothing stays open for writing that is not being written.
        if (_screen.Page is ReportPage)
            Restart(writable: false);
        ShowChoice();
    }

    private void ShowChoice()
    {
        _choice = _screen.Page is ConfirmPage && _choice is not null
            ? _choice
            : new SelectPage(_options.Write ? SweepMode.Write : SweepMode.ReadOnly, _devices, _choice is null ? _options : _options with
            {
                Select = _choice.Names,
                Method = _choice.Method,
                Verify = _choice.Verify,
            });
        _screen.Page = _choice;
    }

    private void Restart(bool writable)
    {
        _system?.Dispose();
        _system = null;
        Use(_starter(writable, Announce));
    }

    private void Use(ISweeperSystem system)
    {
        _system = system;
        _devices = system.ListDisks();
    }

    private void Announce(string text)
    {
        _screen.Page = new MessagePage(text);
        Draw();
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (SweeperApplication.CodeOf(exception) is { } code)
        {
            _code = code;
            if (_screen.Page is SelectPage page)
                page.Complain(exception.Message);
            else
                _screen.Page = new ReportPage(exception.Message);
        }
    }
}
