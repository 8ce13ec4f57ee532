using System.Text;
using L4;

namespace DdeKit.Foreign.Tests;

public sealed unsafe class LoaderTests
{
    [Fact]
    public void Calls_and_pointers_reach_their_targets()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        int leaf = elf.AddFunction("leaf", 0xb8, 7, 0, 0, 0, 0xc3);
        elf.AddCaller("caller", leaf);
        ulong absolute = elf.Append(elf.Data, new byte[24]);
        elf.AddRelocation(elf.Data, absolute, ElfBuilder.Absolute64, leaf, 1);
        elf.AddRelocation(elf.Data, absolute + 8, ElfBuilder.Relative64, leaf, 0);
        elf.AddRelocation(elf.Data, absolute + 16, ElfBuilder.Absolute32, leaf, 2);
        elf.AddRelocation(elf.Data, absolute + 20, ElfBuilder.AbsoluteSigned32, leaf, 3);
        var module = domain.Load(elf);
        module.TryGetSymbol("leaf", out nint address).ShouldBeTrue();
        module.TryGetSymbol("caller", out nint caller).ShouldBeTrue();
        domain.Cpu.Call(caller).ShouldBe(7);
        module.TryGetSection(".data", out Extent data).ShouldBeTrue();
        byte* bytes = (byte*)data.First;
        (*(nint*)bytes).ShouldBe(address + 1);
        (*(nint*)(bytes + 8)).ShouldBe(address - (nint)(bytes + 8));
        (*(int*)(bytes + 16)).ShouldBe((int)address + 2);
        (*(int*)(bytes + 20)).ShouldBe((int)address + 3);
        LowMemory.Reach.Contains(module.Text).ShouldBeTrue();
        LowMemory.Reach.Contains(module.Data).ShouldBeTrue();
    }

    [Fact]
    public void Zeroed_and_common_variables_get_room_with_their_alignment()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        elf.Append(elf.Data, 1, 2, 3);
        int bss = elf.AddSection(".bss", ElfSectionFlags.Allocate | ElfSectionFlags.Write, 8192, ElfSectionType.NoBits, 100);
        elf.AddSymbol("zeros", bss, 4);
        elf.AddSymbol("shared", ElfSymbol.CommonSection, 64, 40);
        var module = domain.Load(elf);
        module.TryGetSection(".bss", out Extent zeros).ShouldBeTrue();
        (zeros.First % 8192).ShouldBe(0u);
        zeros.Count.ShouldBe(100u);
        new ReadOnlySpan<byte>((void*)zeros.First, 100).IndexOfAnyExcept((byte)0).ShouldBe(-1);
        module.TryGetSymbol("shared", out nint shared).ShouldBeTrue();
        (shared % 64).ShouldBe(0);
        module.Data.Contains((ulong)shared, 40).ShouldBeTrue();
        zeros.Overlaps(new Extent((ulong)shared, 40)).ShouldBeFalse();
    }

    [Fact]
    public void Per_cpu_variables_have_the_value_of_their_offset()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        int perCpu = elf.AddSection(".data..percpu", ElfSectionFlags.Allocate | ElfSectionFlags.Write, 16);
        elf.Append(perCpu, 0, 0, 0, 0, 42, 0, 0, 0);
        int variable = elf.AddSymbol("counter", perCpu, 4, 4, ElfSymbolType.Object);
        // mov eax, gs:[rip + counter]
        ulong start = elf.Append(elf.Text, 0x65, 0x8b, 0x05, 0, 0, 0, 0, 0xc3);
        elf.AddSymbol("read_counter", elf.Text, start, 8, ElfSymbolType.Function);
        elf.AddRelocation(elf.Text, start + 3, ElfBuilder.Relative32, variable, -4);
        var module = domain.Load(elf);
        module.TryGetSymbol("counter", out nint offset).ShouldBeTrue();
        domain.Cpu.Variable<int>(offset).ShouldBe(42);
        domain.Cpu.Variable<int>(offset) = 43;
        module.TryGetSymbol("read_counter", out nint function).ShouldBeTrue();
        domain.Cpu.Call(function).ShouldBe(43);
    }

    [Fact]
    public void Exports_bind_later_modules_and_keep_the_earlier_one_loaded()
    {
        using var domain = new TestDomain();
        var library = new ElfBuilder("library");
        library.AddExport("answer", library.AddFunction("answer", 0xb8, 42, 0, 0, 0, 0xc3));
        var loadedLibrary = domain.Load(library);
        loadedLibrary.Exports.Keys.ShouldBe(["answer"]);
        var user = new ElfBuilder("user");
        user.AddCaller("ask", user.AddImport("answer"));
        var loadedUser = domain.Load(user);
        loadedUser.TryGetSymbol("ask", out nint ask).ShouldBeTrue();
        domain.Cpu.Call(ask).ShouldBe(42);
        loadedUser.Uses.ShouldBe([loadedLibrary]);
        Should.Throw<InvalidOperationException>(() => domain.Loader.Unload(loadedLibrary)).Message.ShouldContain("in use by user");
        domain.Loader.Unload(loadedUser);
        domain.Loader.Unload(loadedLibrary);
        domain.Loader.Modules.ShouldBeEmpty();
        Should.Throw<InvalidOperationException>(() => domain.Loader.Unload(loadedLibrary)).Message.ShouldContain("not loaded");
    }

    [Fact]
    public void A_shim_is_preferred_to_a_module_that_exports_the_same()
    {
        using var domain = new TestDomain();
        var library = new ElfBuilder("library");
        library.AddExport("answer", library.AddFunction("answer", 0xb8, 42, 0, 0, 0, 0xc3));
        domain.Load(library);
        var user = new ElfBuilder("user");
        user.AddCaller("ask", user.AddImport("answer"));
        var loaded = domain.Load(user, ("answer", domain.Thunks.Raw("answer", [0xb8, 1, 0, 0, 0, 0xc3])));
        loaded.TryGetSymbol("ask", out nint ask).ShouldBeTrue();
        domain.Cpu.Call(ask).ShouldBe(1);
        loaded.Uses.ShouldBeEmpty();
    }

    [Fact]
    public void An_export_that_is_there_already_is_refused()
    {
        using var domain = new TestDomain();
        foreach (string name in new[] { "first", "second" })
        {
            var elf = new ElfBuilder(name);
            elf.AddExport("answer", elf.AddFunction("answer", 0xc3));
            if (name == "first")
                domain.Load(elf);
            else
                Should.Throw<BadModuleException>(() => domain.Load(elf)).Message.ShouldBe("second: exports answer, which first exports already");
        }
        domain.Loader.Modules.Count.ShouldBe(1);
    }

    [Fact]
    public void All_missing_imports_are_named_with_their_users()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        int alpha = elf.AddImport("alpha");
        int beta = elf.AddImport("beta");
        elf.AddSymbol("optional", ElfSymbol.UndefinedSection, binding: ElfBinding.Weak);
        elf.AddImport("unused");
        elf.AddCaller("probe", alpha, beta);
        elf.AddCaller("remove", alpha);
        elf.AddCaller("supplied", elf.AddImport("gamma"));
        ulong pointer = elf.Append(elf.Data, new byte[8]);
        elf.AddRelocation(elf.Data, pointer, ElfBuilder.Absolute64, beta, 0);
        var exception = Should.Throw<UnresolvedImportsException>(() => domain.Load(elf, ("gamma", 0x5000)));
        exception.Message.ShouldBe("driver: 3 imports are not supplied: alpha (for probe, remove); beta (for [.data], probe); unused (not used)");
        exception.Missing.Select(use => use.References).ShouldBe([2, 2, 0]);
        domain.Loader.Modules.ShouldBeEmpty();
    }

    [Fact]
    public void Import_use_needs_no_loading()
    {
        var elf = new ElfBuilder("driver");
        elf.AddCaller("probe", elf.AddImport("alpha"));
        elf.AddSymbol("optional", ElfSymbol.UndefinedSection, binding: ElfBinding.Weak);
        var uses = ImportUse.Analyze(elf.Parse());
        uses.Select(use => (use.Name, use.IsWeak, use.References)).ShouldBe([("alpha", false, 1), ("optional", true, 0)]);
        uses[0].Users.ShouldBe(["probe"]);
    }

    [Fact]
    public void A_relocation_that_does_not_fit_names_symbol_and_numbers()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        elf.AddCaller("probe", elf.AddImport("far_away"));
        var exception = Should.Throw<BadModuleException>(() => domain.Load(elf, ("far_away", unchecked((nint)0x7fff_1234_0000))));
        exception.Message.ShouldContain("relocation type 4 at .text+0x1");
        exception.Message.ShouldContain("to far_away (value 0x7fff12340000, addend -4)");
        exception.Message.ShouldContain("does not fit 32 bits");
    }

    [Fact]
    public void An_unknown_relocation_type_is_refused()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        elf.AddRelocation(elf.Text, elf.Append(elf.Text, new byte[8]), 9, elf.AddImport("alpha"), 0);
        Should.Throw<BadModuleException>(() => domain.Load(elf, ("alpha", 0x5000))).Message.ShouldContain("relocation type 9 at .text+0x0");
    }

    [Fact]
    public void A_module_is_not_loaded_twice()
    {
        using var domain = new TestDomain();
        domain.Load(new ElfBuilder("driver"));
        Should.Throw<BadModuleException>(() => domain.Load(new ElfBuilder("driver"))).Message.ShouldContain("loaded already");
    }

    [Fact]
    public void Addresses_are_described_by_symbol_offset_and_module()
    {
        using var domain = new TestDomain();
        var elf = new ElfBuilder("driver");
        elf.AddFunction("first", 0x90, 0x90, 0xc3);
        elf.Append(elf.Text, 0x90, 0x90);
        elf.AddFunction("second", 0x90, 0xc3);
        elf.AddSymbol("init_module", elf.Text, 0, 3, ElfSymbolType.Function);
        elf.AddSymbol("table", elf.Data, elf.Append(elf.Data, Encoding.UTF8.GetBytes("abcd")), 4, ElfSymbolType.Object);
        var module = domain.Load(elf);
        nint text = (nint)module.Text.First;
        Describe(module, text + 2).ShouldBe("first+0x2 [driver]");
        Describe(module, text + 4).ShouldBe(".text+0x4 [driver]");
        Describe(module, text + 6).ShouldBe("second+0x1 [driver]");
        Describe(module, (nint)module.Data.First + 3).ShouldBe("table+0x3 [driver]");
        Describe(module, text - 1).ShouldBe("");
        module.Init.ShouldBe(text);
        module.Exit.ShouldBe(0);
        new ForeignImage(domain.Loader, domain.Thunks).Describe(0x1234).ShouldBe("0x1234");
    }

    private static string Describe(LoadedModule module, nint address) => module.TryDescribe(address, out string text) ? text : "";

    [Fact]
    public void Low_memory_goes_back_when_it_is_disposed()
    {
        using var probe = new TestDomain();
        nint address;
        using (var memory = new LowMemory())
        {
            using var released = memory.Allocate(1, LowAccess.Data);
            address = memory.Allocate(1, LowAccess.Data).Address;
            released.Extent.Count.ShouldBe(LowMemory.PageSize);
            ForeignMemory.IsAccessible(address, 4096, write: true).ShouldBeTrue();
        }
        ForeignMemory.IsAccessible(address, 1, write: false).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => probe.Memory.Allocate(0, LowAccess.Data));
        Should.Throw<ArgumentOutOfRangeException>(() => probe.Memory.Allocate(ulong.MaxValue, LowAccess.Data));
    }

    [Fact]
    public void The_per_cpu_area_refuses_what_does_not_fit()
    {
        using var domain = new TestDomain();
        nint offset = domain.Cpu.AllocatePerCpu("current_task", 8, 8);
        domain.Cpu.AllocatePerCpu("current_task", 8, 8).ShouldBe(offset);
        domain.Cpu.AllocatePerCpu("other", 1, 64).ShouldBeGreaterThan(offset);
        Should.Throw<InvalidOperationException>(() => domain.Cpu.AllocatePerCpu("huge", 1 << 20, 8)).Message.ShouldContain("huge of 1048576 bytes does not fit");
        Should.Throw<ArgumentOutOfRangeException>(() => domain.Cpu.AllocatePerCpu("crooked", 8, 3));
    }
}
