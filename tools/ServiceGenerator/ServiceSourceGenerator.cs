using System.Collections.Generic;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;

namespace ServiceGenerator;

/// <summary>
/// Writes the proxy and the dispatcher of each interface marked <c>[Service]</c>, and checks each <c>[MessageType]</c>.
/// Operations are the interface's abstract methods, numbered from 1 in the order of declaration.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ServiceSourceGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var services = context.SyntaxProvider.ForAttributeWithMetadataName(
            "L4.ServiceAttribute", (_, _) => true, (found, _) => Service((INamedTypeSymbol)found.TargetSymbol));
        context.RegisterSourceOutput(services, (output, file) => file.AddTo(output));

        var messageTypes = context.SyntaxProvider.ForAttributeWithMetadataName(
            "L4.MessageTypeAttribute", (_, _) => true, (found, _) => MessageType((INamedTypeSymbol)found.TargetSymbol));
        context.RegisterSourceOutput(messageTypes, (output, file) => file.AddTo(output));
    }

    private static GeneratedFile Service(INamedTypeSymbol service)
    {
        var findings = new List<Finding>();
        if (service.IsGenericType || service.ContainingType is not null)
            findings.Add(Finding.At(service, ServiceDiagnostics.NotAnOperation, service.Name, "a service interface is neither generic nor nested"));
        if (service.Interfaces.Length > 0)
            findings.Add(Finding.At(service, ServiceDiagnostics.NotAnOperation, service.Name, "a service interface extends no other"));

        var operations = new List<Operation>();
        foreach (var member in service.GetMembers().Where(m => m.IsAbstract))
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsGenericMethod: false, IsStatic: false } method)
                operations.Add(ToOperation(method, findings));
            else if (member is not IMethodSymbol { AssociatedSymbol: not null })
                findings.Add(Finding.At(member, ServiceDiagnostics.NotAnOperation, $"{service.Name}.{member.Name}", $"a{Kind(member)} is no operation"));
        }
        string? text = findings.Count == 0 ? ServiceWriter.Write(service, operations) : null;
        return new GeneratedFile(service.ToDisplayString() + ".Service.g.cs", text, new EquatableList<Finding>(findings));
    }

    private static string Kind(ISymbol member) => member switch
    {
        IPropertySymbol => " property",
        IEventSymbol => "n event",
        IMethodSymbol { IsGenericMethod: true } => " generic method",
        IMethodSymbol { IsStatic: true } => " static method",
        _ => $" {member.Kind}",
    };

    private static Operation ToOperation(IMethodSymbol method, List<Finding> findings)
    {
        string name = $"{method.ContainingType.Name}.{method.Name}";
        var parameters = new List<(IParameterSymbol, Transfer)>();
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
                findings.Add(Finding.At(parameter, ServiceDiagnostics.NotByValue, name, parameter.Name));
            else if (ToTransfer(parameter, parameter.Type, $"{name}, parameter '{parameter.Name}'", allowSpan: true, findings) is { } transfer)
                parameters.Add((parameter, transfer));
        }
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
            findings.Add(Finding.At(method, ServiceDiagnostics.NotByValue, name, "the result"));
        var result = method.ReturnsVoid ? null : ToTransfer(method, method.ReturnType, name + ", result", allowSpan: false, findings);
        return new Operation(method, parameters, result);
    }

    private static Transfer? ToTransfer(ISymbol symbol, ITypeSymbol type, string name, bool allowSpan, List<Finding> findings)
    {
        try
        {
            return Transfer.Of(type, allowSpan);
        }
        catch (Transfer.RefusedException refused)
        {
            findings.Add(Finding.At(symbol, ServiceDiagnostics.TypeDoesNotCross, name, refused.Message));
            return null;
        }
    }

    /// <summary>A message type gives no file; what is wrong with it is said where it is declared.</summary>
    private static GeneratedFile MessageType(INamedTypeSymbol type)
    {
        var findings = new List<Finding>();
        try
        {
            Transfer.Of(type);
            var members = Transfer.PositionalMembers(type)!;
            foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic))
            {
                if (!members.Contains(field.AssociatedSymbol, SymbolEqualityComparer.Default))
                    findings.Add(Finding.At(field.AssociatedSymbol ?? field, ServiceDiagnostics.BadMessageType, type.Name, $"'{(field.AssociatedSymbol ?? field).Name}' is not among the positional members and would be lost"));
            }
        }
        catch (Transfer.RefusedException refused)
        {
            findings.Add(Finding.At(type, ServiceDiagnostics.BadMessageType, type.Name, refused.Message));
        }
        return new GeneratedFile(type.ToDisplayString() + ".MessageType.g.cs", null, new EquatableList<Finding>(findings));
    }
}
