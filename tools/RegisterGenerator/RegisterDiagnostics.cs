using Microsoft.CodeAnalysis;

namespace RegisterGenerator;

/// <summary>What can be wrong with a class that is to become a register file.</summary>
internal static class RegisterDiagnostics
{
    private const string Category = "Registers";

    public static readonly DiagnosticDescriptor Description = new(
        "REG001", "The register description is in error", "{0}", Category, DiagnosticSeverity.Error, true);

    public static readonly DiagnosticDescriptor NotFound = new(
        "REG002", "There is no such description or block", "{0}: {1}", Category, DiagnosticSeverity.Error, true);

    public static readonly DiagnosticDescriptor NotSupported = new(
        "REG003", "The generated model cannot do this", "{0}: {1}", Category, DiagnosticSeverity.Error, true);
}
