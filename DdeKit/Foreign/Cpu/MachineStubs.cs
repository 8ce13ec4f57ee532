namespace DdeKit.Foreign;

/// <summary>Imports whose whole meaning is a few machine instructions.</summary>
public static class MachineStubs
{
    // Encodings by register number: Intel SDM volume 2, JMP r/m64 (FF /4), with REX.B for r8 to r15.
    private static readonly string[] s_registers =
        ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    private static readonly Dictionary<string, byte[]> s_code = Build();

    /// <summary>The names that have such code.</summary>
    public static IReadOnlyCollection<string> Names => s_code.Keys;

    /// <summary>
    /// The code for a name: <c>__fentry__</c> (the tracer's hook at each function's start) and <c>__x86_return_thunk</c> return;
    /// <c>__x86_indirect_thunk_REG</c> jumps to where REG points. Nothing is guarded against speculation: domain and shim trust each other.
    /// </summary>
    public static bool TryGetCode(string name, out ReadOnlyMemory<byte> code)
    {
        bool found = s_code.TryGetValue(name, out byte[]? bytes);
        code = bytes;
        return found;
    }

    private static Dictionary<string, byte[]> Build()
    {
        var code = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["__fentry__"] = [0xc3],
            ["__x86_return_thunk"] = [0xc3],
        };
        for (int register = 0; register < s_registers.Length; register++)
        {
            code[$"__x86_indirect_thunk_{s_registers[register]}"] =
                register < 8 ? [0xff, (byte)(0xe0 + register)] : [0x41, 0xff, (byte)(0xe0 + register - 8)];
        }
        return code;
    }
}
