using System.Buffers.Binary;
using System.Text;

namespace DdeLinux;

/// <summary>Asks a unit of peripheral device type 0 what disk it is (SBC-3, SPC-4, SAT-3).</summary>
internal static class DiskProbe
{
    private const int BufferBytes = 1024;
    private const byte SerialPage = 0x80;
    private const byte AtaInformationPage = 0x89;
    private const byte CachingPage = 0x08;

    /// <summary>IDENTIFY DEVICE data in the ATA Information page (SAT-3, 12.4.2).</summary>
    private const int IdentifyOffset = 60;
    private const int AtaInformationBytes = IdentifyOffset + 512;

    /// <summary>How often a unit that has a unit attention to tell is asked again.</summary>
    private const int Attempts = 3;

    /// <summary>Identifies a disk and makes it known; a unit that cannot be used is reported. Sleeps.</summary>
    internal static void Attach(LinuxKernel kernel, ScsiUnit unit)
    {
        // The questions sleep, and meanwhile the unit may have gone.
        if (Identify(kernel, unit) is not { } identity || unit.Device.sdev_state != ScsiDeviceState.Running)
            return;
        unit.Disk = new LinuxDisk(kernel, unit, identity);
        kernel.AddDisk(unit.Disk);
    }

    /// <summary>Identifies a disk; null, after a report, when it cannot be used. Sleeps.</summary>
    internal static DiskIdentity? Identify(LinuxKernel kernel, ScsiUnit unit)
    {
        nint buffer = kernel.AllocateOrPanic(BufferBytes, "a disk's answers");
        try
        {
            return new Questions(kernel, unit, buffer).Identify();
        }
        finally
        {
            kernel.Slab.kfree(buffer);
        }
    }

    private sealed class Questions(LinuxKernel kernel, ScsiUnit unit, nint buffer)
    {
        private string Name => kernel.DriverCore.NameOf(unit.Device.sdev_gendev);

        internal DiskIdentity? Identify()
        {
            if (!TryReadCapacity(out ulong sectors, out uint sectorSize))
                return null;
            if (sectors == 0 || sectorSize is < 512 or > 4096 || !uint.IsPow2(sectorSize))
            {
                kernel.Log.Write(LogLevel.Error, $"disk {Name}: {sectors} sectors of {sectorSize} bytes cannot be used");
                return null;
            }
            ReadModes(out bool isProtected, out bool hasWriteCache);
            var (model, serial, firmware) = ReadNames();
            return new DiskIdentity(model, serial, firmware, sectorSize, sectors, !isProtected, hasWriteCache);
        }

        private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes).Trim(' ', '\0');

        /// <summary>Text in IDENTIFY data: two characters a word, the first in the upper byte (ACS-3, 3.3.10).</summary>
        private static string IdentifyText(ReadOnlySpan<byte> identify, int word, int words)
        {
            Span<byte> text = stackalloc byte[words * 2];
            for (int index = 0; index < text.Length; index++)
                text[index] = identify[word * 2 + (index ^ 1)];
            return Text(text);
        }

        private bool TryReadCapacity(out ulong sectors, out uint sectorSize)
        {
            sectors = 0;
            sectorSize = 0;
            var answer = Ask([ScsiOpcode.ReadCapacity10, 0, 0, 0, 0, 0, 0, 0, 0, 0], 8, out var outcome);
            if (!outcome.IsGood)
                return Refused("READ CAPACITY (10)", outcome);
            uint last = BinaryPrimitives.ReadUInt32BigEndian(answer);
            sectors = last + 1UL;
            sectorSize = BinaryPrimitives.ReadUInt32BigEndian(answer[4..]);
            // All ones: more sectors than this command can say.
            if (last != uint.MaxValue)
                return true;
            answer = Ask([ScsiOpcode.ServiceActionIn16, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], 32, out outcome);
            if (!outcome.IsGood)
                return Refused("READ CAPACITY (16)", outcome);
            ulong largest = BinaryPrimitives.ReadUInt64BigEndian(answer);
            sectors = largest == ulong.MaxValue ? 0 : largest + 1;
            sectorSize = BinaryPrimitives.ReadUInt32BigEndian(answer[8..]);
            return true;
        }

        private void ReadModes(out bool isProtected, out bool hasWriteCache)
        {
            // Header of 4 bytes, no block descriptors (DBD), and the page of 20 (SPC-4, 7.5; SBC-3, 6.5.5).
            var answer = Ask([ScsiOpcode.ModeSense6, 0x08, CachingPage, 0, 24, 0], 24, out var outcome);
            isProtected = false;
            hasWriteCache = false;
            if (!outcome.IsGood)
            {
                kernel.Log.Write(LogLevel.Warning, $"disk {Name}: MODE SENSE failed (result 0x{outcome.Result:x}, sense {outcome.Triple}); assuming no write cache");
                return;
            }
            isProtected = (answer[2] & 0x80) != 0;
            int page = 4 + answer[3];
            if (page + 3 <= answer.Length && (answer[page] & 0x3f) == CachingPage)
                hasWriteCache = (answer[page + 2] & 0x04) != 0;
        }

        private (string Model, string Serial, string Firmware) ReadNames()
        {
            var page = AskPage(AtaInformationPage, AtaInformationBytes);
            if (page.Length == AtaInformationBytes)
            {
                var identify = page[IdentifyOffset..];
                return (IdentifyText(identify, 27, 20), IdentifyText(identify, 10, 10), IdentifyText(identify, 23, 4));
            }
            var inquiry = kernel.Memory.Span<byte>(unit.Device.inquiry, 36);
            string model = Text(inquiry[16..32]);
            string firmware = Text(inquiry[32..36]);
            page = AskPage(SerialPage, 4 + 252);
            string serial = page.Length < 4 ? "" : Text(page[4..Math.Min(page.Length, 4 + page[3])]);
            return (model, serial, firmware);
        }

        /// <summary>A vital product data page; empty when the unit has no such page.</summary>
        private ReadOnlySpan<byte> AskPage(byte number, int length)
        {
            var answer = Ask([ScsiOpcode.Inquiry, 1, number, (byte)(length >> 8), (byte)(length & 0xff), 0], length, out var outcome);
            return outcome.IsGood && answer[1] == number ? answer : [];
        }

        private ReadOnlySpan<byte> Ask(scoped ReadOnlySpan<byte> block, int length, out ScsiOutcome outcome)
        {
            var answer = kernel.Memory.Span<byte>(buffer, length);
            int attempt = 0;
            do
            {
                answer.Clear();
                outcome = ScsiExecution.Run(kernel, unit, block, DataDirection.FromDevice, buffer, (uint)length);
            }
            while (!outcome.IsGood && outcome.Triple.Key == SenseData.KeyUnitAttention && ++attempt < Attempts);
            return answer;
        }

        private bool Refused(string command, ScsiOutcome outcome)
        {
            kernel.Log.Write(LogLevel.Error, $"disk {Name}: {command} failed (result 0x{outcome.Result:x}, sense {outcome.Triple})");
            return false;
        }
    }
}
