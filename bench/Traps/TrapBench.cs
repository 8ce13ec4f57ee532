using System.Diagnostics;
using DdeKit.Foreign;
using DdeLinux.Packs;

namespace Bench;

/// <summary>
/// What a device access by instruction costs, trapped and through a patched site, in turns within one run. The code is the distribution's:
/// functions of e1000 that do little else than access the card, with nothing behind the registers.
/// </summary>
public static class TrapBench
{
    private const int Rounds = 31;
    private const int TrappedCalls = 500;
    private const int PatchedCalls = 50_000;
    private const ulong Registers = 0xfebc_0000;
    private const ulong RegisterBytes = 128 * 1024;

    /// <summary>Measures accesses of device memory and of ports.</summary>
    /// <param name="progress">Told what is being measured.</param>
    /// <exception cref="PackException">There is no kernel pack, or it has no e1000.</exception>
    public static IReadOnlyList<TrapBenchRow> Run(Action<string> progress)
    {
        var module = ElfRelocatable.Parse(KernelPackStore.Default.Select().FindModule("e1000").Read(), "e1000");
        using var trapped = new Domain(module, patched: false);
        using var patched = new Domain(module, patched: true);
        return
        [
            // Two registers written and the status read behind each (e1000_hw.c of Linux).
            Measure("memory", "e1000_rar_set", trapped, patched, progress),
            Measure("port", "e1000_io_write", trapped, patched, progress),
        ];
    }

    private static TrapBenchRow Measure(string access, string function, Domain trapped, Domain patched, Action<string> progress)
    {
        progress($"measuring accesses of {access}");
        // Sites are patched, and C# compiled to its last stage.
        for (int round = 0; round < 10; round++)
            patched.Time(function, PatchedCalls);
        double[] byTrap = new double[Rounds], byPatch = new double[Rounds], direct = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            byTrap[round] = trapped.Time(function, TrappedCalls);
            byPatch[round] = patched.Time(function, PatchedCalls);
            direct[round] = patched.TimeDirect(PatchedCalls);
        }
        if (patched.Unpatchable is { } reason)
            throw new InvalidOperationException($"{function} goes on trapping: {reason}");
        double[] ratios = [.. byTrap.Zip(byPatch, static (trap, patch) => trap / patch)];
        return new TrapBenchRow(access, Median(byTrap), Median(byPatch), Median(direct), Median(ratios));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <summary>A device that counts, and answers 0.</summary>
    private sealed class CountingDevice : IDeviceAccess
    {
        public long Accesses { get; private set; }

        public uint ReadPort(ushort port, int width) => (uint)ReadMemory(port, width);

        public void WritePort(ushort port, int width, uint value) => Accesses++;

        public void ReadPortBlock(ushort port, int width, Span<byte> destination) => Accesses++;

        public void WritePortBlock(ushort port, int width, ReadOnlySpan<byte> source) => Accesses++;

        public ulong ReadMemory(ulong address, int width)
        {
            Accesses++;
            return 0;
        }

        public void WriteMemory(ulong address, int width, ulong value) => Accesses++;
    }

    /// <summary>A domain with the module in it and nothing around: what is measured calls nothing of the kernel.</summary>
    private sealed class Domain : ISymbolResolver, IDisposable
    {
        private readonly LowMemory _memory = new();
        private readonly CountingDevice _device = new();
        private readonly ForeignCpu _cpu;
        private readonly ImportThunks _thunks;
        private readonly DriverTrapHandler _handler;
        private readonly LoadedModule _module;
        private readonly IDisposable _traps;
        private readonly nint _hardware;

        public Domain(ElfRelocatable elf, bool patched)
        {
            _cpu = new ForeignCpu(_memory);
            _thunks = new ImportThunks(_memory);
            var loader = new ModuleLoader(_memory, _cpu);
            var windows = new DeviceWindows(_memory);
            _handler = new DriverTrapHandler(_device, windows, new ForeignImage(loader, _thunks), new L4.EventLog(static () => 0));
            if (patched)
                _handler.EnablePatching(_cpu);
            _cpu.TrapHandler = _handler;
            _module = loader.Load(elf, this);
            _traps = TrapUnit.Register(_module.Text);
            // struct e1000_hw begins with the registers' address.
            var hardware = _memory.Allocate(64 * 1024, LowAccess.Data);
            _hardware = hardware.Address;
            BitConverter.TryWriteBytes(hardware.Bytes, (long)windows.Map(Registers, RegisterBytes));
        }

        public string? Unpatchable => _handler.Patcher?.Unpatchable.FirstOrDefault()?.ToString();

        /// <summary>Nanoseconds an access.</summary>
        public double Time(string function, int calls)
        {
            if (!_module.TryGetSymbol(function, out nint address))
                throw new InvalidOperationException($"this e1000 has no function {function}");
            _cpu.Attach();
            long before = _device.Accesses;
            long begun = Stopwatch.GetTimestamp();
            for (int call = 0; call < calls; call++)
                _cpu.Call(address, _hardware, _hardware + 4096, 1);
            double nanoseconds = Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
            ForeignCpu.Detach();
            return nanoseconds / (_device.Accesses - before);
        }

        /// <summary>Nanoseconds an access from C#.</summary>
        public double TimeDirect(int calls)
        {
            long begun = Stopwatch.GetTimestamp();
            for (int call = 0; call < calls; call++)
            {
                _device.WriteMemory(Registers, sizeof(uint), 0);
                _device.ReadMemory(Registers, sizeof(uint));
            }
            return Stopwatch.GetElapsedTime(begun).TotalNanoseconds / (2.0 * calls);
        }

        public bool TryResolve(string name, out nint value)
        {
            if (!_thunks.TryMachineStub(name, out value))
                value = _memory.Allocate(LowMemory.PageSize, LowAccess.Data).Address;
            return true;
        }

        public void Dispose()
        {
            _traps.Dispose();
            _handler.Dispose();
            _memory.Dispose();
        }
    }
}
