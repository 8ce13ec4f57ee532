using RootTask;

namespace DSweeper;

/// <summary>The program cannot do what was asked: one line for the person, a code for the shell.</summary>
internal sealed class SweeperException : Exception
{
    internal SweeperException(ExitCode code, string message)
        : base(message) => Code = code;

    internal ExitCode Code { get; }
}
