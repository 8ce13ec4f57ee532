namespace DdeLinux.Packs;

/// <summary>Why a kernel pack cannot be made or used.</summary>
public enum PackError
{
    /// <summary>A tool, a library, package lists or files of the running system are not there; the message says how to get them.</summary>
    MissingPrerequisite,
    /// <summary>No pack, or no module in a pack, has that name.</summary>
    NotFound,
    /// <summary>A package, kernel image, module or pack is damaged or not what it should be.</summary>
    BadInput,
    /// <summary>The cache folder cannot be written.</summary>
    CacheNotWritable,
}

/// <summary>Something about a kernel pack went wrong. The message is one line: which thing, what, the number.</summary>
public sealed class PackException : Exception
{
    /// <param name="error">What sort of failure.</param>
    /// <param name="message">One line. Names out of a damaged file may hold anything: control characters become spaces.</param>
    /// <param name="inner">What was seen below, if anything.</param>
    public PackException(PackError error, string message, Exception? inner = null)
        : base(string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)), inner) => Error = error;

    /// <summary>What sort of failure.</summary>
    public PackError Error { get; }
}
