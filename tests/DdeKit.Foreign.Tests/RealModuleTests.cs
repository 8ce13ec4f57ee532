using System.Runtime.InteropServices;
using Iced.Intel;

namespace DdeKit.Foreign.Tests;

/// <summary>A test on a distribution's own modules, skipped where there are none.</summary>
public sealed class ModulesFactAttribute : FactAttribute
{
    public ModulesFactAttribute()
    {
        if (Find("libata") is null || Find("ata_piix") is null)
            Skip = "needs libata.ko and ata_piix.ko under the folder that DDE_TEST_MODULES names";
    }

    internal static string? Find(string module) => Environment.GetEnvironmentVariable("DDE_TEST_MODULES") is { Length: > 0 } folder && Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, $"{module}.ko", SearchOption.AllDirectories).FirstOrDefault()
        : null;
}

/// <inheritdoc cref="ModulesFactAttribute"/>
public sealed class ModulesTheoryAttribute : TheoryAttribute
{
    public ModulesTheoryAttribute()
    {
        if (ModulesFactAttribute.Find("e1000") is null || ModulesFactAttribute.Find("8390") is null)
            Skip = "needs a distribution's network drivers under the folder that DDE_TEST_MODULES names";
    }
}

public sealed unsafe class RealModuleTests
{
    [ThreadStatic]
    private static List<string>? t_missing;

    [UnmanagedCallersOnly]
    private static nint Refuse(nint token, nint caller)
    {
        ForeignCpu.Current!.Abort(new NotSupportedException($"{t_missing![(int)token]} called from 0x{caller:x}"));
        return 0;
    }

    private static ElfRelocatable Read(string module) => ElfRelocatable.Parse(File.ReadAllBytes(ModulesFactAttribute.Find(module)!), module);

    private static LoadedModule Load(TestDomain domain, string name)
    {
        var elf = Read(name);
        var resolver = new EverythingButExports(domain);
        var module = domain.Loader.Load(elf, resolver);
        domain.Track(module);
        return module;
    }

    [ModulesFact]
    public void Both_modules_load_and_the_second_is_bound_to_the_first()
    {
        using var domain = new TestDomain();
        var libata = Load(domain, "libata");
        var driver = Load(domain, "ata_piix");
        libata.Exports.Count.ShouldBeGreaterThan(100);
        driver.Uses.ShouldBe([libata]);
        libata.TryDescribe(libata.Init, out string init).ShouldBeTrue();
        init.ShouldBe("ata_init+0x0 [libata]");
        libata.TryGetSection("__param", out _).ShouldBeTrue();
        driver.Exit.ShouldNotBe(0);
    }

    [ModulesFact]
    public void Import_use_names_the_functions_that_refer_to_an_import()
    {
        var uses = ImportUse.Analyze(Read("ata_piix"));
        uses.Single(use => use.Name == "pcim_enable_device").Users.ShouldContain("piix_init_one");
        uses.Single(use => use.Name == "__fentry__").References.ShouldBeGreaterThan(10);
    }

    [ModulesFact]
    public void A_pure_function_of_libata_runs()
    {
        using var domain = new TestDomain();
        var libata = Load(domain, "libata");
        domain.Cpu.Call(libata.Exports["ata_pack_xfermask"], 0x1f, 7, 0x3f).ShouldBe(0x3f39f);
        // IDENTIFY words hold text with its bytes swapped; ATA8-ACS, section 7.16.7.
        ushort* identify = stackalloc ushort[256];
        "dD eidks"u8.CopyTo(new Span<byte>(identify, 512));
        byte* text = stackalloc byte[16];
        domain.Cpu.Call(libata.Exports["ata_id_string"], (nint)identify, (nint)text, 0, 8);
        Marshal.PtrToStringUTF8((nint)text).ShouldBe("Dde disk");
    }

    [ModulesFact]
    public void An_import_that_is_missing_stops_with_its_name_when_it_is_called()
    {
        using var domain = new TestDomain();
        var libata = Load(domain, "libata");
        byte* text = stackalloc byte[16];
        var exception = Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(libata.Exports["ata_id_c_string"], (nint)text, (nint)text, 0, 9));
        exception.InnerException!.Message.ShouldStartWith("strnlen called from");
    }

    [ModulesFact]
    public void A_bug_of_libata_is_reported_with_its_own_source_line()
    {
        using var domain = new TestDomain();
        var libata = Load(domain, "libata");
        byte* text = stackalloc byte[16];
        // The length has to be even, as that of IDENTIFY's fields: an odd one is a BUG.
        var exception = Should.Throw<ForeignAbortException>(() => domain.Cpu.Call(libata.Exports["ata_id_string"], (nint)text, (nint)text, 0, 3));
        var report = exception.InnerException.ShouldBeOfType<OopsException>().Report;
        report.Kind.ShouldStartWith("BUG at drivers/ata/libata-core.c:");
        report.Place.ShouldStartWith("ata_id_string");
    }

    [ModulesTheory]
    [InlineData("e1000", 10)]
    [InlineData("8139cp", 2)]
    [InlineData("8139too", 2)]
    [InlineData("ne2k-pci", 2)]
    [InlineData("8390", 2)]
    public void A_jump_fits_in_place_of_nearly_every_load_and_store_of_network_drivers(string name, int least)
    {
        using var domain = new TestDomain();
        var map = new CodeMap(domain.Loader.Load(Read(name), new Anything(domain)));
        int moves = 0, stay = 0;
        for (ulong address = map.Text.First; map.Text.Contains(address); address++)
        {
            if (!map.IsStart(address) || !IsMove(map.Read(address)))
                continue;
            moves++;
            stay += CodeWindow.Around(map, address).Any() ? 0 : 1;
        }
        moves.ShouldBeGreaterThan(100);
        stay.ShouldBeLessThan(least);
    }

    // By a pointer in a register, as devices are accessed.
    private static bool IsMove(Instruction instruction) => instruction.Mnemonic is Mnemonic.In or Mnemonic.Out
        || instruction.Mnemonic == Mnemonic.Mov && instruction.MemoryBase is >= Register.RAX and <= Register.R15 and not (Register.RSP or Register.RBP);

    private sealed class Anything(TestDomain domain) : ISymbolResolver
    {
        public bool TryResolve(string name, out nint value)
        {
            if (!domain.Thunks.TryMachineStub(name, out value))
                value = domain.Memory.Allocate(LowMemory.PageSize, LowAccess.Data).Address;
            return true;
        }
    }

    private sealed class EverythingButExports(TestDomain domain) : ISymbolResolver
    {
        public bool TryResolve(string name, out nint value)
        {
            value = 0;
            if (domain.Loader.Modules.Any(module => module.Exports.ContainsKey(name)))
                return false;
            if (domain.Thunks.TryMachineStub(name, out value))
                return true;
            t_missing ??= [];
            value = domain.Thunks.Missing(name, (nint)(delegate* unmanaged<nint, nint, nint>)&Refuse, t_missing.Count);
            t_missing.Add(name);
            return true;
        }
    }
}
