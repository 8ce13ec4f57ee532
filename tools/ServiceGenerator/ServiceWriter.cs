using System.Collections.Generic;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;

namespace ServiceGenerator;

/// <summary>One operation of a service.</summary>
internal sealed record Operation(IMethodSymbol Method, IReadOnlyList<(IParameterSymbol Symbol, Transfer Transfer)> Parameters, Transfer? Result);

/// <summary>Writes the proxy and the dispatcher of one service interface.</summary>
internal sealed class ServiceWriter
{
    private readonly INamedTypeSymbol _service;
    private readonly IReadOnlyList<Operation> _operations;
    private readonly SourceWriter _writer = new();
    private readonly MarshalWriter _marshal;
    private readonly string _baseName;
    private readonly string _accessibility;
    private readonly string _interface;

    private ServiceWriter(INamedTypeSymbol service, IReadOnlyList<Operation> operations)
    {
        _service = service;
        _operations = operations;
        _baseName = service.Name.Length > 1 && service.Name[0] == 'I' && char.IsUpper(service.Name[1]) ? service.Name.Substring(1) : service.Name;
        _marshal = new MarshalWriter(_baseName + "Marshal");
        _accessibility = Spelling.Accessibility(service);
        _interface = service.FullName();
    }

    /// <summary>The text of the two classes.</summary>
    public static string Write(INamedTypeSymbol service, IReadOnlyList<Operation> operations)
    {
        var text = new ServiceWriter(service, operations);
        if (!service.ContainingNamespace.IsGlobalNamespace)
        {
            text._writer.Line();
            text._writer.Line($"namespace {service.ContainingNamespace.ToDisplayString()};");
        }
        text.WriteProxy();
        text.WriteDispatcher();
        text._marshal.WriteHelpers(text._writer);
        return text._writer.ToString();
    }

    private void WriteProxy()
    {
        _writer.Line();
        _writer.Line($"/// <summary>Calls <see cref=\"{_service.Name}\"/> through a gate. An error of the server is thrown here as <see cref=\"global::L4.ServiceException\"/>.</summary>");
        _writer.Line("/// <param name=\"task\">The calling task.</param>");
        _writer.Line("/// <param name=\"gate\">The service's gate, in that task's capability space.</param>");
        _writer.Open($"{_accessibility} sealed class {_baseName}Proxy(global::L4.L4Task task, global::L4.Capability gate) : {_interface}");
        _writer.Line("private readonly global::L4.L4Task _task = task;");
        _writer.Line();
        _writer.Line("/// <summary>The service's gate.</summary>");
        _writer.Line("public global::L4.Capability Gate { get; } = gate;");
        for (int i = 0; i < _operations.Count; i++)
            WriteProxyMethod(_operations[i], i + 1);
        _writer.Close();
    }

    private void WriteProxyMethod(Operation operation, int number)
    {
        string message = "message";
        while (operation.Parameters.Any(p => p.Symbol.Name == message))
            message += "_";
        _writer.Line();
        _writer.Line("/// <inheritdoc />");
        string parameters = string.Join(", ", operation.Parameters.Select(p => $"{p.Symbol.Type.FullName()} {Spelling.Identifier(p.Symbol.Name)}"));
        string result = operation.Result is null ? "void" : operation.Method.ReturnType.FullName();
        _writer.Open($"public {result} {Spelling.Identifier(operation.Method.Name)}({parameters})");
        _writer.Line($"var {message} = this._task.Message;");
        _writer.Line($"{message}.Clear();");
        foreach (var (symbol, transfer) in operation.Parameters)
            _writer.Line(_marshal.Write(transfer, Spelling.Identifier(symbol.Name), message));
        _writer.Line($"this._task.Call(this.Gate, {number}, {message});");
        if (operation.Result is { } resultTransfer)
            _writer.Line($"return {_marshal.Read(resultTransfer, message, $"the result of {_service.Name}.{operation.Method.Name}")};");
        _writer.Close();
    }

    private void WriteDispatcher()
    {
        _writer.Line();
        _writer.Line($"/// <summary>Serves <see cref=\"{_service.Name}\"/> at a gate.</summary>");
        _writer.Line("/// <param name=\"service\">Who does the work. To fail it throws <see cref=\"global::L4.ServiceException\"/>.</param>");
        _writer.Open($"{_accessibility} sealed class {_baseName}Dispatcher({_interface} service) : global::L4.IGateHandler");
        _writer.Line("/// <inheritdoc />");
        _writer.Open("public void Handle(uint operation, global::L4.Message message)");
        _writer.Open("switch (operation)");
        for (int i = 0; i < _operations.Count; i++)
        {
            _writer.Open($"case {i + 1}:");
            WriteCase(_operations[i]);
            _writer.Line("break;");
            _writer.Close();
        }
        _writer.Line("default:");
        _writer.Line("    throw new global::L4.ServiceException(");
        _writer.Line("        global::L4.ServiceError.UnknownOperation,");
        _writer.Line($"        $\"{_service.Name} has {_operations.Count} operations; number {{operation}} was called\");");
        _writer.Close();
        _writer.Close();
        _writer.Close();
    }

    private void WriteCase(Operation operation)
    {
        string method = $"{_service.Name}.{operation.Method.Name}";
        // All arguments are out of the buffer before the service runs, for it may call on with the same buffer.
        var arguments = operation.Parameters.Select(p => _marshal.Read(p.Transfer, "message", $"{method}: {p.Symbol.Name}"));
        string call = $"service.{Spelling.Identifier(operation.Method.Name)}({string.Join(", ", arguments)});";
        _writer.Line(operation.Result is null ? call : "var result = " + call);
        _writer.Line("message.Clear();");
        if (operation.Result is { } result)
            _writer.Line(_marshal.Write(result, "result", "message"));
    }
}
