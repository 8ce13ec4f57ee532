using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

/// <summary>Where a jump may go, and that what was moved for it does what it did.</summary>
public sealed unsafe class PatchingTests : IDisposable
{
    private readonly MemoryDevice _device = new();
    private readonly TestDomain _domain;
    private readonly nint _window;

    public PatchingTests()
    {
        _domain = new TestDomain(_device, patched: true);
        _window = _domain.Windows.Map(MemoryDevice.Physical, 4096);
        for (int index = 0; index < 128; index++)
            _device.Memory[index] = (byte)(index + 1);
    }

    public void Dispose() => _domain.Dispose();

    // Calls twice: the first one traps, the second runs what was patched.
    private nint CallTwice(nint function, nint a1 = 0, nint a2 = 0)
    {
        nint first = _domain.Cpu.Call(function, _window, a1, a2);
        long traps = _domain.Handler.DeviceTraps;
        _domain.Cpu.Call(function, _window, a1, a2).ShouldBe(first);
        _domain.Handler.DeviceTraps.ShouldBe(traps);
        return first;
    }

    [Fact]
    public void A_long_access_takes_the_jump_itself()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __dword_ptr[rdi + 0x100]);
            c.ret();
        });
        _device.Memory[0x100] = 77;
        CallTwice(function).ShouldBe(77);
        _domain.Patcher.PatchedSites.ShouldBe(1);
        (*(byte*)function).ShouldBe((byte)0xe9);
    }

    [Fact]
    public void A_short_access_takes_what_comes_behind_it_along()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.add(eax, esi);
            c.sub(eax, 1);
            c.ret();
        });
        CallTwice(function, 100).ShouldBe(0x04030201 + 99);
        _domain.Patcher.PatchedSites.ShouldBe(1);
    }

    [Fact]
    public void A_short_access_before_a_branch_target_takes_what_comes_before_it_along()
    {
        nint function = _domain.LoadFunction(c =>
        {
            var loop = c.CreateLabel();
            c.xor(ecx, ecx);
            c.lea(rsi, __[rdi + 4]);
            c.mov(eax, __[rsi]);
            c.Label(ref loop);
            c.inc(ecx);
            c.cmp(ecx, 5);
            c.jne(loop);
            c.add(eax, ecx);
            c.ret();
        });
        CallTwice(function).ShouldBe(0x08070605 + 5);
        _domain.Patcher.Unpatchable.ShouldBeEmpty();
    }

    [Fact]
    public void An_access_between_branch_targets_goes_on_trapping_and_is_counted()
    {
        nint function = _domain.LoadFunction(c =>
        {
            var first = c.CreateLabel();
            var second = c.CreateLabel();
            var end = c.CreateLabel();
            c.cmp(esi, 1);
            c.je(second);
            c.Label(ref first);
            c.mov(eax, __[rdi]);
            c.Label(ref second);
            c.dec(esi);
            c.js(end);
            c.jmp(first);
            c.Label(ref end);
            c.ret();
        });
        _domain.Cpu.Call(function, _window, 3).ShouldBe(0x04030201);
        _domain.Handler.DeviceTraps.ShouldBe(4);
        var site = _domain.Patcher.Unpatchable.Single();
        (site.Place, site.Traps).ShouldBe(("function+0x5 [module0]", 4));
        _domain.Events.Count("foreign", "unpatchable-site").ShouldBe(1);
        _domain.Patcher.PatchedSites.ShouldBe(0);
    }

    [Fact]
    public void An_address_that_data_names_is_no_place_for_a_jump_to_cover()
    {
        var elf = new ElfBuilder("table");
        byte[] code = ElfBuilder.Assemble(c =>
        {
            c.mov(eax, __[rdi]);
            c.nop();
            c.inc(eax);
            c.ret();
        });
        int function = elf.AddFunction("function", code);
        ulong slot = elf.Append(elf.Data, new byte[8]);
        // Into the instruction behind the access, as a jump table does.
        elf.AddRelocation(elf.Data, slot, ElfBuilder.Absolute64, function, 2);
        var module = _domain.Load(elf);
        module.TryGetSymbol("function", out nint address).ShouldBeTrue();
        _domain.Cpu.Call(address, _window).ShouldBe(0x04030202);
        _domain.Patcher.Unpatchable.Single().Reason.ShouldBe("no five bytes around it can be moved");
        ((byte*)address)[0].ShouldBe((byte)0x8b);
    }

    [Fact]
    public void An_instruction_that_a_fault_table_names_stays()
    {
        var elf = new ElfBuilder("faults");
        int function = elf.AddFunction("function", ElfBuilder.Assemble(c =>
        {
            c.mov(eax, __dword_ptr[rdi + 0x100]);
            c.ret();
        }));
        int table = elf.AddSection("__ex_table", ElfSectionFlags.Allocate, 4);
        ulong entry = elf.Append(table, new byte[12]);
        elf.AddRelocation(table, entry, ElfBuilder.Relative32, function, 0);
        _domain.Load(elf).TryGetSymbol("function", out nint address).ShouldBeTrue();
        _domain.Cpu.Call(address, _window);
        _domain.Patcher.Unpatchable.Single().Reason.ShouldBe("the module's tables name it");
    }

    [Fact]
    public void Accesses_side_by_side_share_one_stub()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.mov(ecx, __[rdi + 4]);
            c.mov(edx, __[rdi + 8]);
            c.add(eax, ecx);
            c.add(eax, edx);
            c.ret();
        });
        CallTwice(function).ShouldBe(0x04030201 + 0x08070605 + 0x0c0b0a09);
        _domain.Patcher.PatchedSites.ShouldBe(3);
        _domain.Patcher.Unpatchable.ShouldBeEmpty();
    }

    [Fact]
    public void Relative_operands_branches_and_calls_are_moved_to_mean_the_same()
    {
        nint function = _domain.LoadFunction(c =>
        {
            var constant = c.CreateLabel();
            var callee = c.CreateLabel();
            var skip = c.CreateLabel();
            c.mov(eax, __[rdi]);
            c.cmp(al, 1);
            c.jne(skip);
            c.mov(ecx, __[rdi + 4]);
            c.add(eax, __dword_ptr[constant]);
            c.mov(edx, __[rdi]);
            c.call(callee);
            c.Label(ref skip);
            c.ret();
            c.Label(ref callee);
            c.mov(esi, __[rdi]);
            c.add(eax, esi);
            c.add(eax, ecx);
            c.ret();
            c.Label(ref constant);
            c.dd(1000);
        });
        CallTwice(function).ShouldBe(2 * 0x04030201 + 0x08070605 + 1000);
        _domain.Patcher.Unpatchable.ShouldBeEmpty();
        _device.Memory[0] = 2;
        _domain.Cpu.Call(function, _window).ShouldBe(0x04030202);
    }

    [Fact]
    public void Padding_behind_a_return_makes_room()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.ret();
            c.int3();
            c.int3();
            c.int3();
        });
        CallTwice(function).ShouldBe(0x04030201);
        _domain.Patcher.PatchedSites.ShouldBe(1);
    }

    [Fact]
    public void A_patched_access_to_ordinary_memory_stays_one()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __dword_ptr[rdi + 4]);
            c.or(__dword_ptr[rdi + 8], 0x40);
            c.ret();
        });
        CallTwice(function).ShouldBe(0x08070605);
        uint* memory = stackalloc uint[] { 1, 2, 3 };
        _domain.Cpu.Call(function, (nint)memory).ShouldBe(2);
        memory[2].ShouldBe(0x43u);
        _domain.Patcher.PatchedSites.ShouldBe(2);
    }

    [Fact]
    public void A_bad_pointer_in_a_patched_access_is_reported_where_the_driver_has_it()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __dword_ptr[rdi + 4]);
            c.add(eax, 1);
            c.ret();
        });
        CallTwice(function);
        var report = TrapTests.Oops(_domain, function, 0x1000);
        report.Place.ShouldBe("function+0x0 [module0]");
        report.Kind.ShouldBe("page fault (read)");
        report.Frame.FaultAddress.ShouldBe(0x1004ul);
        report.Frame.Rdi.ShouldBe(0x1000ul);
    }

    [Fact]
    public void What_a_device_throws_in_a_patched_access_ends_the_domain()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __dword_ptr[rdi + 4]);
            c.add(eax, 1);
            c.ret();
        });
        CallTwice(function);
        _device.BeforeAccess = () => throw new InvalidOperationException("the device is gone");
        Should.Throw<ForeignAbortException>(() => _domain.Cpu.Call(function, _window)).InnerException!.Message.ShouldBe("the device is gone");
    }

    [Fact]
    public void Code_that_is_patched_around_a_trap_in_progress_goes_on_in_the_stub()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(eax, __[rdi]);
            c.mov(ecx, __[rdi + 4]);
            c.add(eax, ecx);
            c.add(eax, 1);
            c.ret();
        });
        nint inner = 0;
        // While the first access traps, the device runs the same code: it is patched when the outer trap ends.
        _device.BeforeAccess = () => inner = _domain.Cpu.Call(function, _window);
        _domain.Cpu.Call(function, _window).ShouldBe(0x04030201 + 0x08070605 + 1);
        inner.ShouldBe(0x04030201 + 0x08070605 + 1);
        CallTwice(function).ShouldBe(inner);
    }

    [Fact]
    public void A_stub_that_is_replaced_while_it_runs_goes_on_where_its_successor_does()
    {
        nint function = _domain.LoadFunction(c =>
        {
            var skip = c.CreateLabel();
            c.xor(ecx, ecx);
            c.mov(eax, __[rdi]);
            c.add(esi, 1);
            c.je(skip);
            c.mov(ecx, __[rdi]);
            c.Label(ref skip);
            c.add(eax, ecx);
            c.ret();
        });
        // The first access alone is patched; its stub ends before the second.
        CallTwice(function, -1).ShouldBe(0x04030201);
        // Inside of the stub, the device has the second access trap, be patched and take the first one's window in.
        nint inner = 0;
        _device.BeforeAccess = () => inner = _domain.Cpu.Call(function, _window, 1);
        _domain.Cpu.Call(function, _window, 1).ShouldBe(2 * 0x04030201);
        inner.ShouldBe(2 * 0x04030201);
        _domain.Handler.DeviceTraps.ShouldBe(2);
        CallTwice(function, 1).ShouldBe(inner);
        CallTwice(function, -1).ShouldBe(0x04030201);
        _domain.Patcher.PatchedSites.ShouldBe(2);
    }

    [Fact]
    public void A_patched_access_keeps_registers_flags_and_the_words_below_the_stack()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.push(rbx);
            c.push(rbp);
            c.mov(ebp, 3);
            c.mov(r11d, 5);
            c.mov(__qword_ptr[rsp - 8], 11);
            c.cmp(ebp, 4);
            c.mov(ebx, __dword_ptr[rdi]);
            c.setb(al);
            c.movzx(eax, al);
            c.add(rax, rbp);
            c.add(rax, r11);
            c.add(rax, rsi);
            c.add(rax, rdx);
            c.add(rax, __qword_ptr[rsp - 8]);
            c.add(rax, rbx);
            c.pop(rbp);
            c.pop(rbx);
            c.ret();
        });
        CallTwice(function, 100, 200).ShouldBe(1 + 3 + 5 + 300 + 11 + 0x04030201);
    }

    [Fact]
    public void Port_instructions_and_strings_are_patched_too()
    {
        nint function = _domain.LoadFunction(c =>
        {
            c.mov(edx, 0x300);
            c.mov(eax, esi);
            c.@out(dx, ax);
            c.inc(edx);
            c.@in(al, dx);
            c.mov(r8, rdi);
            c.lea(rdi, __[rdi + 32]);
            c.mov(rsi, r8);
            c.mov(ecx, 8);
            c.rep.movsb();
            c.mov(rdi, r8);
            c.@out(0x80, al);
            c.ret();
        });
        (CallTwice(function, 0x5566) & 0xff).ShouldBe(0x55);
        _device.Memory[32..40].ShouldBe(_device.Memory[0..8]);
        _device.Ports[0x80].ShouldBe((byte)0x55);
        _domain.Patcher.PatchedSites.ShouldBe(4);
    }

    [Fact]
    public void A_module_that_is_unloaded_takes_its_stubs_along()
    {
        for (int round = 0; round < 20; round++)
        {
            var elf = new ElfBuilder("again");
            elf.AddFunction("function", ElfBuilder.Assemble(c =>
            {
                c.mov(eax, __[rdi]);
                c.mov(ecx, __[rdi + 4]);
                c.add(eax, ecx);
                c.ret();
            }));
            var module = _domain.Loader.Load(elf.Parse(), new FixedSymbols());
            using (TrapUnit.Register(module.Text))
            {
                module.TryGetSymbol("function", out nint function).ShouldBeTrue();
                CallTwice(function).ShouldBe(0x04030201 + 0x08070605);
            }
            _domain.Patcher.Remove(module);
            _domain.Loader.Unload(module);
        }
        _domain.Patcher.PatchedSites.ShouldBe(40);
    }
}
