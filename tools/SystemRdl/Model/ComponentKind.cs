using System;

namespace SystemRdl;

/// <summary>The component types of the language.</summary>
public enum ComponentKind
{
    AddressMap,
    RegisterFile,
    Register,
    Field,
    Memory,
    Signal,
}

[Flags]
internal enum ComponentKinds
{
    None = 0,
    AddressMap = 1 << ComponentKind.AddressMap,
    RegisterFile = 1 << ComponentKind.RegisterFile,
    Register = 1 << ComponentKind.Register,
    Field = 1 << ComponentKind.Field,
    Memory = 1 << ComponentKind.Memory,
    Signal = 1 << ComponentKind.Signal,
    Blocks = AddressMap | RegisterFile,
    All = Blocks | Register | Field | Memory | Signal,
}

internal static class ComponentKindWords
{
    private static readonly string[] words = ["addrmap", "regfile", "reg", "field", "mem", "signal"];

    /// <summary>The kind as the language writes it.</summary>
    public static string Word(this ComponentKind kind) => words[(int)kind];

    public static ComponentKind FromWord(string word) => (ComponentKind)Array.IndexOf(words, word);

    public static ComponentKinds Bit(this ComponentKind kind) => (ComponentKinds)(1 << (int)kind);

    /// <summary>Which components a component of this kind may hold (clauses 9.1, 10.1, 11.2, 12.2, 13.2).</summary>
    public static ComponentKinds Holds(this ComponentKind kind) => kind switch
    {
        ComponentKind.AddressMap => ComponentKinds.Blocks | ComponentKinds.Register | ComponentKinds.Memory | ComponentKinds.Signal,
        ComponentKind.RegisterFile => ComponentKinds.RegisterFile | ComponentKinds.Register | ComponentKinds.Signal,
        ComponentKind.Memory => ComponentKinds.Register,
        ComponentKind.Register => ComponentKinds.Field | ComponentKinds.Signal,
        _ => ComponentKinds.None,
    };
}
