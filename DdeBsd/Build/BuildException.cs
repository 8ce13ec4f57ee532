namespace DdeBsd.Build;

/// <summary>A module cannot be built.</summary>
public sealed class BuildException : Exception
{
    /// <param name="message">One line, or one for each finding: file, line, what.</param>
    /// <param name="isMissingTool">Whether a tool of the host is missing; else the sources are at fault.</param>
    /// <param name="inner">What was seen below, if anything.</param>
    public BuildException(string message, bool isMissingTool = false, Exception? inner = null)
        : base(message, inner) => IsMissingTool = isMissingTool;

    /// <summary>Whether a tool of the host is missing.</summary>
    public bool IsMissingTool { get; }
}
