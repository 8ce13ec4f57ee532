using System.Globalization;
using System.Text;

namespace InterfaceCompiler;

/// <summary>Writes the C of an interface against <c>sys/kobj.h</c>.</summary>
internal static class InterfaceWriter
{
    internal static string Header(InterfaceFile file)
    {
        var text = new StringBuilder();
        string guard = $"_{file.Name}_if_h_";
        text.Append(CultureInfo.InvariantCulture, $"/* Made from {Path.GetFileName(file.File)}. */\n#ifndef {guard}\n#define {guard}\n\n#include <sys/kobj.h>\n");
        Append(text, file, file.Headers);
        foreach (var method in file.Methods)
            AppendCall(text, file, method);
        text.Append("\n#endif\n");
        return text.ToString();
    }

    internal static string Table(InterfaceFile file)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"/* Made from {Path.GetFileName(file.File)}. */\n#include <sys/param.h>\n#include <sys/queue.h>\n#include <sys/kernel.h>\n#include <sys/kobj.h>\n");
        foreach (string include in file.Includes)
            text.Append(include).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"#include <{file.Name}_if.h>\n");
        Append(text, file, file.Code);
        foreach (var method in file.Methods)
        {
            string name = FullName(file, method);
            string fallback = method.Default ?? "kobj_error_method";
            text.Append(CultureInfo.InvariantCulture, $"\nstatic struct kobj_method {name}_default = {{ &{name}_desc, (kobjop_t){fallback} }};\n");
            text.Append(CultureInfo.InvariantCulture, $"struct kobjop_desc {name}_desc = {{ 0, &{name}_default }};\nDATA_SET(kobj_desc_set, {name}_desc);\n");
        }
        return text.ToString();
    }

    private static string FullName(InterfaceFile file, InterfaceMethod method) => $"{file.Name}_{method.Name}";

    private static void AppendCall(StringBuilder text, InterfaceFile file, InterfaceMethod method)
    {
        string name = FullName(file, method);
        string parameters = string.Join(", ", method.Parameters.Select(p => $"{p.Type} {p.Name}"));
        string arguments = string.Join(", ", method.Parameters.Select(p => p.Name));
        string first = method.Parameters[0].Name;
        string operations = method.IsStatic ? $"{first}->ops" : $"((kobj_t){first})->ops";
        bool hasResult = method.Type != "void";
        string call = $"(({name}_t *)kobj_method_of({operations}, &{name}_desc))({arguments})";

        text.Append(CultureInfo.InvariantCulture, $"\nextern struct kobjop_desc {name}_desc;\ntypedef {method.Type} {name}_t({parameters});\n");
        text.Append(CultureInfo.InvariantCulture, $"static __inline {method.Type}\n{name.ToUpperInvariant()}({parameters})\n{{\n");
        Append(text, file, method.Prologs);
        if (!hasResult || method.Epilogs.Count == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\t{(hasResult ? "return " : "")}{call};\n");
            Append(text, file, method.Epilogs);
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"\t{method.Type} rc = {call};\n");
            Append(text, file, method.Epilogs);
            text.Append("\treturn (rc);\n");
        }
        text.Append("}\n");
    }

    // The compiler's own diagnostics then name the interface file.
    private static void Append(StringBuilder text, InterfaceFile file, IEnumerable<SourceText> parts)
    {
        foreach (var part in parts)
            text.Append(CultureInfo.InvariantCulture, $"\n#line {part.Line} \"{file.File.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n").Append(part.Text.TrimEnd()).Append('\n');
    }
}
