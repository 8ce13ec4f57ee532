using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>Decodes one foreign instruction where it stands. Allocates nothing once made; used by one thread at a time.</summary>
internal sealed unsafe class InstructionReader : CodeReader
{
    /// <summary>The longest instruction. Intel SDM volume 2, section 2.3.11.</summary>
    public const int LongestInstruction = 15;

    private readonly Decoder _decoder;
    private byte* _next;
    private byte* _end;

    public InstructionReader() => _decoder = Decoder.Create(64, this);

    /// <summary>Decodes the instruction at <paramref name="address"/>; false when there is none.</summary>
    public bool TryRead(ulong address, out Instruction instruction)
    {
        int length = ReadableBytes(address, LongestInstruction);
        _next = (byte*)address;
        _end = _next + length;
        _decoder.IP = address;
        _decoder.Decode(out instruction);
        return !instruction.IsInvalid;
    }

    /// <summary>How many of the bytes at <paramref name="address"/> can be read: all, those of its page, or none.</summary>
    public static int ReadableBytes(ulong address, int count)
    {
        if (ForeignMemory.IsAccessible(unchecked((nint)address), count, write: false))
            return count;
        int inPage = Math.Min(count, (int)(LowMemory.PageSize - address % LowMemory.PageSize));
        return ForeignMemory.IsAccessible(unchecked((nint)address), inPage, write: false) ? inPage : 0;
    }

    /// <inheritdoc/>
    public override int ReadByte() => _next < _end ? *_next++ : -1;
}
