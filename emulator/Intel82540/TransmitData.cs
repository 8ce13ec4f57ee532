using L4Io;

namespace Emulator;

/// <summary>Reads the bytes that a run of transmit descriptors describes. Each step consumes bytes or a descriptor, so it ends whatever the
/// descriptors say.</summary>
/// <param name="Index">The descriptor to read from.</param>
/// <param name="Count">Descriptors left, from <paramref name="Index"/> on.</param>
/// <param name="Offset">Bytes of the descriptor that were read.</param>
internal record struct TransmitData(int Index, int Count, int Offset)
{
    /// <summary>Fills <paramref name="destination"/>; false when the descriptors have too few bytes or the device may not read them.</summary>
    public bool Read(ReadOnlySpan<TransmitDescriptor> ring, IDmaMemory memory, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (Count == 0)
                return false;
            TransmitDescriptor descriptor = ring[Index];
            int bytes = Math.Min(descriptor.Length - Offset, destination.Length);
            if (bytes > 0)
            {
                if (!memory.TryAccess(unchecked(descriptor.Address + (uint)Offset), bytes, DmaAccess.Read, out Span<byte> source))
                    return false;
                source.CopyTo(destination);
                destination = destination[bytes..];
                Offset += bytes;
            }

            if (Offset < descriptor.Length)
                continue;
            Offset = 0;
            Count--;
            Index = Index + 1 == ring.Length ? 0 : Index + 1;
        }

        return true;
    }
}
