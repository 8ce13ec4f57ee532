using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace SystemRdl;

/// <summary>Gives fields their bits and everything else its address and size, and checks that nothing stands on anything else.</summary>
internal sealed class Layout(Diagnostics diagnostics)
{
    private const int MaximumRegisterWidth = 4096;

    // Arrays with gaps are compared element by element, this many elements in one block, and as one range beyond.
    private const int MaximumIntervals = 100_000;

    /// <param name="addressing">Of the address map around; its own, when it gives one, replaces it.</param>
    /// <param name="isMsb0">Whether bit 0 is the most significant one; null while no address map around says so.</param>
    public void Run(Node node, string addressing, bool? isMsb0)
    {
        node.Children.RemoveAll(c => c.Property("ispresent") is BooleanValue { Value: false });
        if (node.Kind == ComponentKind.AddressMap && node.Property("addressing") is KeywordValue given)
            addressing = given.Word;
        if (node.Kind == ComponentKind.AddressMap && (node.Flag("msb0") || node.Flag("lsb0")))
            isMsb0 = node.Flag("msb0");
        foreach (var child in node.Children)
        {
            Run(child, addressing, isMsb0);
            foreach (var element in child.Elements ?? [])
                Run(element, addressing, isMsb0);
            if (child.Elements is not null)
                child.Size = child.Elements.Max(e => e.Size);
        }
        switch (node.Kind)
        {
            case ComponentKind.Field:
                SizeField(node, "fieldwidth");
                break;
            case ComponentKind.Signal:
                SizeField(node, "signalwidth");
                break;
            case ComponentKind.Register:
                LayRegister(node, isMsb0);
                break;
            case ComponentKind.Memory:
                LayMemory(node);
                break;
            default:
                if (!node.IsRoot)
                    LayBlock(node, addressing);
                break;
        }
    }

    private void SizeField(Node node, string property)
    {
        var given = node.Number(property);
        var width = node.GivenWidth;
        if (given is { } number && (number < 1 || number > MaximumRegisterWidth))
            diagnostics.Error(DiagnosticCode.BadWidth, node.Properties[property].Position, $"a width of {number} bits",
                $"give 1 to {MaximumRegisterWidth}");
        else if (given is { } wanted && width != 0 && wanted != width)
            diagnostics.Error(DiagnosticCode.BadWidth, node.Position, $"'{node.Name}' has {width} bits here, but {property} is {wanted}",
                "make them equal");
        else if (width == 0)
            width = (int)(given ?? 1);
        // The register moves a field to its place.
        node.Size = Math.Max(width, 1);
    }

    private void LayRegister(Node register, bool? isMsb0)
    {
        var width = Width(register, "regwidth", 32);
        var access = Width(register, "accesswidth", width);
        if (access > width)
            diagnostics.Error(DiagnosticCode.BadWidth, register.Properties["accesswidth"].Position,
                $"an access width of {access} bits in a register of {width}", "make it at most the register's width");
        register.Size = width / 8;
        register.ElementStride = StrideOf(register, register.Size);
        var next = 0;
        var fields = register.Children.Where(c => c.Kind == ComponentKind.Field).ToList();
        // Where no map says it, the ranges do, and all of a register alike (clause 10.7.1).
        var countsFromTop = isMsb0 ?? fields.Any(f => f.Bits is { Value: var range } && range.Left < range.Right);
        foreach (var field in fields)
        {
            (field.High, field.Low) = field.Bits is { } bits ? PlaceBits(bits, width, countsFromTop) : (next + (int)field.Size - 1, next);
            // Fields without bits follow in rising significance, whichever end the bits are counted from (clause 10.7.2).
            next = field.High + 1;
            if (field.High >= width || field.Low < 0)
                diagnostics.Error(DiagnosticCode.FieldOutsideRegister, field.Position,
                    $"the field '{field.Name}' has bits {Written(field)}, but the register '{register.Name}' has {width} bits",
                    "move the field, make it narrower, or give the register a larger regwidth");
        }
        if (fields.Count == 0)
            diagnostics.Error(DiagnosticCode.EmptyComponent, register.Position, $"the register '{register.Name}' has no fields",
                "give it at least one field");
        CheckOverlap(fields.Select(f => (f, (BigInteger)f.Low, (BigInteger)f.High)), DiagnosticCode.FieldOverlap, "bit");
    }

