using Microsoft.CodeAnalysis;

namespace RegisterGenerator;

/// <summary>What can be wrong with a class that is to become a register file.</summary>
internal static class RegisterDiagnostics
{
    private const string Category = "Registers";

    public static readonly DiagnosticDescriptor Description = Error("REG001", "The register description is in error", "{0}");

    public static readonly DiagnosticDescriptor NotFound = Error("REG002", "There is no such description or block", "{0}: {1}");

    public static readonly DiagnosticDescriptor NotSupported = Error("REG003", "The generated code cannot do this", "{0}: {1}");

    public static readonly DiagnosticDescriptor NoEffect = Error("REG004", "An effect is not written", "{0}; write {1} {{ ... }} in {2}");

    public static readonly DiagnosticDescriptor LostWrite = Error(
        "REG005", "What software writes is lost",
        "{0}: software writes it, but cannot read it, and the model neither reads it nor is told; give it hw = r, or swmod for an effect");

    // Not configurable: a class with an effect that nobody wrote never builds.
    private static DiagnosticDescriptor Error(string number, string title, string text) =>
        new(number, title, text, Category, DiagnosticSeverity.Error, true, customTags: WellKnownDiagnosticTags.NotConfigurable);
}
