namespace L4.Sandbox.Tests;

/// <summary>Runs a filter program as the kernel does, for the four operations that there are.</summary>
internal static class FilterMachine
{
    internal static uint Judge(BpfInstruction[] program, uint architecture, uint call, params ulong[] arguments)
    {
        uint[] data = new uint[16];
        data[SystemCallFilter.NumberOffset / sizeof(uint)] = call;
        data[SystemCallFilter.ArchitectureOffset / sizeof(uint)] = architecture;
        for (int index = 0; index < arguments.Length; index++)
        {
            data[SystemCallFilter.ArgumentsOffset / sizeof(uint) + 2 * index] = (uint)(arguments[index] & uint.MaxValue);
            data[SystemCallFilter.ArgumentsOffset / sizeof(uint) + 2 * index + 1] = (uint)(arguments[index] >> 32);
        }
        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            var (code, jumpTrue, jumpFalse, operand) = program[at];
            switch (code)
            {
                case BpfAssembler.LoadWord:
                    accumulator = data[operand / sizeof(uint)];
                    break;
                case BpfAssembler.And:
                    accumulator &= operand;
                    break;
                case BpfAssembler.JumpEqual:
                    at += accumulator == operand ? jumpTrue : jumpFalse;
                    break;
                case BpfAssembler.Return:
                    return operand;
                default:
                    throw new InvalidOperationException($"operation 0x{code:x} at {at}");
            }
        }
    }
}
