using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>A register, or an array of registers that are alike.</summary>
public sealed class Register : AddressableComponent
{
    internal Register(
        string name, string? typeName, IReadOnlyList<int> elementIndexes, SourcePosition position, Placement placement,
        IReadOnlyList<Field> fields, IReadOnlyList<Signal> signals)
        : base(ComponentKind.Register, name, typeName, elementIndexes, position, placement)
    {
        Fields = fields;
        Signals = signals;
    }

    /// <summary>By ascending low bit.</summary>
    public IReadOnlyList<Field> Fields { get; }

    public IReadOnlyList<Signal> Signals { get; }

    /// <summary>In bits.</summary>
    public int Width => (int)Size * 8;

    /// <summary>The narrowest access that is atomic, in bits.</summary>
    public int AccessWidth => (int)Number("accesswidth", (ulong)Width);

    /// <summary>The register whose storage this one shares; null when it has its own.</summary>
    public Register? AliasOf { get; internal set; }

    /// <summary>
    /// The values that the fields give at reset; fields without a known value count as 0 here and not in <see cref="ResetMask"/>.
    /// </summary>
    public BigInteger Reset => Fields.Aggregate(BigInteger.Zero, (value, f) => value | (f.Reset ?? 0) << f.Low);

    /// <summary>The bits whose reset value is known.</summary>
    public BigInteger ResetMask => Mask(Fields.Where(f => f.Reset is not null));

    /// <summary>The bits that software can read.</summary>
    public BigInteger ReadableMask => Mask(Fields.Where(f => f.IsSoftwareReadable));

    /// <summary>The bits that software can write.</summary>
    public BigInteger WritableMask => Mask(Fields.Where(f => f.IsSoftwareWritable));

    private static BigInteger Mask(IEnumerable<Field> fields) => fields.Aggregate(BigInteger.Zero, (mask, f) => mask | f.Mask);
}

/// <summary>Bits of a register that belong together.</summary>
public sealed class Field : Component
{
    internal Field(string name, string? typeName, SourcePosition position, int high, int low, InterruptTrigger trigger, bool isNonsticky)
        : base(ComponentKind.Field, name, typeName, [], position)
    {
        High = high;
        Low = low;
        this.trigger = trigger;
        this.isNonsticky = isNonsticky;
    }

    private readonly InterruptTrigger trigger;
    private readonly bool isNonsticky;

    public int High { get; }

    public int Low { get; }

    /// <summary>In bits.</summary>
    public int Width => High - Low + 1;

    /// <summary>The field's bits within its register.</summary>
    public BigInteger Mask => ((BigInteger.One << Width) - 1) << Low;

    public Access SoftwareAccess => AccessWords.Access(this["sw"]);

    public Access HardwareAccess => AccessWords.Access(this["hw"]);

    public bool IsSoftwareReadable => SoftwareAccess is Access.Read or Access.ReadWrite or Access.ReadWriteOnce;

    public bool IsSoftwareWritable => SoftwareAccess is not (Access.None or Access.Read);

    /// <summary>onread, or its short forms rclr and rset.</summary>
    public ReadEffect OnRead => this["onread"] is { } effect ? AccessWords.OnRead(effect)
        : Has("rclr") ? ReadEffect.Clear : Has("rset") ? ReadEffect.Set : ReadEffect.None;

    /// <summary>onwrite, or its short forms woclr and woset.</summary>
    public WriteEffect OnWrite => this["onwrite"] is { } effect ? AccessWords.OnWrite(effect)
        : Has("woclr") ? WriteEffect.OneClears : Has("woset") ? WriteEffect.OneSets : WriteEffect.None;

    /// <summary>The reset value; null when there is none or another component drives it (<see cref="ResetFrom"/>).</summary>
    public BigInteger? Reset => this["reset"] is NumberValue number ? number.Value : null;

    /// <summary>The field or signal whose value this field takes at reset; else null.</summary>
    public Component? ResetFrom => (this["reset"] as ReferenceValue)?.Target;

    /// <summary>The signal that resets this field; null for the default one.</summary>
    public Component? ResetSignal => (this["resetsignal"] as ReferenceValue)?.Target;

    /// <summary>Whether a write of 1 reads back as 0 after one clock.</summary>
    public bool IsSinglePulse => Has("singlepulse");

    /// <summary>Names of the field's values; null when the source gives none.</summary>
    public Enumeration? Encoding => (this["encode"] as EnumerationTypeValue)?.Type;

    public bool IsCounter => Has("counter");

    public bool IsInterrupt => Has("intr");

    /// <summary>Of an interrupt field.</summary>
    public InterruptTrigger Trigger => trigger;

    /// <summary>An interrupt field is sticky by bit unless the source says otherwise.</summary>
    public Stickiness Stickiness => Has("sticky") ? Stickiness.Field
        : Has("stickybit") || (IsInterrupt && !isNonsticky && this["stickybit"] is null) ? Stickiness.Bit : Stickiness.None;

    /// <summary>Whether hardware's write wins over software's in the same moment; software's is the standard's default.</summary>
    public bool HardwareWins => this["precedence"] is KeywordValue { Word: "hw" };
}
