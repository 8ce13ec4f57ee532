using System.Text;

namespace DdeKit.Foreign;

/// <summary>A C string in the domain's memory, found whole when it was checked. Valid as long as the driver leaves it alone.</summary>
public readonly unsafe struct KernelString
{
    internal KernelString(nint address, int length)
    {
        Address = address;
        Length = length;
    }

    /// <summary>Where its first byte is.</summary>
    public nint Address { get; }

    /// <summary>Bytes before the terminating zero.</summary>
    public int Length { get; }

    /// <summary>Whether this is the null pointer; it has no bytes.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The bytes, in place, without the terminating zero.</summary>
    public ReadOnlySpan<byte> Bytes => new((void*)Address, Length);

    /// <summary>The text; "(null)" for the null pointer, as the kernel prints it.</summary>
    public override string ToString() => IsNull ? "(null)" : Encoding.UTF8.GetString(Bytes);
}
