using System.Linq;
using Microsoft.CodeAnalysis;

namespace KernelGenerator;

/// <summary>The kernel whose functions are bound: the shim that is being compiled.</summary>
/// <param name="Namespace">Of the kernel, and of what is written.</param>
/// <param name="Class">The kernel's class.</param>
internal sealed record KernelHost(string Namespace, string Class)
{
    /// <summary>Marks methods that drivers import.</summary>
    public const string FunctionAttribute = "DdeKit.Foreign.KernelFunctionAttribute";

    private static readonly KernelHost[] s_known = [new("DdeLinux", "LinuxKernel"), new("DdeBsd", "BsdKernel")];

    /// <summary>Full name, as source code has it.</summary>
    public string FullName => $"global::{Namespace}.{Class}";

    /// <summary>The kernel that a compilation defines; null when it defines none.</summary>
    public static KernelHost? Of(Compilation compilation) => s_known.FirstOrDefault(kernel => kernel.Find(compilation) is not null);

    /// <summary>The kernel's class in the compilation that defines it.</summary>
    public INamedTypeSymbol? Find(Compilation compilation) => compilation.Assembly.GetTypeByMetadataName($"{Namespace}.{Class}");
}
