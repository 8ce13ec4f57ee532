using Microsoft.CodeAnalysis;

namespace ServiceGenerator;

/// <summary>Writes the proxy and the dispatcher of each service interface.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ServiceSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
    }
}
