using Microsoft.CodeAnalysis;

namespace KernelGenerator;

/// <summary>Writes the entry points of kernel functions and the field accessors of kernel structure views.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
    }
}