    /// <summary>The bits by significance: counted from the top, bit n of a register of w bits has the weight 2^(w-1-n).</summary>
    private (int High, int Low) PlaceBits(Located<(int Left, int Right)> bits, int width, bool countsFromTop)
    {
        var (left, right) = bits.Value;
        if (countsFromTop ? left > right : left < right)
            diagnostics.Error(DiagnosticCode.BadBitRange, bits.Position,
                countsFromTop ? $"the range [{left}:{right}] has its higher bit left, but bit 0 is the most significant one here"
                    : $"the range [{left}:{right}] has its lower bit left, but bit 0 is the least significant one here",
                $"write [{right}:{left}], or give all of the map the other order (msb0, lsb0)");
        var (low, high) = (Math.Min(left, right), Math.Max(left, right));
        return countsFromTop ? (width - 1 - low, width - 1 - high) : (high, low);
    }

    private static string Written(Node field) => field.Bits is { Value: var bits }
        ? $"[{bits.Left}:{bits.Right}]"
        : $"[{field.High}:{field.Low}]";

    private int Width(Node node, string property, int standard)
    {
        if (node.Number(property) is not { } number)
            return standard;
        if (number >= 8 && number <= MaximumRegisterWidth && number.IsPowerOfTwo)
            return (int)number;
        diagnostics.Error(DiagnosticCode.BadWidth, node.Properties[property].Position, $"{property} is {number}",
            $"give a power of two from 8 to {MaximumRegisterWidth}");
        return standard;
    }

    private void LayMemory(Node memory)
    {
        var width = memory.Number("memwidth") ?? 32;
        var entries = memory.Number("mementries") ?? 1;
        if (width < 1 || width > MaximumRegisterWidth)
        {
            diagnostics.Error(DiagnosticCode.BadWidth, memory.Properties["memwidth"].Position, $"memwidth is {width}",
                $"give 1 to {MaximumRegisterWidth}");
            width = 32;
        }
        if (entries < 1)
            diagnostics.Error(DiagnosticCode.BadArray, memory.Properties["mementries"].Position, "mementries is 0", "give at least 1");
        memory.Size = entries * NextPowerOfTwo((width + 7) / 8);
        memory.ElementStride = StrideOf(memory, memory.Size);
        Place(memory, "compact");
        foreach (var child in memory.Children.Where(c => c.Offset + c.TotalSize > memory.Size))
            diagnostics.Error(DiagnosticCode.AddressOutOfRange, child.Position,
                $"'{child.Name}' ends at 0x{Hex(child.Offset + child.TotalSize)}, but the memory has 0x{Hex(memory.Size)} bytes",
                "move it, or give the memory more entries");
    }

    private void LayBlock(Node block, string addressing)
    {
        Place(block, addressing);
        var placed = block.Children.Where(c => c.Kind != ComponentKind.Signal).ToList();
        if (placed.Count == 0)
            diagnostics.Error(DiagnosticCode.EmptyComponent, block.Position,
                $"the {block.Kind.Word()} '{block.Name}' holds nothing that has an address",
                "give it a register");
        block.Size = placed.Aggregate(BigInteger.Zero, (size, c) => BigInteger.Max(size, c.Offset + c.TotalSize));
        block.ElementStride = StrideOf(block, block.Size);
        if (block.TotalSize >= BigInteger.One << 64)
            diagnostics.Error(DiagnosticCode.AddressOutOfRange, block.Position, $"'{block.Name}' ends beyond 64 bits of address",
                "give smaller addresses");
    }

    private void Place(Node block, string addressing)
    {
        var minimum = block.Number("alignment") ?? 1;
        if (minimum.IsZero)
        {
            diagnostics.Error(DiagnosticCode.BadAlignment, block.Properties["alignment"].Position, "an alignment of 0", "give at least 1");
            minimum = 1;
        }
        var next = BigInteger.Zero;
        foreach (var child in block.Children.Where(c => c.Kind != ComponentKind.Signal))
        {
            var alignment = child.Alignment?.Value is { IsZero: false } own ? own : BigInteger.Max(minimum, addressing switch
            {
                "compact" => AccessBytes(child),
                "fullalign" => NextPowerOfTwo(child.TotalSize),
                _ => NextPowerOfTwo(child.Size),
            });
            child.Offset = child.Address?.Value ?? (next + alignment - 1) / alignment * alignment;
            next = child.Offset + child.TotalSize;
            var i = 0;
            foreach (var element in child.Elements ?? [])
                (element.Offset, element.ElementStride) = (child.Offset + child.ElementStride * i++, element.Size);
            if (next >= BigInteger.One << 64)
                diagnostics.Error(DiagnosticCode.AddressOutOfRange, child.Position, $"'{child.Name}' ends beyond 64 bits of address",
                    "give smaller addresses");
        }
        // The sides of a bridge are views of one thing; they may share addresses (clause 13.4).
        if (block.Flag("bridge"))
            return;
        var budget = MaximumIntervals;
        CheckOverlap(block.Children.Where(c => c.Kind != ComponentKind.Signal && c.Size > 0).SelectMany(c => Intervals(c, ref budget)),
            DiagnosticCode.AddressOverlap, "address");
    }

