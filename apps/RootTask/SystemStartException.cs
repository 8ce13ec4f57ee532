namespace RootTask;

/// <summary>A system cannot be started: one line for the person, a code for the shell.</summary>
public sealed class SystemStartException : Exception
{
    public SystemStartException(ExitCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>What kind of thing is in the way.</summary>
    public ExitCode Code { get; }
}
