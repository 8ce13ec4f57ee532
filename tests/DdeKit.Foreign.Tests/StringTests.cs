using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace DdeKit.Foreign.Tests;

/// <summary>String instructions between ordinary memory and a device window; each runs twice, so that with patching the second run is the
/// stub's.</summary>
public sealed unsafe class StringTests
{
    // nint function(rdi, rsi, count): the result is how far RDI went.
    private static void WriteRun(Assembler c, Action<Assembler> run)
    {
        c.mov(rcx, rdx);
        c.mov(eax, 0x0403_0201);
        c.mov(r8, rdi);
        run(c);
        c.cld();
        c.sub(rdi, r8);
        c.mov(rax, rdi);
        c.ret();
    }

    private static void Run(bool patched, Action<Assembler> run, Action<TestDomain, MemoryDevice, nint, nint> body)
    {
        var device = new MemoryDevice();
        using var domain = new TestDomain(device, patched);
        nint window = domain.Windows.Map(MemoryDevice.Physical, 4096);
        nint function = domain.LoadFunction(c => WriteRun(c, run));
        for (int call = 0; call < 2; call++)
        {
            for (int index = 0; index < 64; index++)
                device.Memory[index] = (byte)(index + call);
            body(domain, device, window, function);
        }
        domain.Handler.DeviceTraps.ShouldBe(patched ? 1 : 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_from_the_device_fills_memory(bool patched) => Run(patched, c => c.rep.movsd(), (domain, device, window, function) =>
    {
        byte* buffer = stackalloc byte[16];
        domain.Cpu.Call(function, (nint)buffer, window + 4, 3).ShouldBe(12);
        new ReadOnlySpan<byte>(buffer, 12).SequenceEqual(device.Memory.AsSpan(4, 12)).ShouldBeTrue();
        buffer[12].ShouldBe((byte)0);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_to_the_device_empties_memory(bool patched) => Run(patched, c => c.rep.movsb(), (domain, device, window, function) =>
    {
        byte* buffer = stackalloc byte[] { 91, 92, 93, 94 };
        domain.Cpu.Call(function, window + 32, (nint)buffer, 4).ShouldBe(4);
        device.Memory[31..37].ShouldBe([device.Memory[31], 91, 92, 93, 94, device.Memory[36]]);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_with_the_direction_flag_goes_downwards(bool patched) => Run(patched, c =>
    {
        c.std();
        c.rep.movsw();
    }, (domain, device, window, function) =>
    {
        ushort* buffer = stackalloc ushort[4];
        domain.Cpu.Call(function, (nint)(buffer + 3), window + 8, 3).ShouldBe(-6);
        buffer[0].ShouldBe((ushort)0);
        new ReadOnlySpan<byte>(buffer + 1, 6).SequenceEqual(device.Memory.AsSpan(4, 6)).ShouldBeTrue();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fill_writes_each_element(bool patched) => Run(patched, c => c.rep.stosd(), (domain, device, window, function) =>
    {
        domain.Cpu.Call(function, window + 16, 0, 2).ShouldBe(8);
        device.Memory[16..24].ShouldBe([1, 2, 3, 4, 1, 2, 3, 4]);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_load_reads_one_element(bool patched) => Run(patched, c =>
    {
        c.lodsw();
        c.stosw();
    }, (domain, device, window, function) =>
    {
        ushort value = 0;
        domain.Cpu.Call(function, (nint)(&value), window + 6, 0).ShouldBe(2);
        value.ShouldBe(BitConverter.ToUInt16(device.Memory, 6));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_to_memory_that_is_not_there_is_an_oops(bool patched)
    {
        using var domain = new TestDomain(new MemoryDevice(), patched);
        nint window = domain.Windows.Map(MemoryDevice.Physical, 4096);
        nint function = domain.LoadFunction(c => WriteRun(c, a => a.rep.movsd()));
        byte* buffer = stackalloc byte[8];
        domain.Cpu.Call(function, (nint)buffer, window, 2);
        TrapTests.Oops(domain, function, 0x1000, window, 2).Kind.ShouldBe("string instruction on memory that is not there: rep movsd, rcx 0x2");
    }

    [Fact]
    public void A_copy_that_runs_out_of_the_window_is_an_oops_and_moves_nothing()
    {
        var device = new MemoryDevice();
        using var domain = new TestDomain(device);
        nint window = domain.Windows.Map(MemoryDevice.Physical, 4096);
        nint function = domain.LoadFunction(c => WriteRun(c, a => a.rep.movsd()));
        byte* buffer = stackalloc byte[16];
        TrapTests.Oops(domain, function, (nint)buffer, window + 4088, 4).Kind.ShouldBe("page fault (read)");
        device.Accesses.ShouldBe(0);
    }
}
