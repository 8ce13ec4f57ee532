using System.Collections.Generic;
using System.Linq;
using Generators;
using Microsoft.CodeAnalysis;

namespace KernelGenerator;

/// <summary>A parameter of a kernel function.</summary>
/// <param name="Name">As the method has it.</param>
/// <param name="Value">Its type; null for variable arguments.</param>
internal sealed record KernelFunctionParameter(string Name, KernelValue? Value);

/// <summary>A method that drivers import under one name.</summary>
internal sealed record KernelFunction(
    string Name, string Room, string RoomProperty, string Method, bool IsVariadic, KernelValue? Result, EquatableList<KernelFunctionParameter> Parameters, Finding Duplicate);

/// <summary>What one marked method gives: a function for each name, or findings.</summary>
internal sealed record KernelFunctionGroup(EquatableList<KernelFunction> Functions, EquatableList<Finding> Findings);

/// <summary>Reads methods marked <c>[KernelFunction]</c>.</summary>
internal static class KernelFunctionReader
{
    private const int RegisterArguments = 6;
    private const string VariadicArguments = "DdeKit.Foreign.VariadicArguments";

    public static KernelFunctionGroup Read(GeneratorAttributeSyntaxContext context)
    {
        var method = (IMethodSymbol)context.TargetSymbol;
        var findings = new List<Finding>();
        string where = $"{method.ContainingType.Name}.{method.Name}";
        if (MethodProblem(method) is { } problem)
            findings.Add(Finding.At(method, KernelDiagnostics.BadMethod, where, problem));
        string? property = RoomProperty(context.SemanticModel.Compilation, method.ContainingType);
        if (property is null)
            findings.Add(Finding.At(method, KernelDiagnostics.NoRoom, where, method.ContainingType.Name, KernelHost.Of(context.SemanticModel.Compilation)?.Class ?? "the kernel"));

        var parameters = new List<KernelFunctionParameter>();
        foreach (var parameter in method.Parameters)
        {
            bool isVariable = parameter.Type.ToDisplayString() == VariadicArguments;
            var value = isVariable ? null : KernelValue.Of(parameter.Type);
            if (parameter.RefKind != RefKind.None)
                findings.Add(Finding.At(parameter, KernelDiagnostics.BadMethod, where, $"'{parameter.Name}' is passed by reference; take a pointer"));
            else if (value is null && !isVariable)
                findings.Add(Finding.At(parameter, KernelDiagnostics.BadType, where, parameter.Name, parameter.Type.ToDisplayString()));
            parameters.Add(new KernelFunctionParameter(parameter.Name, value));
        }
        var result = method.ReturnsVoid ? null : KernelValue.Of(method.ReturnType);
        if (result is null && !method.ReturnsVoid)
            findings.Add(Finding.At(method, KernelDiagnostics.BadType, where, "the result", method.ReturnType.ToDisplayString()));

        var functions = new List<KernelFunction>();
        foreach (var attribute in context.Attributes)
        {
            string name = attribute.FirstText() ?? method.Name;
            bool isVariadic = attribute.NamedArguments.Any(a => a.Key == "Variadic" && a.Value.Value is true);
            if (isVariadic && VariadicProblem(parameters) is { } shape)
                findings.Add(Finding.At(method, KernelDiagnostics.BadVariadic, where, shape));
            functions.Add(new KernelFunction(
                name,
                method.ContainingType.Name,
                property ?? "",
                method.Name,
                isVariadic,
                result,
                new EquatableList<KernelFunctionParameter>(isVariadic && parameters.Count > 0 ? parameters.Take(parameters.Count - 1) : parameters),
                // Who came first is known only when all functions are; the finding waits here with its place.
                Finding.At(method, KernelDiagnostics.Duplicate, where, name)));
        }
        return new KernelFunctionGroup(
            new EquatableList<KernelFunction>(findings.Count == 0 ? functions : []), new EquatableList<Finding>(findings));
    }

    private static string? MethodProblem(IMethodSymbol method)
    {
        if (method.IsStatic || method.IsGenericMethod || method.ContainingType.IsGenericType)
            return "a kernel function is an instance method of a room and neither is generic";
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
            return "the result is a reference; return a pointer";
        return IsAccessible(method) ? null : "the method must be internal or public";
    }

    private static string? VariadicProblem(List<KernelFunctionParameter> parameters)
    {
        if (parameters.Count == 0 || parameters[parameters.Count - 1].Value is not null)
            return "the last parameter of a variadic function is VariadicArguments";
        if (parameters.Count - 1 > RegisterArguments)
            return $"{parameters.Count - 1} fixed parameters; those past the sixth do not arrive in registers";
        return parameters.Count(p => p.Value is null) == 1 ? null : "a variadic function takes variable arguments once";
    }

    private static string? RoomProperty(Compilation compilation, INamedTypeSymbol room) =>
        KernelHost.Of(compilation)?.Find(compilation)?.GetMembers().OfType<IPropertySymbol>()
            .FirstOrDefault(p => !p.IsStatic && IsAccessible(p) && p.GetMethod is not null && SymbolEqualityComparer.Default.Equals(p.Type, room))?.Name;

    private static bool IsAccessible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;
}
