using System.Collections.Generic;
using System.Linq;
using Generators;

namespace KernelGenerator;

/// <summary>Writes the entries of kernel functions, and the table of them.</summary>
internal static class KernelFunctionWriter
{
    private const int TracedArguments = 4;

    /// <summary>The entries of one room's functions.</summary>
    /// <param name="host">The kernel.</param>
    /// <param name="room">The room's name.</param>
    /// <param name="functions">Its functions with their indexes in the table.</param>
    public static string Room(KernelHost host, string room, IEnumerable<(KernelFunction Function, int Index)> functions)
    {
        var writer = Begin(host);
        writer.Open("public static partial class KernelFunctions");
        // Nothing static here: an entry must not run a class constructor on the driver's stack.
        writer.Open($"private static unsafe class {room}Entries");
        bool isFirst = true;
        foreach (var (function, index) in functions)
        {
            if (!isFirst)
                writer.Line();
            isFirst = false;
            Entry(writer, host, function, index);
        }
        writer.Close();
        writer.Close();
        return writer.ToString();
    }

    /// <summary>The table.</summary>
    public static string Table(KernelHost host, IReadOnlyList<KernelFunction> functions)
    {
        var writer = Begin(host);
        writer.Line("/// <summary>All kernel functions that the shim supplies.</summary>");
        writer.Open("public static partial class KernelFunctions");
        writer.Line("/// <summary>The functions, in ordinal order of their names.</summary>");
        writer.Line("public static global::System.Collections.Immutable.ImmutableArray<global::DdeKit.Foreign.KernelFunctionEntry> All { get; } = Make();");
        writer.Line();
        writer.Open("private static unsafe global::System.Collections.Immutable.ImmutableArray<global::DdeKit.Foreign.KernelFunctionEntry> Make()");
        writer.Line("return");
        writer.Line("[");
        foreach (var function in functions)
        {
            string pointer = $"(nint)(delegate* unmanaged<{string.Join("", Words(function).Select(_ => "nint, "))}{(function.Result is null ? "void" : "nint")}>)&{function.Room}Entries.{Spelling.Identifier(function.Name)}";
            string parameters = string.Join(", ", function.Parameters.Items.Select(Parameter));
            writer.Line($"    new(\"{function.Name}\", {pointer}, \"{function.Room}\", \"{function.Method}\", {(function.IsVariadic ? "true" : "false")}, {Parameter("", function.Result)}, [{parameters}]),");
        }
        writer.Line("];");
        writer.Close();
        writer.Close();
        return writer.ToString();
    }

    private static SourceWriter Begin(KernelHost host)
    {
        var writer = new SourceWriter();
        writer.Line();
        writer.Line($"namespace {host.Namespace};");
        writer.Line();
        return writer;
    }

    // A va_list parameter is a pointer to the list.
    private static string Parameter(KernelFunctionParameter parameter) =>
        parameter.Value is { } value ? Parameter(parameter.Name, value) : $"new(\"{parameter.Name}\", 8, true, null)";

    private static string Parameter(string name, KernelValue? value) => value is null
        ? $"new(\"{name}\", 0, false, null)"
        : $"new(\"{name}\", {value.Width}, {(value.IsPointer ? "true" : "false")}, {(value.Structure is { } structure ? $"\"{structure}\"" : "null")})";

    /// <summary>The names of an entry's own parameters.</summary>
    private static List<string> Words(KernelFunction function) =>
        function.IsVariadic ? ["registers", "stack"] : [.. function.Parameters.Items.Select((_, i) => "a" + i)];

    private static void Entry(SourceWriter writer, KernelHost host, KernelFunction function, int index)
    {
        var words = Words(function);
        var arguments = function.IsVariadic ? [.. Enumerable.Range(0, function.Parameters.Items.Count).Select(i => $"((nint*)registers)[{i}]")] : words;
        // A variadic function's register arguments are all there, fixed or not.
        var traced = function.IsVariadic ? Enumerable.Range(0, TracedArguments).Select(i => $"((nint*)registers)[{i}]") : words.Concat(Enumerable.Repeat("0", TracedArguments)).Take(TracedArguments);

        var values = function.Parameters.Items.Select((p, i) => p.Value is { } value
            ? value.FromWord(arguments[i], "kernel.Memory")
            : $"new global::DdeKit.Foreign.VariadicArguments(kernel.Memory.CheckList({arguments[i]}))").ToList();
        if (function.IsVariadic)
            values.Add($"new global::DdeKit.Foreign.VariadicArguments((nint*)registers, (nint*)stack, {values.Count})");
        string call = $"kernel.{Spelling.Identifier(function.RoomProperty)}.{Spelling.Identifier(function.Method)}({string.Join(", ", values)})";

        writer.Line("[global::System.Runtime.InteropServices.UnmanagedCallersOnly]");
        writer.Open($"internal static {(function.Result is null ? "void" : "nint")} {Spelling.Identifier(function.Name)}({string.Join(", ", words.Select(w => "nint " + w))})");
        writer.Line($"var kernel = {host.FullName}.Current;");
        writer.Line($"kernel.Calls.Record({index}, {string.Join(", ", traced)});");
        writer.Open("try");
        writer.Line(function.Result is { } result ? $"return {result.ToWord(call)};" : call + ";");
        writer.Close();
        writer.Open("catch (global::System.Exception exception)");
        writer.Line("kernel.Fault(exception);");
        if (function.Result is not null)
            writer.Line("return 0;");
        writer.Close();
        writer.Close();
    }
}
