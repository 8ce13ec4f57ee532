namespace Ports;

/// <summary>A driver died: of an oops, a bug check, a missing function, or a mistake in the shim. The message is what its task's death is
/// reported with.</summary>
public sealed class DriverDiedException : Exception
{
    public DriverDiedException(Exception cause)
        : base(cause.Message, cause)
    {
    }
}
