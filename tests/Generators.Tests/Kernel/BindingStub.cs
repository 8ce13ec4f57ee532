namespace Generators.Tests.Kernel;

/// <summary>As much of the binding types as the generated code names, as source text.</summary>
internal static class BindingStub
{
    public const string Source = """
        global using DdeKit.Foreign;
        using System;
        using System.Collections.Immutable;
        namespace DdeKit.Foreign
        {
            public unsafe ref struct VariadicArguments { public VariadicArguments(nint* registers, nint* stack, int named) { } public VariadicArguments(nint list) { } }
            [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
            public sealed class KernelFunctionAttribute(string? name = null) : Attribute { public string? Name => name; public bool Variadic { get; set; } }
            public readonly record struct KernelParameter(string Name, int Width, bool IsPointer, string? Structure);
            public sealed record KernelFunctionEntry(
                string Name, nint Pointer, string Room, string Method, bool IsVariadic, KernelParameter Return, ImmutableArray<KernelParameter> Parameters);
            public readonly struct KernelString { public nint Address => 0; }
            public sealed class KernelMemory
            {
                public nint Check(nint address, int size) => address;
                public nint CheckList(nint list) => list;
                public KernelString CheckString(nint address) => default;
            }
            public sealed class CallTrace { public void Record(int index, nint a0, nint a1, nint a2, nint a3) { } }
        }
        namespace DdeLinux
        {
            public sealed class KernelStructAttribute(string name) : Attribute { public string Name => name; }
            public sealed class FieldAttribute(string? path = null) : Attribute { public string? Path => path; }
            public sealed class EmbeddedAttribute(string? path = null) : Attribute { public string? Path => path; }
            public sealed class FieldAddressAttribute(string? path = null) : Attribute { public string? Path => path; }
            public sealed class BitFieldAttribute(string? path = null) : Attribute { public string? Path => path; }
            public sealed class KernelTypes
            {
                public static KernelTypes Current => new();
                public static int Find(Func<KernelTypes, int> lookup) => lookup(Current);
                public int OffsetOf(string structure, string path, int width) => 0;
                public int PointerOffset(string structure, string path, string? target) => 0;
                public int EmbeddedOffset(string structure, string path, string target) => 0;
                public int AddressOffset(string structure, string path) => 0;
                public int BitField(string structure, string path) => 0;
                public int SizeOf(string structure) => 0;
            }
            public static class BitFields { public static ulong Read(nint address, int field) => 0; public static void Write(nint address, int field, ulong value) { } }
            public sealed partial class LinuxKernel
            {
                public static LinuxKernel Current => new();
                public KernelMemory Memory => new();
                public CallTrace Calls => new();
                public void Fault(Exception exception) { }
            }
        }
        """;
}
