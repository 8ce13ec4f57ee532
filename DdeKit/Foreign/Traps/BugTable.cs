using L4;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DdeKit.Foreign;

/// <summary>What a module says about one of its <c>ud2</c> instructions.</summary>
/// <param name="IsWarning">Whether the code goes on after it (WARN), or not (BUG).</param>
/// <param name="IsRepeated">Whether it warns once only and has done so.</param>
/// <param name="Place">Source file and line, as the module names them.</param>
public readonly record struct BugEntry(bool IsWarning, bool IsRepeated, string Place);

/// <summary>
/// Reads a module's <c>__bug_table</c>. Linux: include/asm-generic/bug.h, <c>struct bug_entry</c> with relative pointers: offset to the
/// instruction and to the file name (32 bits each, from their own places), line, flags (16 bits each).
/// </summary>
public static unsafe class BugTable
{
    private const int EntrySize = 12;
    private const ushort FlagWarning = 1;
    private const ushort FlagOnce = 2;
    private const ushort FlagDone = 4;

    /// <summary>Bytes of the instruction.</summary>
    public const int InstructionSize = 2;

    /// <summary>Finds the entry for the instruction at <paramref name="address"/>; a warning that is given once only is marked as given.</summary>
    public static bool TryTake(LoadedModule module, ulong address, out BugEntry entry)
    {
        entry = default;
        if (!module.TryGetSection("__bug_table", out Extent extent))
            return false;
        var table = new Span<byte>((void*)extent.First, (int)extent.Count);
        for (int at = 0; at <= table.Length - EntrySize; at += EntrySize)
        {
            ulong place = extent.First + (ulong)at;
            if (unchecked(place + (ulong)ReadInt32LittleEndian(table[at..])) != address)
                continue;
            ulong file = unchecked(place + 4 + (ulong)ReadInt32LittleEndian(table[(at + 4)..]));
            ushort line = ReadUInt16LittleEndian(table[(at + 8)..]);
            ushort flags = ReadUInt16LittleEndian(table[(at + 10)..]);
            string name = module.Data.Contains(file) ? module.ReadText(file, "the file name of a bug entry") : $"0x{file:x}";
            entry = new BugEntry((flags & FlagWarning) != 0, (flags & FlagOnce) != 0 && (flags & FlagDone) != 0, $"{name}:{line}");
            if ((flags & FlagOnce) != 0)
                WriteUInt16LittleEndian(table[(at + 10)..], (ushort)(flags | FlagDone));
            return true;
        }
        return false;
    }
}
