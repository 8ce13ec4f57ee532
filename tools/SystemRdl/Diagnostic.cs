using System.Text;

namespace SystemRdl;

/// <summary>Whether a model can be made in spite of what was found.</summary>
public enum Severity
{
    Warning,
    Error,
}

/// <summary>Something wrong in a source: where, what and what to do.</summary>
/// <param name="Code">One of <see cref="DiagnosticCode"/>; shown as RDL and four digits.</param>
/// <param name="Position">Where; never null.</param>
/// <param name="Text">What is wrong, with the names and numbers.</param>
/// <param name="Advice">What to do; one clause.</param>
/// <param name="SourceLine">The line of the source, for the caret.</param>
public sealed record Diagnostic(
    DiagnosticCode Code, Severity Severity, SourcePosition Position, string Text, string Advice, string SourceLine)
{
    /// <summary>The number as users see it, such as RDL0401.</summary>
    public string Number => "RDL" + ((int)Code).ToString("D4", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Several lines: <c>file:line:column: error RDL0401: text</c>, the source line, a caret, the advice.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Position).Append(Severity == Severity.Error ? ": error " : ": warning ").Append(Number).Append(": ").Append(Text);
        text.Append('\n').Append("    ").Append(SourceLine).Append('\n').Append("    ");
        // Tabs stay tabs, so that the caret stands below its character whatever the terminal's tab width.
        for (var i = 0; i < Position.Column - 1 && i < SourceLine.Length; i++)
            text.Append(SourceLine[i] == '\t' ? '\t' : ' ');
        return text.Append('^').Append('\n').Append("    ").Append(Advice).ToString();
    }
}
