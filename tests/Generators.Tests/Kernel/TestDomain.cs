using System.Runtime.InteropServices;
using System.Text;
using DdeKit.Btf.Tests;
using DdeKit.Foreign.Btf;
using DdeLinux;

namespace Generators.Tests.Kernel;

/// <summary>A domain with a page of memory, current on the thread of the test, and the types of a made-up kernel.</summary>
internal sealed unsafe class TestDomain : IDisposable
{
    public const string Release = "9.9-test";
    public const int ArenaSize = 4096;

    static TestDomain() => KernelTypes.Current = Types;

    public TestDomain()
    {
        Arena = (nint)NativeMemory.AllocZeroed(ArenaSize);
        Kernel = new LinuxKernel(Arena, ArenaSize);
        LinuxKernel.Current = Kernel;
    }

    public static KernelTypes Types { get; } = new(Release, new BtfTypeSet(BtfTypes.Parse(Blob(), "vmlinux")));

    public nint Arena { get; }

    public LinuxKernel Kernel { get; }

    public Span<byte> Bytes => new((void*)Arena, ArenaSize);

    /// <summary>Puts a C string into the arena.</summary>
    public nint Text(int offset, string text)
    {
        Encoding.UTF8.GetBytes(text + "\0", Bytes[offset..]);
        return Arena + offset;
    }

    public void Dispose() => NativeMemory.Free((void*)Arena);

    private static byte[] Blob()
    {
        var types = new BtfBuilder();
        int u8 = types.Integer("unsigned char", 1);
        int u16 = types.Integer("short unsigned int", 2);
        int u32 = types.Integer("unsigned int", 4);
        int s32 = types.Integer("int", 4, signed: true);
        int s64 = types.Integer("long int", 8, signed: true);
        int boolean = types.Integer("_Bool", 1, isBool: true);
        int bytePointer = types.Pointer(u8);
        int entryPointer = types.NextId;
        // The pointer's target is the struct that follows it, and has a member of the pointer's type.
        types.Pointer(entryPointer + 1);
        int entry = types.Struct("entry", 16, ("next", entryPointer, 0), ("value", s64, 64));
        int table = types.Struct("table", 16, ("list", entryPointer, 0), ("count", u32, 64));
        int eight = types.Array(u8, 8);
        int command = types.BitFieldStruct(
            "command", 80,
            ("result", u32, 0, 0), ("table", table, 64, 0), ("name", bytePointer, 192, 0), ("ready", boolean, 256, 0), ("state", u16, 272, 0),
            ("no_dma", u32, 320, 1), ("depth", u32, 325, 12), ("data", bytePointer, 384, 0), ("first", entry, 448, 0), ("bytes", eight, 576, 0));
        int commandPointer = types.Pointer(command);
        types.Enum("state", false, ("STATE_IDLE", 0), ("STATE_RUNNING", 7));
        types.Function("negate", s32, ("value", s32));
        types.Function("command_result", u32, ("command", commandPointer));
        types.Function("is_null", boolean, ("entry", entryPointer));
        types.Function("see", 0, ("text", s64));
        types.Function("same", commandPointer);
        types.Function("_printk", s32, ("fmt", bytePointer), ("", 0));
        types.Function("fail", u32, ("address", s64));
        return types.Build();
    }
}
