namespace DdeKit.Foreign;

/// <summary>A module cannot be used: its file is damaged, made for something else, or asks for what a loader cannot do.</summary>
public sealed class BadModuleException : Exception
{
    /// <param name="module">Name of the module, as the user knows it.</param>
    /// <param name="problem">One clause: what is wrong, where, with the number.</param>
    public BadModuleException(string module, string problem)
        : base($"{module}: {problem}") => Module = module;

    /// <summary>Name of the module.</summary>
    public string Module { get; }
}
