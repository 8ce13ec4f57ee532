using Microsoft.CodeAnalysis;

namespace ServiceGenerator;

/// <summary>What can be wrong with a service interface or a message type.</summary>
internal static class ServiceDiagnostics
{
    public static readonly DiagnosticDescriptor TypeDoesNotCross = Error(
        "DDE0001",
        "Type does not cross a task boundary",
        "{0}: {1}; an operation takes and gives unmanaged values, strings, Capability, [MessageType] records and arrays of those");

    public static readonly DiagnosticDescriptor NotAnOperation = Error(
        "DDE0002", "Member cannot be an operation", "{0}: {1}; a service consists of plain methods");

    public static readonly DiagnosticDescriptor NotByValue = Error(
        "DDE0003", "Parameter is not passed by value", "{0}: '{1}' is passed by reference; a message carries values, so return the result instead");

    public static readonly DiagnosticDescriptor BadMessageType = Error(
        "DDE0004", "Message type cannot be sent", "{0}: {1}");

    private static DiagnosticDescriptor Error(string id, string title, string format) =>
        new(id, title, format, "Dde.Services", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
