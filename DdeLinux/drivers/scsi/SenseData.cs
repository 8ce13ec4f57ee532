using System.Buffers.Binary;

namespace DdeLinux;

/// <summary>Sense data in fixed and descriptor format (SPC-4, 4.5).</summary>
internal static class SenseData
{
    internal const byte KeyNone = 0;
    internal const byte KeyRecovered = 1;
    internal const byte KeyNotReady = 2;
    internal const byte KeyMedium = 3;
    internal const byte KeyHardware = 4;
    internal const byte KeyIllegalRequest = 5;
    internal const byte KeyUnitAttention = 6;
    internal const byte KeyDataProtect = 7;
    internal const byte KeyAborted = 0xb;

    private const byte FixedFormat = 0x70;
    private const byte DescriptorFormat = 0x72;
    private const int HeaderBytes = 8;
    private const byte InformationDescriptor = 0;
    private const byte KeySpecificDescriptor = 2;
    private const byte Valid = 0x80;

    /// <summary>Writes sense data without descriptors.</summary>
    internal static void Build(Span<byte> buffer, bool descriptor, SenseTriple sense)
    {
        buffer.Clear();
        if (descriptor)
        {
            buffer[0] = DescriptorFormat;
            buffer[1] = sense.Key;
            buffer[2] = sense.Code;
            buffer[3] = sense.Qualifier;
            return;
        }
        buffer[0] = FixedFormat;
        buffer[2] = sense.Key;
        // Additional length: fixed sense data ends with byte 17.
        buffer[7] = 0x0a;
        buffer[12] = sense.Code;
        buffer[13] = sense.Qualifier;
    }

    /// <summary>Whether there is sense data at all.</summary>
    internal static bool IsPresent(ReadOnlySpan<byte> buffer) => buffer.Length > 0 && (buffer[0] & 0x70) == 0x70;

    /// <summary>Response code 71h or 73h: the data is about an earlier command.</summary>
    internal static bool IsDeferred(ReadOnlySpan<byte> buffer) => (buffer[0] & 0x7f) is 0x71 or 0x73;

    /// <summary>Whether data is in descriptor format.</summary>
    internal static bool IsDescriptor(ReadOnlySpan<byte> buffer) => (buffer[0] & 0x7f) >= DescriptorFormat;

    /// <summary>Takes key, code and qualifier out; what the data is too short for is 0.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> buffer, out SenseTriple sense)
    {
        sense = default;
        if (!IsPresent(buffer))
            return false;
        if (IsDescriptor(buffer))
        {
            sense = new SenseTriple((byte)(At(buffer, 1) & 0xf), At(buffer, 2), At(buffer, 3));
            return true;
        }
        int length = buffer.Length > 7 ? Math.Min(buffer.Length, buffer[7] + HeaderBytes) : 0;
        sense = new SenseTriple((byte)(At(buffer, 2) & 0xf), length > 12 ? buffer[12] : (byte)0, length > 13 ? buffer[13] : (byte)0);
        return true;
    }

    /// <summary>Finds a descriptor; the result is its offset, or -1.</summary>
    internal static int FindDescriptor(ReadOnlySpan<byte> buffer, byte type)
    {
        if (buffer.Length < HeaderBytes || (buffer[0] & 0xfe) != DescriptorFormat)
            return -1;
        int end = Math.Min(buffer[7] + HeaderBytes, buffer.Length);
        int at = HeaderBytes;
        while (at < end)
        {
            if (buffer[at] == type)
                return at;
            if (at + 1 >= end)
                return -1;
            at += buffer[at + 1] + 2;
        }
        return -1;
    }

    /// <summary>Sets the information field: the block that the error is about. False when there is no room for it.</summary>
    internal static bool TrySetInformation(Span<byte> buffer, ulong information)
    {
        switch (buffer[0] & 0x7f)
        {
            case DescriptorFormat:
                int at = FindOrAppend(buffer, InformationDescriptor, 12);
                if (at < 0)
                    return false;
                buffer[at] = InformationDescriptor;
                buffer[at + 1] = 10;
                buffer[at + 2] = Valid;
                buffer[at + 3] = 0;
                BinaryPrimitives.WriteUInt64BigEndian(buffer[(at + 4)..], information);
                return true;
            case FixedFormat:
                // 32 bits are what the field has; VALID says whether they are the whole number.
                buffer[0] = (byte)(information <= uint.MaxValue ? FixedFormat | Valid : FixedFormat);
                BinaryPrimitives.WriteUInt32BigEndian(buffer[3..], unchecked((uint)information));
                return true;
            default:
                return true;
        }
    }

    /// <summary>Reads the information field: the block that the error is about. False when it is not valid.</summary>
    internal static bool TryReadInformation(ReadOnlySpan<byte> buffer, out ulong information)
    {
        information = 0;
        if (!IsPresent(buffer))
            return false;
        if (IsDescriptor(buffer))
        {
            int at = FindDescriptor(buffer, InformationDescriptor);
            if (at < 0 || at + 12 > buffer.Length || (buffer[at + 2] & Valid) == 0)
                return false;
            information = BinaryPrimitives.ReadUInt64BigEndian(buffer[(at + 4)..]);
            return true;
        }
        if (buffer.Length < HeaderBytes || (buffer[0] & Valid) == 0)
            return false;
        information = BinaryPrimitives.ReadUInt32BigEndian(buffer[3..]);
        return true;
    }

    /// <summary>Sets the field pointer: which byte, and which bit if below 8, of the command or its data is wrong.</summary>
    internal static bool TrySetFieldPointer(Span<byte> buffer, ushort field, byte bit, bool inCommand)
    {
        int at;
        switch (buffer[0] & 0x7f)
        {
            case DescriptorFormat:
                int descriptor = FindOrAppend(buffer, KeySpecificDescriptor, 8);
                if (descriptor < 0)
                    return false;
                buffer[descriptor] = KeySpecificDescriptor;
                buffer[descriptor + 1] = 6;
                at = descriptor + 4;
                break;
            case FixedFormat:
                buffer[7] = Math.Max(buffer[7], (byte)18);
                at = 15;
                break;
            default:
                return true;
        }
        buffer[at] = (byte)(Valid | (inCommand ? 0x40 : 0) | (bit < 8 ? 0x08 | bit : 0));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 1)..], field);
        return true;
    }

    private static int FindOrAppend(Span<byte> buffer, byte type, int bytes)
    {
        int found = FindDescriptor(buffer, type);
        if (found >= 0)
            return found + bytes <= buffer.Length ? found : -1;
        int at = HeaderBytes + buffer[7];
        if (at + bytes > buffer.Length)
            return -1;
        buffer[7] += (byte)bytes;
        return at;
    }

    private static byte At(ReadOnlySpan<byte> buffer, int index) => index < buffer.Length ? buffer[index] : (byte)0;
}
