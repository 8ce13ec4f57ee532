using System.Collections.Generic;
using System.Linq;
using Generators;

namespace RegisterGenerator;

/// <summary>Declares what is written by hand. What is not there is a finding that says what to write, and the build fails.</summary>
internal sealed class EffectWriter(SourceWriter writer, Target target, List<Finding> findings)
{
    public bool IsWritten(string method) => target.Methods.Items.Contains(method);

    /// <summary>Whether a base class of many models does it for all of them.</summary>
    private bool IsInherited(string method) => target.Inherited.Items.Contains(method);

    /// <param name="type">That it returns.</param>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">As C#.</param>
    /// <param name="cause">Which field or register wants it.</param>
    public void Declare(string type, string method, string parameters, string cause)
    {
        var signature = $"private partial {type} {method}({parameters})";
        if (IsWritten(method))
        {
            writer.Line($"{signature};");
            return;
        }
        if (IsInherited(method))
            return;
        findings.Add(target.Finding(RegisterDiagnostics.NoEffect, cause, signature, target.Name));
        // The finding says it all: no second error from the compiler.
        writer.Line($"private {type} {method}({parameters}) => throw null!;");
    }
}
