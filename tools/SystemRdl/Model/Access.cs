using System;

namespace SystemRdl;

/// <summary>What software or hardware may do with a field (clause 9.4).</summary>
public enum Access
{
    None,
    Read,
    Write,
    ReadWrite,
    /// <summary>Readable; writable once after reset.</summary>
    ReadWriteOnce,
    /// <summary>Writable once after reset.</summary>
    WriteOnce,
}

/// <summary>What a read by software does to a field (clause 9.6).</summary>
public enum ReadEffect
{
    None,
    Clear,
    Set,
    /// <summary>Written by hand.</summary>
    User,
}

/// <summary>What a write by software does to a field; <see cref="None"/> stores the value.</summary>
public enum WriteEffect
{
    None,
    OneSets,
    OneClears,
    OneToggles,
    ZeroSets,
    ZeroClears,
    ZeroToggles,
    AnyClears,
    AnySets,
    /// <summary>Written by hand.</summary>
    User,
}

/// <summary>What of an interrupt field's source sets it (clause 9.9).</summary>
public enum InterruptTrigger
{
    Level,
    PositiveEdge,
    NegativeEdge,
    BothEdges,
}

/// <summary>Whether an interrupt field stays set.</summary>
public enum Stickiness
{
    None,
    /// <summary>Each bit stays until software clears it.</summary>
    Bit,
    /// <summary>The whole value is locked until software clears it.</summary>
    Field,
}

internal static class AccessWords
{
    public static Access Access(PropertyValue? value) => value is not KeywordValue keyword ? SystemRdl.Access.ReadWrite : keyword.Word switch
    {
        "na" => SystemRdl.Access.None,
        "r" => SystemRdl.Access.Read,
        "w" => SystemRdl.Access.Write,
        "rw1" => SystemRdl.Access.ReadWriteOnce,
        "w1" => SystemRdl.Access.WriteOnce,
        _ => SystemRdl.Access.ReadWrite,
    };

    public static ReadEffect OnRead(PropertyValue value) => value.ToString() switch
    {
        "rclr" => ReadEffect.Clear,
        "rset" => ReadEffect.Set,
        _ => ReadEffect.User,
    };

    private static readonly string[] onWrite = ["", "woset", "woclr", "wot", "wzs", "wzc", "wzt", "wclr", "wset", "wuser"];

    public static WriteEffect OnWrite(PropertyValue value) => (WriteEffect)Array.IndexOf(onWrite, value.ToString());
}
