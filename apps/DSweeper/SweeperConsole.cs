using DSweeper.Terminal;

namespace DSweeper;

/// <summary>The streams and the terminal that the program has.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Input">Standard input.</param>
/// <param name="OpenTerminal">Opens the window; null when input and output are no terminal.</param>
/// <param name="CanAsk">Whether a person can be asked: input and errors are a terminal.</param>
/// <param name="ShowsProgress">Whether errors are a terminal, so that a line can be written over.</param>
internal sealed record SweeperConsole(TextWriter Output, TextWriter Error, TextReader Input, Func<ITerminal>? OpenTerminal, bool CanAsk, bool ShowsProgress)
{
    private const int ProgressWidth = 79;

    /// <summary>Starts a system, saying what takes so long.</summary>
    internal ISweeperSystem Start(SystemStarter starter, bool writable)
    {
        try
        {
            return starter(writable, text => ShowForNow($"{text} ..."));
        }
        finally
        {
            ShowForNow("");
        }
    }

    /// <summary>Shows a line that the next one replaces; nothing where lines cannot be replaced.</summary>
    internal void ShowForNow(string line)
    {
        if (ShowsProgress)
            Error.Write($"\r{Printable.Of(line.Length > ProgressWidth ? line[..ProgressWidth] : line)}\e[K");
    }
}
