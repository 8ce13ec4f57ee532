using System.Buffers.Binary;
using System.Text;

namespace Bench;

/// <summary>
/// Writes the guest's first process: a static x86-64 program that is a list of system calls, one after the other, with constants for
/// arguments. Descriptors are predictable: 0 to 2 are the console, a file that is opened is 3.
/// </summary>
internal sealed class InitProgram
{
    /// <summary>What it prints when it has read the sector.</summary>
    internal const string Done = "first sector read";

    private const ulong Base = 0x40_0000;
    private const int HeaderBytes = 64 + 56;
    private const int SectorBytes = 512;
    private const uint File = 3;

    // System calls of x86-64.
    private const uint Read = 0;
    private const uint Write = 1;
    private const uint Open = 2;
    private const uint Close = 3;
    private const uint NanoSleep = 35;
    private const uint Mount = 165;
    private const uint Reboot = 169;
    private const uint FinitModule = 313;

    // reboot(2).
    private const long FirstMagic = 0xfee1_dead;
    private const long SecondMagic = 672_274_793;
    private const long PowerOff = 0x4321_fedc;

    private readonly List<byte> _code = [];
    private readonly List<byte> _data = [];
    private readonly List<(int At, int Data)> _addresses = [];

    private InitProgram()
    {
    }

    /// <summary>A program that loads modules, waits for a disk, reads its first sector, says so, and switches the machine off.</summary>
    internal static byte[] Create(IEnumerable<string> modules, string disk)
    {
        var program = new InitProgram();
        program.Call(Mount, program.Text("devtmpfs"), program.Text("/dev"), program.Text("devtmpfs"), 0L, 0L);
        foreach (string module in modules)
        {
            program.Call(Open, program.Text(module), 0L);
            program.Call(FinitModule, (long)File, program.Text(""), 0L);
            program.Call(Close, (long)File);
        }
        int retry = program._code.Count;
        program.Call(Open, program.Text(disk), 0L);
        // test rax, rax; jns over the next two
        program._code.AddRange([0x48, 0x85, 0xc0, 0x0f, 0x89, 0, 0, 0, 0]);
        int branch = program._code.Count;
        program.Call(NanoSleep, program.Bytes([.. new byte[8], .. BitConverter.GetBytes(500_000L)]), 0L);
        program.Jump(retry);
        program.Patch(branch, program._code.Count);
        program.Call(Read, (long)File, program.Bytes(new byte[SectorBytes]), (long)SectorBytes);
        // cmp rax, 512; jne to the power switch
        program._code.AddRange([0x48, 0x3d, 0, 2, 0, 0, 0x0f, 0x85, 0, 0, 0, 0]);
        branch = program._code.Count;
        program.Call(Write, 1L, program.Text(Done + "\n"), (long)Done.Length + 1);
        // Long enough for a look at its memory; whoever was to look may be gone.
        program.Call(NanoSleep, program.Bytes([.. BitConverter.GetBytes(5L), .. new byte[8]]), 0L);
        program.Patch(branch, program._code.Count);
        program.Call(Reboot, FirstMagic, SecondMagic, PowerOff);
        return program.Link();
    }

    /// <summary>mov eax, number; mov each argument's register, constant; syscall.</summary>
    private void Call(uint number, params object[] arguments)
    {
        ReadOnlySpan<byte> prefixes = [0x48, 0x48, 0x48, 0x49, 0x49], operations = [0xbf, 0xbe, 0xba, 0xba, 0xb8];
        _code.Add(0xb8);
        _code.AddRange(BitConverter.GetBytes(number));
        for (int index = 0; index < arguments.Length; index++)
        {
            _code.AddRange([prefixes[index], operations[index]]);
            if (arguments[index] is DataPlace place)
                _addresses.Add((_code.Count, place.Offset));
            _code.AddRange(BitConverter.GetBytes(arguments[index] as long? ?? 0));
        }
        _code.AddRange([0x0f, 0x05]);
    }

    private void Jump(int target)
    {
        _code.AddRange([0xe9, 0, 0, 0, 0]);
        Patch(_code.Count, target);
    }

    /// <summary>Fills the distance of the jump that ends at <paramref name="behind"/>.</summary>
    private void Patch(int behind, int target)
    {
        byte[] distance = BitConverter.GetBytes(target - behind);
        for (int index = 0; index < distance.Length; index++)
            _code[behind - distance.Length + index] = distance[index];
    }

    private DataPlace Text(string text) => Bytes([.. Encoding.ASCII.GetBytes(text), 0]);

    private DataPlace Bytes(byte[] bytes)
    {
        int offset = _data.Count;
        _data.AddRange(bytes);
        return new DataPlace(offset);
    }

    private readonly record struct DataPlace(int Offset);

    /// <summary>An ELF file with one segment that holds everything: headers, code, data.</summary>
    private byte[] Link()
    {
        byte[] file = new byte[HeaderBytes + _code.Count + _data.Count];
        foreach (var (at, data) in _addresses)
        {
            byte[] address = BitConverter.GetBytes(Base + (ulong)(HeaderBytes + _code.Count + data));
            for (int index = 0; index < address.Length; index++)
                _code[at + index] = address[index];
        }
        _code.CopyTo(file, HeaderBytes);
        _data.CopyTo(file, HeaderBytes + _code.Count);
        var header = file.AsSpan();
        // ELF-64 object file format: identification, EXEC, x86-64, entry, program headers at 64, one of 56 bytes.
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Base + HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], 1);
        var segment = header[64..];
        // PT_LOAD; readable, writable, executable; offset, address, sizes, alignment.
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 7);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 4096);
        return file;
    }
}