    private BigInteger StrideOf(Node node, BigInteger size)
    {
        if (node.Stride is not { } stride)
            return size;
        if (stride.Value >= BigInteger.One << 64)
            diagnostics.Error(DiagnosticCode.AddressOutOfRange, stride.Position, "this stride has more than 64 bits",
                "give a smaller stride");
        else if (stride.Value >= size)
            return stride.Value;
        else
            diagnostics.Error(DiagnosticCode.StrideTooSmall, stride.Position,
                $"a stride of 0x{Hex(stride.Value)} is less than the size of an element, 0x{Hex(size)} bytes", "give at least the size");
        return size;
    }

    // What a component needs to be reached in whole accesses.
    private static BigInteger AccessBytes(Node node) => node.Kind switch
    {
        ComponentKind.Register => BigInteger.Max(1, (node.Number("accesswidth") ?? node.Number("regwidth") ?? 32) / 8),
        ComponentKind.Memory => NextPowerOfTwo(((node.Number("memwidth") ?? 32) + 7) / 8),
        _ => node.Children.Aggregate(BigInteger.One, (most, c) => BigInteger.Max(most, AccessBytes(c))),
    };

    private static IEnumerable<(Node, BigInteger, BigInteger)> Intervals(Node node, ref int budget)
    {
        if (node.ElementStride == node.Size || node.Dimensions.Count == 0 || node.ElementCount > budget)
            return [(node, node.Offset, node.Offset + node.TotalSize - 1)];
        budget -= (int)node.ElementCount;
        return Enumerable.Range(0, (int)node.ElementCount)
            .Select(i => node.Offset + node.ElementStride * i)
            .Select(start => (node, start, start + node.Size - 1));
    }

    /// <summary>Two may share a place when software only reads the one and only writes the other (clauses 9.1.2 and 10.1.2).</summary>
    private void CheckOverlap(IEnumerable<(Node Node, BigInteger First, BigInteger Last)> ranges, DiagnosticCode code, string unit)
    {
        (Node? Node, BigInteger Last) readable = (null, -1);
        (Node? Node, BigInteger Last) writable = (null, -1);
        HashSet<Node> reported = [];
        foreach (var (node, first, last) in ranges.OrderBy(r => r.First))
        {
            var (reads, writes) = SoftwareUses(node);
            var other = reads && readable.Last >= first ? readable : writes && writable.Last >= first ? writable : (null, -1);
            if (other.Node is { } first2 && reported.Add(node))
            {
                var later = node.Position.Line >= first2.Position.Line ? node : first2;
                var earlier = later == node ? first2 : node;
                var place = unit == "bit" ? first.ToString() : "0x" + Hex(first);
                diagnostics.Error(code, later.Position,
                    $"'{later.Name}' overlaps '{earlier.Name}' at {unit} {place} ('{earlier.Name}' is at {earlier.Position})",
                    "move one of them, or make one sw = r and the other sw = w");
            }
            if (reads && last > readable.Last)
                readable = (node, last);
            if (writes && last > writable.Last)
                writable = (node, last);
        }
    }

    private static (bool Reads, bool Writes) SoftwareUses(Node node)
    {
        if (node.Kind is ComponentKind.Field or ComponentKind.Memory)
        {
            var access = node.Property("sw") is KeywordValue keyword ? keyword.Word : "rw";
            // What software cannot reach still occupies its place.
            return access == "na" ? (true, true) : (access.Contains("r"), access.Contains("w"));
        }
        if (node.Kind is not ComponentKind.Register)
            return (true, true);
        var fields = node.Children.Where(c => c.Kind == ComponentKind.Field).Select(SoftwareUses).ToList();
        return (fields.Any(f => f.Reads), fields.Any(f => f.Writes));
    }

    private static BigInteger NextPowerOfTwo(BigInteger value)
    {
        var power = BigInteger.One;
        while (power < value)
            power <<= 1;
        return power;
    }

    private static string Hex(BigInteger value) => value.IsZero ? "0" : value.ToString("x").TrimStart('0');
}
