namespace L4;

/// <summary>Why a call across a task boundary failed.</summary>
public enum ServiceError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The capability names nothing, or not an object of this kind.</summary>
    BadCapability,

    /// <summary>The capability, or the session, lacks the right.</summary>
    AccessDenied,

    /// <summary>The server does not know the operation.</summary>
    UnknownOperation,

    /// <summary>An argument is out of range; the text has the number.</summary>
    BadArgument,

    /// <summary>The message does not fit the buffer.</summary>
    MessageTooLong,

    /// <summary>The thing asked for does not exist.</summary>
    NotFound,

    /// <summary>Somebody else has it; the text says who.</summary>
    Busy,

    /// <summary>The server is gone, or died during the call.</summary>
    ServerGone,

    /// <summary>The server failed in a way that it did not foresee.</summary>
    ServerFault,

    /// <summary>The device or its medium failed.</summary>
    DeviceError,

    /// <summary>A file that the server was given (a module, type information) cannot be used; the text says which and why.</summary>
    BadFile,

    /// <summary>No memory, no slot, no room left; the text has the limit.</summary>
    Exhausted,
}

/// <summary>A call across a task boundary failed. Thrown by the server, it is thrown again at the caller with the same error and text.</summary>
public sealed class ServiceException : Exception
{
    /// <param name="error">The kind of failure.</param>
    /// <param name="message">One line with names and numbers.</param>
    public ServiceException(ServiceError error, string message)
        : base(message) => Error = error;

    /// <summary>The kind of failure.</summary>
    public ServiceError Error { get; }
}
