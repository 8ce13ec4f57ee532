namespace DdeKit.Foreign;

/// <summary>
/// A call into foreign code ended without returning, because its domain is dying. Thrown by <see cref="ForeignCpu.Call"/>; shim code in
/// between lets it pass, and the wrapper that foreign code called into catches it and returns: the thunk then gives up the next entry.
/// </summary>
public sealed class ForeignAbortException : Exception
{
    internal ForeignAbortException(Exception cause)
        : base($"the call was given up because its domain is dying: {cause.Message}", cause)
    {
    }
}
