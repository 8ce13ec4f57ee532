namespace InterfaceCompiler;

/// <summary>A piece of C text with the line that it came from.</summary>
/// <param name="Line">From 1 on.</param>
/// <param name="Text">As it stands in the file.</param>
public sealed record SourceText(int Line, string Text);

/// <summary>A parameter of a method.</summary>
/// <param name="Type">In C.</param>
/// <param name="Name">In C.</param>
public sealed record MethodParameter(string Type, string Name);

/// <summary>A method of an interface.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="IsStatic">Whether it belongs to a class: its first parameter is the class, not an object.</param>
/// <param name="Type">Of the result, in C.</param>
/// <param name="Name">Without the interface's name.</param>
/// <param name="Parameters">At least one.</param>
/// <param name="Default">The function that stands in where a class has none; null for an error.</param>
/// <param name="Prologs">Run before the method is called.</param>
/// <param name="Epilogs">Run behind it.</param>
public sealed record InterfaceMethod(
    int Line, bool IsStatic, string Type, string Name, IReadOnlyList<MethodParameter> Parameters, string? Default,
    IReadOnlyList<SourceText> Prologs, IReadOnlyList<SourceText> Epilogs);

/// <summary>Something wrong with an interface file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">From 1 on.</param>
/// <param name="Column">From 1 on.</param>
/// <param name="Message">What, and what to do.</param>
public sealed record InterfaceDiagnostic(string File, int Line, int Column, string Message)
{
    /// <summary>As compilers write it, so that editors find the place.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: error: {Message}";
}

/// <summary>An interface file cannot be compiled.</summary>
public sealed class BadInterfaceException : Exception
{
    /// <param name="diagnostics">Everything that is wrong, at least one.</param>
    public BadInterfaceException(IReadOnlyList<InterfaceDiagnostic> diagnostics)
        : base(string.Join('\n', diagnostics)) => Diagnostics = diagnostics;

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<InterfaceDiagnostic> Diagnostics { get; }
}

/// <summary>An interface of kernel objects: what a <c>*_if.m</c> file declares.</summary>
/// <param name="File">The file's name, for diagnostics.</param>
/// <param name="Name">The interface's name.</param>
/// <param name="Includes">The include directives, in order.</param>
/// <param name="Headers">C for the header.</param>
/// <param name="Code">C for the table's file: default functions.</param>
/// <param name="Methods">In the order of the file.</param>
public sealed record InterfaceFile(
    string File, string Name, IReadOnlyList<string> Includes, IReadOnlyList<SourceText> Headers, IReadOnlyList<SourceText> Code,
    IReadOnlyList<InterfaceMethod> Methods)
{
    /// <summary>Reads an interface file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    /// <exception cref="BadInterfaceException">It is wrong.</exception>
    public static InterfaceFile Parse(string text, string file) => new InterfaceReader(file).Read(text);

    /// <summary>The header: declarations, and an inline function for each method that finds and calls the object's own.</summary>
    public string WriteHeader() => InterfaceWriter.Header(this);

    /// <summary>The method table: descriptors, which a loader numbers, and defaults.</summary>
    public string WriteTable() => InterfaceWriter.Table(this);
}
