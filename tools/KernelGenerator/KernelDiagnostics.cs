using Microsoft.CodeAnalysis;

namespace KernelGenerator;

/// <summary>What can be wrong with a kernel function or a structure view.</summary>
internal static class KernelDiagnostics
{
    public static readonly DiagnosticDescriptor NoRoom = Error(
        "DDE0101", "Room is not part of the kernel", "{0}: {2} has no accessible property of type '{1}' through which the function could be reached");

    public static readonly DiagnosticDescriptor BadType = Error(
        "DDE0102", "Type has no place in a kernel call", "{0}: '{1}' of type '{2}' is no integer, enum, bool, pointer, structure view or KernelString");

    public static readonly DiagnosticDescriptor Duplicate = Error(
        "DDE0103", "Kernel function is supplied twice", "{0}: '{1}' is already supplied by {2}");

    public static readonly DiagnosticDescriptor BadVariadic = Error(
        "DDE0104", "Variadic function has the wrong shape", "{0}: {1}");

    public static readonly DiagnosticDescriptor BadMethod = Error(
        "DDE0105", "Method cannot be a kernel function", "{0}: {1}");

    public static readonly DiagnosticDescriptor BadView = Error(
        "DDE0106", "Structure view has the wrong shape", "{0}: {1}");

    public static readonly DiagnosticDescriptor BadProperty = Error(
        "DDE0107", "Property cannot stand for a field", "{0}: {1}");

    private static DiagnosticDescriptor Error(string id, string title, string format) =>
        new(id, title, format, "Dde.Kernel", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
