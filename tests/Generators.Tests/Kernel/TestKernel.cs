using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>As much of the kernel as generated code names.</summary>
public sealed partial class LinuxKernel(nint arena, ulong length)
{
    [ThreadStatic]
    private static LinuxKernel? t_current;

    public static LinuxKernel Current
    {
        get => t_current ?? throw new InvalidOperationException("This thread runs in no Linux domain.");
        set => t_current = value;
    }

    public KernelMemory Memory { get; } = new(arena, length);

    public CallTrace Calls { get; } = new(KernelFunctions.All);

    public Exception? Cause { get; private set; }

    internal TestRoom Room { get; } = new();

    public void Fault(Exception exception) => Cause = exception;
}

/// <summary>A room with a function of every shape.</summary>
internal sealed class TestRoom
{
    public string Seen { get; private set; } = "";

    [KernelFunction]
    public nuint widths(byte small, short signed, uint word, bool flag, ConsoleColor color, long wide, ushort seventh)
    {
        Seen = $"{small} {signed} {word} {flag} {color} {wide} {seventh}";
        return nuint.MaxValue;
    }

    [KernelFunction]
    [KernelFunction("negate_alias")]
    public int negate(int value) => -value;

    [KernelFunction]
    public bool is_null(Command command) => command.IsNull;

    [KernelFunction]
    public uint command_result(Command command) => command.result;

    [KernelFunction]
    public Command same(Command command) => command;

    [KernelFunction]
    public unsafe byte* skip(byte* text) => text + 1;

    [KernelFunction]
    public void see(KernelString text) => Seen = text.ToString();

    [KernelFunction]
    public ulong fail(nint address) => throw new InvalidOperationException($"no {address}");

    [KernelFunction(Variadic = true)]
    public int _printk(KernelString format, VariadicArguments arguments)
    {
        Seen = $"{format}: {arguments.Next()} {arguments.Next()} {arguments.Next()} {arguments.Next()} {arguments.Next()} {arguments.Next()} {arguments.Next()}";
        return 7;
    }

    [KernelFunction]
    public nint vprintk(KernelString format, VariadicArguments list) => list.Next() * 100 + list.Next();
}

/// <summary>A view with a property of every shape.</summary>
[KernelStruct("command")]
internal readonly partial struct Command
{
    [Field] public partial uint result { get; set; }

    [Field("table.list")] public partial Entry list { get; set; }

    [Field] public partial KernelString name { get; }

    [Field] public partial bool ready { get; private set; }

    [Field("state")] public partial Progress Progress { get; set; }

    [Field] public unsafe partial byte* data { get; set; }

    [Embedded] public partial Entry first { get; }

    [FieldAddress] public partial nint bytes { get; }

    [BitField] public partial bool no_dma { get; set; }

    [BitField] public partial uint depth { get; set; }

    [Field] public partial uint lost { get; }

    [Field("ready")] public partial uint wide { get; }

    [Field("depth")] public partial uint bits { get; }

    [Field("result")] public partial KernelString number { get; }

    [Field("data")] public partial Entry other { get; }

    [Embedded("table")] public partial Entry table { get; }

    [BitField("result")] public partial uint no_bits { get; }

    public void MakeReady(bool value) => ready = value;
}

[KernelStruct("entry")]
internal readonly partial struct Entry
{
    [Field] public partial Entry next { get; set; }

    [Field] public partial long value { get; set; }
}

[KernelStruct("unknown")]
internal readonly partial struct Unknown;

internal enum Progress : ushort
{
    Idle,
    Running,
}
