using System.Globalization;
using DdeKit.Foreign;
using L4;

namespace DdeKit;

/// <summary>
/// Spoils a domain on purpose, to see that nobody else is harmed: its driver's code, its data and its allocations. Everything follows from numbers, so that it can be done again. Belongs to the holder of the baton.
/// </summary>
public sealed unsafe class FaultInjection
{
    private const int Candidates = 192;
    private const int MostPasses = 8;
    private const int Attempts = 1000;

    private readonly DriverKernel _kernel;
    private readonly Action<string> _struck;

    /// <param name="kernel">The domain.</param>
    /// <param name="struck">Told when a fault is there, with what was done.</param>
    public FaultInjection(DriverKernel kernel, Action<string> struck) => (_kernel, _struck) = (kernel, struck);

    /// <summary>Has an instruction go wrong, one of many, when the processor comes by.</summary>
    public void SpoilCode(CodeFaultKind kind, Random random) => _kernel.TrapHandler.Fault = new CodeFault(
        _kernel.Modules, kind, random, Candidates, random.Next(MostPasses), (place, what) => _struck($"{what}, at {Describe(place)}"));

    /// <summary>Flips a bit of a module's variables or of an object of the heap.</summary>
    /// <returns>What was done.</returns>
    public string FlipBit(Random random)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var piece = Choose(random);
            ulong address = piece.First + (ulong)random.NextInt64((long)piece.Count);
            int bit = random.Next(8);
            if (!ForeignMemory.IsAccessible((nint)address, 1, write: true))
                continue;
            *(byte*)address ^= (byte)(1 << bit);
            return $"bit {bit} of the byte at {Describe(address)} is flipped";
        }
        return "no byte of data was found";
    }

    /// <summary>Puts another value in the place of a pointer in a module's variables or in the heap.</summary>
    /// <returns>What was done.</returns>
    public string SpoilPointer(Random random)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var piece = Choose(random);
            ulong words = piece.Count / sizeof(ulong);
            if (words == 0 || !ForeignMemory.IsAccessible((nint)piece.First, (nint)piece.Count, write: true))
                continue;
            var memory = new Span<ulong>((void*)piece.First, (int)words);
            int[] pointers = [.. Enumerable.Range(0, memory.Length).Where(word => IsPointer(((ulong*)piece.First)[word]))];
            if (pointers.Length == 0)
                continue;
            int chosen = pointers[random.Next(pointers.Length)];
            ulong before = memory[chosen];
            memory[chosen] = random.Next(4) switch
            {
                // What programs do: no object, one that is near, one of another kind, and anything.
                0 => (ulong)random.Next(4096),
                1 => before ^ (8ul << random.Next(12)),
                2 => Choose(random).First,
                _ => (ulong)random.NextInt64(),
            };
            return $"the pointer at {Describe(piece.First + (ulong)chosen * sizeof(ulong))} is 0x{memory[chosen]:x} instead of 0x{before:x}";
        }
        return "no pointer was found";
    }

    /// <summary>Refuses an allocation, the one after so many more.</summary>
    public void RefuseAllocation(long after) => _kernel.Arena.Heap.RefuseAfter(after);

    /// <summary>A module's data, or an object of the heap.</summary>
    private Extent Choose(Random random)
    {
        if (random.Next(4) == 0)
            return _kernel.Modules[random.Next(_kernel.Modules.Count)].Data;
        Extent[] live = [.. _kernel.Arena.Heap.Live()];
        return live[random.Next(live.Length)];
    }

    private bool IsPointer(ulong value) =>
        new Extent((ulong)_kernel.Arena.Base, _kernel.Arena.HeapBytes).Contains(value) || _kernel.Modules.Any(module => module.Contains(unchecked((nint)value)));

    private string Describe(ulong address) => _kernel.Describe(unchecked((nint)address)) ?? string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
}
