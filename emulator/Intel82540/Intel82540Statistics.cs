namespace Emulator;

/// <summary>Statistics of frames: section 13.7. Sizes count the check sequence.</summary>
internal static class Intel82540Statistics
{
    /// <summary>Counts a good frame that was sent.</summary>
    public static void CountTransmitted(Intel82540Registers registers, ReadOnlySpan<byte> frame)
    {
        int bytes = frame.Length + EthernetFrame.CheckSequenceBytes;
        registers.IncrementStatisticsGoodTransmittedCount();
        registers.IncrementStatisticsTotalTransmittedCount();
        ulong good = Sum(registers.StatisticsGoodOctetsTransmittedHighCount, registers.StatisticsGoodOctetsTransmittedLowCount, bytes);
        registers.StatisticsGoodOctetsTransmittedLowCount = (uint)(good & uint.MaxValue);
        registers.StatisticsGoodOctetsTransmittedHighCount = (uint)(good >> 32);
        ulong total = Sum(registers.StatisticsTotalOctetsTransmittedHighCount, registers.StatisticsTotalOctetsTransmittedLowCount, bytes);
        registers.StatisticsTotalOctetsTransmittedLowCount = (uint)(total & uint.MaxValue);
        registers.StatisticsTotalOctetsTransmittedHighCount = (uint)(total >> 32);
        if (IsGroup(frame))
        {
            if (IsBroadcast(frame))
                registers.IncrementStatisticsBroadcastTransmittedCount();
            else
                registers.IncrementStatisticsMulticastTransmittedCount();
        }

        switch (bytes)
        {
            case <= 64:
                registers.IncrementStatisticsTransmitted64Count();
                break;
            case <= 127:
                registers.IncrementStatisticsTransmitted127Count();
                break;
            case <= 255:
                registers.IncrementStatisticsTransmitted255Count();
                break;
            case <= 511:
                registers.IncrementStatisticsTransmitted511Count();
                break;
            case <= 1023:
                registers.IncrementStatisticsTransmitted1023Count();
                break;
            default:
                registers.IncrementStatisticsTransmitted1522Count();
                break;
        }
    }

    /// <summary>Counts a good frame that was received.</summary>
    public static void CountReceived(Intel82540Registers registers, ReadOnlySpan<byte> frame)
    {
        int bytes = frame.Length + EthernetFrame.CheckSequenceBytes;
        registers.IncrementStatisticsGoodReceivedCount();
        ulong good = Sum(registers.StatisticsGoodOctetsReceivedHighCount, registers.StatisticsGoodOctetsReceivedLowCount, bytes);
        registers.StatisticsGoodOctetsReceivedLowCount = (uint)(good & uint.MaxValue);
        registers.StatisticsGoodOctetsReceivedHighCount = (uint)(good >> 32);
        if (IsGroup(frame))
        {
            if (IsBroadcast(frame))
                registers.IncrementStatisticsBroadcastReceivedCount();
            else
                registers.IncrementStatisticsMulticastReceivedCount();
        }

        switch (bytes)
        {
            case <= 64:
                registers.IncrementStatisticsReceived64Count();
                break;
            case <= 127:
                registers.IncrementStatisticsReceived127Count();
                break;
            case <= 255:
                registers.IncrementStatisticsReceived255Count();
                break;
            case <= 511:
                registers.IncrementStatisticsReceived511Count();
                break;
            case <= 1023:
                registers.IncrementStatisticsReceived1023Count();
                break;
            default:
                registers.IncrementStatisticsReceived1522Count();
                break;
        }
    }

    /// <summary>Counts a frame that reached the card, good or not: total octets.</summary>
    public static void CountArrived(Intel82540Registers registers, int length)
    {
        registers.IncrementStatisticsTotalReceivedCount();
        ulong total = Sum(registers.StatisticsTotalOctetsReceivedHighCount, registers.StatisticsTotalOctetsReceivedLowCount, length + EthernetFrame.CheckSequenceBytes);
        registers.StatisticsTotalOctetsReceivedLowCount = (uint)(total & uint.MaxValue);
        registers.StatisticsTotalOctetsReceivedHighCount = (uint)(total >> 32);
    }

    private static ulong Sum(uint high, uint low, int bytes) => unchecked(((ulong)high << 32 | low) + (ulong)bytes);

    private static bool IsGroup(ReadOnlySpan<byte> frame) => (frame[0] & 1) != 0;

    private static bool IsBroadcast(ReadOnlySpan<byte> frame) => !frame[..6].ContainsAnyExcept(byte.MaxValue);
}
