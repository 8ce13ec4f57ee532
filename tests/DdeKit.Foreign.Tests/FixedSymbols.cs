namespace DdeKit.Foreign.Tests;

/// <summary>Supplies imports from a list.</summary>
internal sealed class FixedSymbols(params (string Name, nint Value)[] symbols) : ISymbolResolver
{
    private readonly Dictionary<string, nint> _symbols = symbols.ToDictionary(symbol => symbol.Name, symbol => symbol.Value);

    public bool TryResolve(string name, out nint value) => _symbols.TryGetValue(name, out value);
}
