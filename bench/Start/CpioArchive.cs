using System.Text;

namespace Bench;

/// <summary>Writes an initial file system for a Linux kernel: a cpio archive in the "newc" format (Linux, driver-api/early-userspace).</summary>
internal sealed class CpioArchive
{
    private const uint Folder = 0x41ed;
    private const uint Program = 0x81ed;
    private const uint CharacterDevice = 0x2180;

    private readonly List<byte> _bytes = [];
    private uint _entries;

    internal void AddFolder(string name) => Add(name, Folder, [], 0, 0);

    internal void AddFile(string name, ReadOnlySpan<byte> contents) => Add(name, Program, contents, 0, 0);

    internal void AddCharacterDevice(string name, uint major, uint minor) => Add(name, CharacterDevice, [], major, minor);

    /// <summary>The archive, with its last entry.</summary>
    internal byte[] Finish()
    {
        Add("TRAILER!!!", 0, [], 0, 0);
        return [.. _bytes];
    }

    private void Add(string name, uint mode, ReadOnlySpan<byte> contents, uint major, uint minor)
    {
        // Number, mode, owner, group, links, time, size, device of the archive, device, length of the name, checksum.
        uint[] fields = [++_entries, mode, 0, 0, 1, 0, (uint)contents.Length, 0, 0, major, minor, (uint)name.Length + 1, 0];
        _bytes.AddRange(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(static f => f.ToString("x8", System.Globalization.CultureInfo.InvariantCulture))) + name + "\0"));
        Pad();
        _bytes.AddRange(contents);
        Pad();
    }

    private void Pad()
    {
        while (_bytes.Count % 4 != 0)
            _bytes.Add(0);
    }
}
