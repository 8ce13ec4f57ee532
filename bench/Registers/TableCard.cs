using System.Runtime.CompilerServices;

namespace Bench;

/// <summary>The card as a dictionary of registers with masks and handlers: what frameworks do that build register files at run time.</summary>
internal sealed class TableCard
{
    private readonly Dictionary<int, Entry> _registers = [];

    public TableCard()
    {
        Add(0x00, 0x13, onWrite: Count);
        Add(0x04, 0, readOnly: 0xd, value: 9);
        Add(0x08, 0, clears: 0xffff);
        Add(0x0c, 0xffff);
        Add(0x20, ~0xfu);
        Add(0x24, ~0u);
        Add(0x28, 0xf_ff80);
        Add(0x2c, 0xffff);
        Add(0x30, 0xffff, onWrite: Count);
        for (int offset = 0x40; offset < 0x80; offset += 4)
            Add(offset, ~0u);
        for (int offset = 0x80; offset < 0xa0; offset += 4)
            Add(offset, 0, readOnly: ~0u, isClearedByRead: true);
    }

    public int Effects { get; private set; }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint Read(int offset, int width)
    {
        if (width != 4 || !_registers.TryGetValue(offset, out var register))
        {
            Count();
            return 0;
        }
        uint value = register.Value;
        if (register.IsClearedByRead)
            register.Value = 0;
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Write(int offset, int width, uint value)
    {
        if (width != 4 || !_registers.TryGetValue(offset, out var register))
        {
            Count();
            return;
        }
        if ((value & register.Reserved) != 0)
            Count();
        register.Value = (register.Value & ~(register.Stores | value & register.Clears)) | value & register.Stores;
        register.OnWrite?.Invoke();
    }

    private void Add(int offset, uint stores, uint clears = 0, uint readOnly = 0, uint value = 0, bool isClearedByRead = false, Action? onWrite = null) =>
        _registers.Add(offset, new Entry(stores, clears, ~(stores | clears | readOnly), isClearedByRead, onWrite) { Value = value });

    private void Count() => Effects = unchecked(Effects + 1);

    private sealed class Entry(uint stores, uint clears, uint reserved, bool isClearedByRead, Action? onWrite)
    {
        public uint Value { get; set; }

        public uint Stores => stores;

        public uint Clears => clears;

        public uint Reserved => reserved;

        public bool IsClearedByRead => isClearedByRead;

        public Action? OnWrite => onWrite;
    }
}
