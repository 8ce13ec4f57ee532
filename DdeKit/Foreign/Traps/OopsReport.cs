using System.Globalization;
using System.Text;

namespace DdeKit.Foreign;

/// <summary>Where and how foreign code died. Immutable; everything is read when it is made, so it outlives the domain.</summary>
/// <param name="Kind">What happened: <c>page fault (write)</c>, <c>BUG at drivers/ata/libata-core.c:4711</c>.</param>
/// <param name="Frame">Registers, signal and address.</param>
/// <param name="Place">The instruction by name: <c>ata_eh_reset+0x3eb [libata]</c>.</param>
/// <param name="Code">Bytes around the instruction, the one at which it starts in angle brackets.</param>
/// <param name="Backtrace">Words of the foreign stack that look like return addresses, by name, innermost first. Some may be left over
/// from calls that have returned.</param>
public sealed record OopsReport(string Kind, RegisterFrame Frame, string Place, string Code, IReadOnlyList<string> Backtrace)
{
    private const int CodeBefore = 24;
    private const int CodeAfter = 16;
    private const int FrameLimit = 32;
    private const int ScanLimit = 64 * 1024;

    /// <summary>The report as lines of text.</summary>
    public IReadOnlyList<string> ToLines()
    {
        var f = Frame;
        var lines = new List<string>
        {
            $"oops: {Kind}, address 0x{f.FaultAddress:x}, signal {f.Signal}, exception {f.ExceptionNumber}, error code 0x{f.ErrorCode:x}",
            $"  at {Place}",
            $"  rip {f.Rip:x16} rsp {f.Rsp:x16} rflags {f.Rflags:x8}",
            $"  rax {f.Rax:x16} rbx {f.Rbx:x16} rcx {f.Rcx:x16} rdx {f.Rdx:x16}",
            $"  rsi {f.Rsi:x16} rdi {f.Rdi:x16} rbp {f.Rbp:x16} r8  {f.R8:x16}",
            $"  r9  {f.R9:x16} r10 {f.R10:x16} r11 {f.R11:x16} r12 {f.R12:x16}",
            $"  r13 {f.R13:x16} r14 {f.R14:x16} r15 {f.R15:x16}",
            $"  code {Code}",
        };
        foreach (string place in Backtrace)
            lines.Add($"  called from {place}");
        return lines;
    }

    /// <summary>The report as one text.</summary>
    public override string ToString() => string.Join('\n', ToLines());

    /// <summary>Reads everything while the stack is still there.</summary>
    internal static OopsReport Take(string kind, ForeignCpu cpu, ForeignImage image, in RegisterFrame frame) =>
        new(kind, frame, image.Describe(unchecked((nint)frame.Rip)), CodeAround(frame.Rip), Scan(cpu, image, frame.Rsp));

    private static unsafe string CodeAround(ulong rip)
    {
        var text = new StringBuilder();
        ulong start = rip > CodeBefore ? rip - CodeBefore : 0;
        if (InstructionReader.ReadableBytes(start, CodeBefore) != CodeBefore)
            start = rip;
        int count = InstructionReader.ReadableBytes(start, (int)(rip - start) + CodeAfter);
        for (int index = 0; index < count; index++)
        {
            string value = ((byte*)start)[index].ToString("x2", CultureInfo.InvariantCulture);
            text.Append(start + (ulong)index == rip ? $"<{value}> " : $"{value} ");
        }
        return count == 0 ? "not readable" : text.ToString().TrimEnd();
    }

    private static unsafe List<string> Scan(ForeignCpu cpu, ForeignImage image, ulong rsp)
    {
        var places = new List<string>();
        if (rsp % sizeof(ulong) != 0)
            return places;
        // Entries link to the entry before them, which may be one of another host thread and elsewhere then.
        ulong end = rsp;
        ulong entry = (ulong)cpu.Variable<nint>(CpuSlots.UnwindStack);
        while (entry > end && entry - rsp <= ScanLimit && ForeignMemory.IsAccessible((nint)rsp, (nint)(entry - rsp) + sizeof(ulong), write: false))
        {
            end = entry;
            entry = *(ulong*)entry;
        }
        for (ulong address = rsp; address < end && places.Count < FrameLimit; address += sizeof(ulong))
        {
            ulong word = *(ulong*)address;
            if (image.FindCode(word) is { } module && FollowsCall(module, word))
                places.Add(image.Describe(unchecked((nint)word)));
        }
        return places;
    }

    // CALL rel32 is E8 with four bytes after it; CALL r/m64 is FF /2 with an operand of 1, 2, 3, 5 or 6 bytes. Intel SDM volume 2, CALL.
    private static unsafe bool FollowsCall(LoadedModule module, ulong address)
    {
        if (!module.Text.Contains(address - 7, 7))
            return false;
        byte* after = (byte*)address;
        return after[-5] == 0xe8 || IsIndirect(after, 2) || IsIndirect(after, 3) || IsIndirect(after, 4) || IsIndirect(after, 6) || IsIndirect(after, 7);
    }

    private static unsafe bool IsIndirect(byte* after, int length) => after[-length] == 0xff && (after[1 - length] & 0x38) == 0x10;
}

/// <summary>Foreign code died of a trap. The cause of <see cref="ForeignAbortException"/>.</summary>
public sealed class OopsException : Exception
{
    internal OopsException(OopsReport report)
        : base($"{report.Kind} at {report.Place}") => Report = report;

    /// <summary>The details.</summary>
    public OopsReport Report { get; }
}
