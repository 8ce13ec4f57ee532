namespace DdeKit.Foreign;

/// <summary>
/// Asks whether memory that foreign code names is there. A shim that follows a bad pointer itself would end the process: .NET takes a
/// fault at an address that is not near null for its own corruption.
/// </summary>
public static unsafe class ForeignMemory
{
    static ForeignMemory()
    {
        // Touches one byte of each page; a trap in here makes it answer 0 (see TrapUnit). Arguments: first, last, whether to write.
        var code = new CodeBuffer(new LowMemory().Allocate(LowMemory.PageSize, LowAccess.Code));
        ProbeStart = code.Position;
        code.Bytes(0x31, 0xc0, 0x85, 0xd2, 0x75, 0x14)                                      // xor eax, eax; test edx, edx; jne write
            .Bytes(0xf6, 0x07, 0x00)                                                        // read: test byte [rdi], 0
            .Bytes(0x48, 0x81, 0xcf, 0xff, 0x0f, 0x00, 0x00, 0x48, 0xff, 0xc7)              // or rdi, 4095; inc rdi
            .Bytes(0x48, 0x39, 0xf7, 0x76, 0xee, 0xeb, 0x13)                                // cmp rdi, rsi; jbe read; jmp good
            .Bytes(0xf0, 0x80, 0x0f, 0x00)                                                  // write: lock or byte [rdi], 0
            .Bytes(0x48, 0x81, 0xcf, 0xff, 0x0f, 0x00, 0x00, 0x48, 0xff, 0xc7)              // or rdi, 4095; inc rdi
            .Bytes(0x48, 0x39, 0xf7, 0x76, 0xed)                                            // cmp rdi, rsi; jbe write
            .Bytes(0xff, 0xc0);                                                             // good: inc eax
        ProbeEnd = code.Position;
        code.Bytes(0xc3);                                                                   // ret
        TrapUnit.Register(new L4.Extent((ulong)ProbeStart, (ulong)(ProbeEnd - ProbeStart)));
    }

    /// <summary>The code that may trap.</summary>
    internal static nint ProbeStart { get; }

    /// <summary>Where it goes on after a trap.</summary>
    internal static nint ProbeEnd { get; }

    /// <summary>
    /// Whether every byte of a range can be read, or read and written, right now. The calling host thread has to be attached. Costs a few
    /// nanoseconds for each page when the answer is yes, and a trap when it is no. Device windows are not memory.
    /// </summary>
    public static bool IsAccessible(nint address, nint count, bool write)
    {
        if (count <= 0)
            return count == 0;
        ulong last = unchecked((ulong)address + (ulong)count - 1);
        if (last < unchecked((ulong)address))
            return false;
        if (ForeignCpu.Current is null)
            throw new InvalidOperationException("memory can be probed by a host thread that is attached to a domain only");
        return ((delegate* unmanaged<nint, nint, int, int>)ProbeStart)(address, unchecked((nint)last), write ? 1 : 0) != 0;
    }
}
