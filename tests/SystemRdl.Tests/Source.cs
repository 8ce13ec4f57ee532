namespace SystemRdl.Tests;

/// <summary>Compiles short sources.</summary>
internal static class Source
{
    public static Compilation Compile(string text, params (string Name, string Text)[] files) => Compiler.Compile(
        new SourceText("test.rdl", text),
        (name, _) => files.FirstOrDefault(f => f.Name == name) is { Text: { } found } ? new SourceText(name, found) : null);

    /// <summary>The text of the model; fails with the diagnostics when there are any.</summary>
    public static string Model(string text, params (string Name, string Text)[] files)
    {
        var compilation = Compile(text, files);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return ModelText.Of(compilation);
    }

    /// <summary>A register of the map "m" whose body is given.</summary>
    public static Register Register(string body)
    {
        var compilation = Compile($"addrmap m {{ reg {{ {body} }} x; }};");
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return compilation.Top!.Registers.Single();
    }
}
