using System.CommandLine;
using RootTask;

namespace Dde;

/// <summary>The part of a command line that says which running system is meant: the same for every command that asks one.</summary>
internal sealed class RunningSystem
{
    private readonly Option<int?> _process = new("--pid")
    {
        Description = "The system's process, as `dde ps` shows it; needed when several run.",
        HelpName = "PID",
    };

    /// <summary>Adds it to a command.</summary>
    internal void AddTo(Command command) => command.Add(_process);

    /// <summary>The process of the system that is meant.</summary>
    /// <exception cref="SystemStartException">None runs, or several do.</exception>
    internal int Find(ParseResult parsed)
    {
        if (parsed.GetValue(_process) is { } process)
            return process;
        return ControlClient.Processes switch
        {
            [var only] => only,
            [] => throw new SystemStartException(ExitCode.Usage, "no system is running; start one with dde run or dsweeper"),
            var several => throw new SystemStartException(ExitCode.Usage, $"several systems are running ({string.Join(", ", several)}); say which with --pid"),
        };
    }
}
