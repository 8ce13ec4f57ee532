using Iced.Intel;
using L4;

namespace DdeKit.Foreign.Tests;

/// <summary>A domain for one test, attached to the test's thread: memory, CPU, thunks, and room for foreign code.</summary>
internal sealed class TestDomain : IDisposable
{
    private readonly List<IDisposable> _registrations = [];
    private readonly LowRegion _code;
    private int _used;

    public TestDomain(IDeviceAccess? device = null, bool patched = false)
    {
        Accesses = device ?? Device;
        Cpu = new ForeignCpu(Memory);
        Thunks = new ImportThunks(Memory);
        Thunks.Extended += extent => _registrations.Add(TrapUnit.Register(extent));
        _code = Memory.Allocate(64 * 1024, LowAccess.Code);
        _registrations.Add(TrapUnit.Register(_code.Extent));
        Loader = new ModuleLoader(Memory, Cpu);
        Windows = new DeviceWindows(Memory);
        Handler = new DriverTrapHandler(Accesses, Windows, new ForeignImage(Loader, Thunks), Events);
        if (patched)
            Handler.EnablePatching(Cpu);
        Cpu.TrapHandler = Handler;
        Cpu.Attach();
    }

    public LowMemory Memory { get; } = new();

    public ForeignCpu Cpu { get; }

    public ImportThunks Thunks { get; }

    public ModuleLoader Loader { get; }

    public DeviceWindows Windows { get; }

    /// <summary>The device of a domain that was given none.</summary>
    public RecordingDevice Device { get; } = new();

    /// <summary>The device that accesses go to.</summary>
    public IDeviceAccess Accesses { get; }

    public DriverTrapHandler Handler { get; }

    public SitePatcher Patcher => Handler.Patcher.ShouldNotBeNull();

    public EventLog Events { get; } = new(() => 0);

    /// <summary>Loads a module whose imports are thunks or values given here.</summary>
    public LoadedModule Load(ElfBuilder elf, params (string Name, nint Value)[] imports)
    {
        var module = Loader.Load(elf.Parse(), new FixedSymbols(imports));
        Track(module);
        return module;
    }

    /// <summary>Takes the traps of a module.</summary>
    public void Track(LoadedModule module)
    {
        if (module.Text.Count != 0)
            _registrations.Add(TrapUnit.Register(module.Text));
    }

    /// <summary>Loads a module of one function and returns the function.</summary>
    public nint LoadFunction(Action<Assembler> write)
    {
        var elf = new ElfBuilder($"module{Loader.Modules.Count}");
        elf.AddFunction("function", ElfBuilder.Assemble(write));
        Load(elf).TryGetSymbol("function", out nint function).ShouldBeTrue();
        return function;
    }

    /// <summary>Assembles a foreign function and returns its address.</summary>
    public nint Assemble(Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        nint start = _code.Address + _used;
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), (ulong)start);
        stream.ToArray().CopyTo(_code.Bytes[_used..]);
        _used = (_used + (int)stream.Length + 31) & ~15;
        return start;
    }

    public void Dispose()
    {
        ForeignCpu.Detach();
        Handler.Dispose();
        foreach (var registration in _registrations)
            registration.Dispose();
        Memory.Dispose();
    }
}
