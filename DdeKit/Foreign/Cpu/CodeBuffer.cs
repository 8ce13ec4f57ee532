using System.Buffers.Binary;

namespace DdeKit.Foreign;

/// <summary>Writes machine code into a region, template by template. Used by one thread at a time.</summary>
internal sealed class CodeBuffer
{
    private readonly LowRegion _region;
    private int _length;

    public CodeBuffer(LowRegion region) => _region = region;

    /// <summary>Where the next byte goes.</summary>
    public nint Position => _region.Address + _length;

    /// <summary>Bytes left.</summary>
    public int Room => (int)_region.Extent.Count - _length;

    /// <summary>Fills up to a multiple of 16 with <c>int3</c>, which traps when it is run into.</summary>
    public void Align()
    {
        while (_length % 16 != 0)
            Bytes(0xcc);
    }

    /// <summary>Appends a template.</summary>
    public CodeBuffer Bytes(params ReadOnlySpan<byte> code)
    {
        code.CopyTo(_region.Bytes[_length..]);
        _length += code.Length;
        return this;
    }

    /// <summary>Appends a template that ends with a 32-bit value.</summary>
    public CodeBuffer With32(int value, params ReadOnlySpan<byte> code)
    {
        Bytes(code);
        BinaryPrimitives.WriteInt32LittleEndian(_region.Bytes[_length..], value);
        _length += 4;
        return this;
    }

    /// <summary>Appends a template that ends with a 64-bit value.</summary>
    public CodeBuffer With64(nint value, params ReadOnlySpan<byte> code)
    {
        Bytes(code);
        BinaryPrimitives.WriteInt64LittleEndian(_region.Bytes[_length..], value);
        _length += 8;
        return this;
    }

    /// <summary>Leaves room for bytes that are written otherwise.</summary>
    public void Skip(int count) => _length += count;

    /// <summary>Sets the target of a branch whose distance lies at <paramref name="at"/>.</summary>
    public void PatchBranch(nint at, nint target) =>
        BinaryPrimitives.WriteInt32LittleEndian(_region.Bytes[(int)(at - _region.Address)..], (int)(target - at - sizeof(int)));

    /// <summary>Appends a jump or call whose 32-bit distance comes last.</summary>
    public CodeBuffer Branch(nint target, params ReadOnlySpan<byte> code) =>
        With32((int)(target - (Position + code.Length + 4)), code);
}
