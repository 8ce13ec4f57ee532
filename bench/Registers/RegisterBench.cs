using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Bench;

/// <summary>
/// What a register access costs inside a device model, in turns within one run, so that a noisy machine disturbs all alike. The models are
/// called, not inlined into the loop with its constant width, because a machine reaches them through its table of ports.
/// </summary>
public sealed class RegisterBench
{
    private const int Rounds = 301;
    private const int Sweeps = 200;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    private readonly GeneratedCard _generated = new();
    private readonly HandWrittenCard _handWritten = new();
    private readonly TableCard _table = new();
    private readonly int[] _offsets = new int[1024];
    private readonly uint[] _values = new uint[1024];
    private uint _sum;

    private RegisterBench()
    {
        int[] registers =
            [0x00, 0x04, 0x08, 0x0c, 0x20, 0x24, 0x28, 0x2c, 0x30, .. Enumerable.Range(0, 16).Select(i => 0x40 + 4 * i), .. Enumerable.Range(0, 8).Select(i => 0x80 + 4 * i)];
        // xorshift32 (Marsaglia 2003): any order, and the same one in every run.
        uint next = 0x9e37_79b9;
        for (int i = 0; i < _offsets.Length; i++)
        {
            next ^= next << 13;
            next ^= next >> 17;
            next ^= next << 5;
            _offsets[i] = registers[next % registers.Length];
            _values[i] = next & 0xff80 & (_offsets[i] == 0 ? 0u : ~0u);
        }
    }

    /// <summary>Measures reads and writes of 32 bits.</summary>
    /// <param name="progress">Told what is being measured.</param>
    public static IReadOnlyList<RegisterBenchRow> Run(Action<string> progress)
    {
        var bench = new RegisterBench();
        return
        [
            bench.Measure("read", bench.ReadGenerated, bench.ReadHandWritten, bench.ReadTable, progress),
            bench.Measure("write", bench.WriteGenerated, bench.WriteHandWritten, bench.WriteTable, progress),
        ];
    }

    private RegisterBenchRow Measure(string access, Action generated, Action handWritten, Action table, Action<string> progress)
    {
        progress($"measuring {access}s of registers");
        // Until the code is in its last stage of compilation, also on a busy machine.
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < s_warmUp;)
        {
            generated();
            handWritten();
            table();
        }
        double[] byGenerated = new double[Rounds], byHand = new double[Rounds], byTable = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            byGenerated[round] = Time(generated);
            byHand[round] = Time(handWritten);
            byTable[round] = Time(table);
        }
        if (_generated.Effects != _handWritten.Effects || _table.Effects != _handWritten.Effects)
            throw new InvalidOperationException(
                $"the three models did not do the same: {_generated.Effects}, {_handWritten.Effects} and {_table.Effects} effects");
        return new RegisterBenchRow(
            access, Median(byGenerated), Median(byHand), Median(byTable),
            Median([.. byGenerated.Zip(byHand, (g, h) => g / h)]), Median([.. byTable.Zip(byHand, (t, h) => t / h)]));
    }

    private double Time(Action action)
    {
        long begun = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(begun).TotalNanoseconds / ((double)Sweeps * _offsets.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadGenerated()
    {
        uint sum = 0;
        for (int sweep = 0; sweep < Sweeps; sweep++)
            foreach (int offset in _offsets)
                sum ^= _generated.Read(offset, 4);
        _sum ^= sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadHandWritten()
    {
        uint sum = 0;
        for (int sweep = 0; sweep < Sweeps; sweep++)
            foreach (int offset in _offsets)
                sum ^= _handWritten.Read(offset, 4);
        _sum ^= sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadTable()
    {
        uint sum = 0;
        for (int sweep = 0; sweep < Sweeps; sweep++)
            foreach (int offset in _offsets)
                sum ^= _table.Read(offset, 4);
        _sum ^= sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteGenerated()
    {
        for (int sweep = 0; sweep < Sweeps; sweep++)
            for (int i = 0; i < _offsets.Length; i++)
                _generated.Write(_offsets[i], 4, _values[i]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteHandWritten()
    {
        for (int sweep = 0; sweep < Sweeps; sweep++)
            for (int i = 0; i < _offsets.Length; i++)
                _handWritten.Write(_offsets[i], 4, _values[i]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteTable()
    {
        for (int sweep = 0; sweep < Sweeps; sweep++)
            for (int i = 0; i < _offsets.Length; i++)
                _table.Write(_offsets[i], 4, _values[i]);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
