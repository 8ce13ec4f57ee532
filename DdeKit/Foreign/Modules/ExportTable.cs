using L4;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DdeKit.Foreign;

/// <summary>
/// Reads what a module exports. Linux: include/linux/export.h, <c>struct kernel_symbol</c> with position-relative entries: offsets to
/// the value, the name and the namespace, each of 32 bits, relative to its own place.
/// </summary>
internal static unsafe class ExportTable
{
    private const int EntrySize = 12;

    public static IReadOnlyDictionary<string, nint> Read(LoadedModule module)
    {
        var exports = new Dictionary<string, nint>(StringComparer.Ordinal);
        ReadSection(module, "__ksymtab", exports);
        ReadSection(module, "__ksymtab_gpl", exports);
        return exports;
    }

    private static void ReadSection(LoadedModule module, string section, Dictionary<string, nint> exports)
    {
        if (!module.TryGetSection(section, out Extent extent) || extent.Count == 0)
            return;
        var bytes = new ReadOnlySpan<byte>((void*)extent.First, (int)extent.Count);
        if (bytes.Length % EntrySize != 0)
            throw new BadModuleException(module.Name, $"{section} has {bytes.Length} bytes, no multiple of the {EntrySize} of a position-relative entry");
        for (int at = 0; at < bytes.Length; at += EntrySize)
        {
            ulong place = extent.First + (ulong)at;
            ulong value = unchecked(place + (ulong)ReadInt32LittleEndian(bytes[at..]));
            ulong name = unchecked(place + 4 + (ulong)ReadInt32LittleEndian(bytes[(at + 4)..]));
            string text = module.ReadText(name, $"the name of entry {at / EntrySize} of {section}");
            if (!module.Contains(unchecked((nint)value)))
                throw new BadModuleException(module.Name, $"export {text} has the value 0x{value:x}, which is not in the module");
            if (!exports.TryAdd(text, (nint)value))
                throw new BadModuleException(module.Name, $"exports {text} twice");
        }
    }
}
