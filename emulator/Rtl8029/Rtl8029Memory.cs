using System.Net.NetworkInformation;
using L4;

namespace Emulator;

/// <summary>What remote DMA reaches: the station's address PROM and the packet memory, in an address space of 64 KiB.</summary>
internal sealed class Rtl8029Memory
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 256;

    /// <summary>Size of the address space.</summary>
    public const int AddressSpace = 0x1_0000;

    private const int PromSize = 32;
    private const int PromSignature = 14;
    private const byte Signature = 0x57;
    private static readonly Extent s_prom = new(0, PromSize);
    private static readonly Extent s_packets = new(0x4000, 0x4000);

    private readonly Rtl8029 _card;

    /// <summary>All of the address space, so that an address is an index; what is not there keeps reading as ones.</summary>
    private readonly byte[] _bytes = new byte[AddressSpace];

    /// <param name="card">Who reports.</param>
    /// <param name="address">What is in the PROM.</param>
    public Rtl8029Memory(Rtl8029 card, PhysicalAddress address)
    {
        _card = card;
        Array.Fill(_bytes, byte.MaxValue);
        Packets.Clear();
        Span<byte> prom = stackalloc byte[PromSize / 2];
        prom.Clear();
        address.GetAddressBytes().CopyTo(prom);
        // Two bytes that say that the slot has 16 bits; drivers of NE2000 look for them.
        prom[PromSignature..].Fill(Signature);
        // A PROM of bytes on a bus of words: each byte is at two addresses.
        for (int i = 0; i < PromSize; i++)
            _bytes[i] = prom[i / 2];
    }

    private Span<byte> Packets => _bytes.AsSpan((int)s_packets.First, (int)s_packets.Count);

    /// <summary>Whether a range is packet memory.</summary>
    public static bool IsPacketMemory(int address, int length) => length >= 0 && s_packets.Contains((ulong)address, (ulong)length);

    /// <summary>Packet memory, in place.</summary>
    public Span<byte> At(int address, int length) => _bytes.AsSpan(address, length);

    /// <summary>Remote DMA reads.</summary>
    public void Read(int address, Span<byte> destination)
    {
        if (!IsPacketMemory(address, destination.Length) && !s_prom.Contains((ulong)address, (ulong)destination.Length))
            _card.Report("bad-address", $"remote read of {destination.Length} bytes at 0x{address:x4}: there is no memory");
        At(address, destination.Length).CopyTo(destination);
    }

    /// <summary>Remote DMA writes.</summary>
    public void Write(int address, ReadOnlySpan<byte> source)
    {
        if (IsPacketMemory(address, source.Length))
        {
            source.CopyTo(At(address, source.Length));
            return;
        }

        _card.Report("bad-address", $"remote write of {source.Length} bytes at 0x{address:x4}: there is no memory that could be written");
    }
}
