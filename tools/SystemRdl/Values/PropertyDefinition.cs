using System.Collections.Generic;
using System.Linq;

namespace SystemRdl;

/// <summary>A property: what it is called, what it takes and where it may stand.</summary>
/// <param name="Group">Properties of one group exclude one another; null when nothing does.</param>
/// <param name="Default">The value of a property that the source defines itself; null when there is none.</param>
internal sealed record PropertyDefinition(
    string Name, DataType Type, ComponentKinds Components, string? Group = null, PropertyValue? Default = null);

/// <summary>The properties that the standard defines (tables of clauses 5, 8 to 13 and 15).</summary>
internal static class StandardProperties
{
    private const ValueKinds Signalled = ValueKinds.Boolean | ValueKinds.Reference;
    private const ValueKinds Driven = ValueKinds.Bit | ValueKinds.Reference;
    private const ValueKinds Threshold = ValueKinds.Boolean | ValueKinds.Bit | ValueKinds.Reference;
    private const ValueKinds Number = ValueKinds.LongInteger;

    public static readonly IReadOnlyDictionary<string, PropertyDefinition> All = new[]
    {
        Make(ComponentKinds.All, ValueKinds.String, "name", "desc"),
        Make(ComponentKinds.All, ValueKinds.Boolean, "ispresent"),
        Make(ComponentKinds.Blocks | ComponentKinds.Register | ComponentKinds.Field | ComponentKinds.Memory,
            ValueKinds.Boolean | ValueKinds.Bit, "donttest", "dontcompare"),
        Make(ComponentKinds.Blocks | ComponentKinds.Register, ValueKinds.Boolean, "errextbus"),
        Make(ComponentKinds.Blocks | ComponentKinds.Register, ValueKinds.String, "hdl_path", "hdl_path_gate"),
        Make(ComponentKinds.Signal, Number, "signalwidth"),
        Make(ComponentKinds.Signal, ValueKinds.Boolean, "cpuif_reset", "field_reset"),
        Group(ComponentKinds.Signal, ValueKinds.Boolean, "sync", "async"),
        Group(ComponentKinds.Signal, ValueKinds.Boolean, "activelow", "activehigh"),
        Make(ComponentKinds.Field | ComponentKinds.Memory, ValueKinds.Access, "sw"),
        Make(ComponentKinds.Field, ValueKinds.Access, "hw"),
        Make(ComponentKinds.Field, ValueKinds.Reference,
            "next", "incr", "decr", "resetsignal"),
        Make(ComponentKinds.Field, Driven, "reset", "incrvalue", "decrvalue"),
        Make(ComponentKinds.Field, Number, "fieldwidth", "incrwidth", "decrwidth"),
        Make(ComponentKinds.Field, ValueKinds.Boolean,
            "swmod", "swacc", "singlepulse", "anded", "ored", "xored", "counter", "overflow", "underflow", "paritycheck"),
        Make(ComponentKinds.Field, Signalled, "hwset", "hwclr"),
        Make(ComponentKinds.Field, Threshold, "incrsaturate", "decrsaturate", "incrthreshold", "decrthreshold"),
        Make(ComponentKinds.Field, ValueKinds.Precedence, "precedence"),
        Make(ComponentKinds.Field, ValueKinds.EnumerationType, "encode"),
        Group(ComponentKinds.Field, Signalled, "we", "wel"),
        Group(ComponentKinds.Field, Signalled, "swwe", "swwel"),
        Group(ComponentKinds.Field, ValueKinds.Reference, "hwenable", "hwmask"),
        Group(ComponentKinds.Field, ValueKinds.Reference, "enable", "mask"),
        Group(ComponentKinds.Field, ValueKinds.Reference, "haltenable", "haltmask"),
        Group(ComponentKinds.Field, ValueKinds.Boolean, "sticky", "stickybit"),
        Group(ComponentKinds.Field, ValueKinds.Boolean, "rclr", "rset"),
        Group(ComponentKinds.Field, ValueKinds.Boolean, "woclr", "woset"),
        [new PropertyDefinition("onread", new DataType(ValueKinds.OnRead), ComponentKinds.Field, "rclr"),
            new PropertyDefinition("onwrite", new DataType(ValueKinds.OnWrite), ComponentKinds.Field, "woclr"),
            new PropertyDefinition("hdl_path_slice", new DataType(ValueKinds.String, IsArray: true),
            ComponentKinds.Field | ComponentKinds.Memory),
            new PropertyDefinition("hdl_path_gate_slice", new DataType(ValueKinds.String, IsArray: true),
                ComponentKinds.Field | ComponentKinds.Memory)],
        Make(ComponentKinds.Field | ComponentKinds.Register, ValueKinds.Boolean, "intr", "halt"),
        Make(ComponentKinds.Register, Number, "regwidth", "accesswidth"),
        Make(ComponentKinds.Register, ValueKinds.Boolean, "shared"),
        Make(ComponentKinds.Memory, Number, "mementries", "memwidth"),
        Make(ComponentKinds.Blocks, Number, "alignment"),
        Make(ComponentKinds.Blocks, ValueKinds.Boolean, "sharedextbus"),
        Make(ComponentKinds.AddressMap, ValueKinds.Addressing, "addressing"),
        Make(ComponentKinds.AddressMap, ValueKinds.Boolean, "bridge"),
        Group(ComponentKinds.AddressMap, ValueKinds.Boolean, "bigendian", "littleendian"),
        Group(ComponentKinds.AddressMap, ValueKinds.Boolean, "msb0", "lsb0"),
        Group(ComponentKinds.AddressMap, ValueKinds.Boolean, "rsvdset", "rsvdsetX"),
    }.SelectMany(p => p).ToDictionary(p => p.Name);

    /// <summary>Other names that the standard gives a property.</summary>
    public static string Canonical(string name) => name switch
    {
        "saturate" => "incrsaturate",
        "threshold" => "incrthreshold",
        _ => name,
    };

    private static IEnumerable<PropertyDefinition> Make(ComponentKinds components, ValueKinds kinds, params string[] names) =>
        names.Select(n => new PropertyDefinition(n, new DataType(kinds), components));

    private static IEnumerable<PropertyDefinition> Group(ComponentKinds components, ValueKinds kinds, params string[] names) =>
        names.Select(n => new PropertyDefinition(n, new DataType(kinds), components, names[0]));
}
