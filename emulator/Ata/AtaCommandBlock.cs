using L4;

namespace Emulator;

/// <summary>
/// The ports of a cable's command block: the registers themselves are the devices'. All but Data are bytes; Data moves words, one or
/// many at once.
/// </summary>
internal sealed class AtaCommandBlock(string name, AtaChannel channel, EventLog events) : PortRange(name, PortCount)
{
    private const int PortCount = 8;

    /// <inheritdoc />
    public override uint Read(int offset, int width)
    {
        if (offset != AtaDisk.DataOffset && width == 1)
            return channel.ReadRegister(offset);
        if (offset != AtaDisk.DataOffset)
            return ReportWidth("read", offset, width);
        Span<byte> data = stackalloc byte[4];
        ReadBlock(offset, width, data[..width]);
        return LittleEndian.Load(data, width);
    }

    /// <inheritdoc />
    public override void Write(int offset, int width, uint value)
    {
        if (offset == AtaDisk.DataOffset)
        {
            Span<byte> data = stackalloc byte[4];
            LittleEndian.Store(data, width, value);
            WriteBlock(offset, width, data[..width]);
        }
        else if (width == 1)
        {
            channel.WriteRegister(offset, unchecked((byte)value));
        }
        else
        {
            ReportWidth("write", offset, width);
        }
    }

    /// <inheritdoc />
    public override void ReadBlock(int offset, int width, Span<byte> destination)
    {
        if (offset != AtaDisk.DataOffset)
        {
            base.ReadBlock(offset, width, destination);
        }
        else if (DataDevice("read", width) is { } device)
        {
            device.ReadData(destination);
            channel.UpdateInterrupt();
        }
        else
        {
            destination.Fill(0xff);
        }
    }

    /// <inheritdoc />
    public override void WriteBlock(int offset, int width, ReadOnlySpan<byte> source)
    {
        if (offset != AtaDisk.DataOffset)
        {
            base.WriteBlock(offset, width, source);
        }
        else if (DataDevice("write", width) is { } device)
        {
            device.WriteData(source);
            channel.UpdateInterrupt();
        }
    }

    private uint ReportWidth(string access, int offset, int width)
    {
        Report("bad-width", $"{width}-byte {access} of register {offset}, which is 1 byte wide");
        return LittleEndian.AllOnes(width);
    }

    /// <summary>Who moves data. A byte access would take half a word away (clause 7, Data register: 16 bits unless an 8-bit transfer
    /// was negotiated).</summary>
    private AtaDisk? DataDevice(string access, int width)
    {
        if (width != 1 && channel.Selected is { } selected)
            return selected;
        Report("bad-data-access", $"{width}-byte {access} of the Data register, {(width == 1 ? "which is 2 bytes wide" : "no device selected")}");
        return null;
    }

    private void Report(string kind, string text) => events.Report(Name, kind, text);
}
