using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace DdeKit.Foreign;

/// <summary>
/// The latest calls of shim functions with their first four arguments, for the report when a driver dies. Written on every call by the
/// holder of the baton; a reader that does not hold it may see one call half written.
/// </summary>
/// <param name="functions">All functions of the shim, by index.</param>
public sealed class CallTrace(ImmutableArray<KernelFunctionEntry> functions)
{
    /// <summary>How many calls are kept.</summary>
    public const int Length = 32;

    private struct Call
    {
        // Index + 1, so that an untouched entry is told from function 0.
        internal int Number;
        internal nint A0;
        internal nint A1;
        internal nint A2;
        internal nint A3;
    }

    private readonly Call[] _calls = new Call[Length];
    private uint _next;

    /// <summary>Notes a call.</summary>
    /// <param name="index">The function's index in <c>KernelFunctions.All</c>.</param>
    /// <param name="a0">First argument as it arrived, or 0; the others likewise.</param>
    /// <param name="a1">Second argument.</param>
    /// <param name="a2">Third argument.</param>
    /// <param name="a3">Fourth argument.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(int index, nint a0, nint a1, nint a2, nint a3)
    {
        ref var call = ref _calls[unchecked(_next++) % Length];
        call.Number = unchecked(index + 1);
        call.A0 = a0;
        call.A1 = a1;
        call.A2 = a2;
        call.A3 = a3;
    }

    /// <summary>The calls as text, newest first: <c>__kmalloc(0x40, 0xcc0)</c>.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<string> Recent(int count = Length)
    {
        var lines = new List<string>();
        for (uint back = 1; back <= Math.Min(count, Length); back++)
        {
            var call = _calls[unchecked(_next - back) % Length];
            if (call.Number == 0)
                break;
            var function = functions[call.Number - 1];
            nint[] arguments = [call.A0, call.A1, call.A2, call.A3];
            int known = function.IsVariadic ? arguments.Length : Math.Min(function.Parameters.Length, arguments.Length);
            string more = function.IsVariadic || function.Parameters.Length > known ? ", ..." : "";
            lines.Add($"{function.Name}({string.Join(", ", arguments.Take(known).Select(Hexadecimal))}{more})");
        }
        return lines;
    }

    private static string Hexadecimal(nint value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
