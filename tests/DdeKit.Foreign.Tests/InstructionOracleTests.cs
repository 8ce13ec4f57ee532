using FsCheck;
using FsCheck.Fluent;

namespace DdeKit.Foreign.Tests;

/// <summary>What an instruction does to a device that behaves like memory is what it does to memory: registers, flags and bytes.</summary>
public sealed unsafe class InstructionOracleTests
{
    // Trap and resume flags belong to debuggers, not to the program. Intel SDM volume 1, section 3.4.3.
    private const ulong ArithmeticFlags = 0x8d5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_form_does_to_the_device_what_it_does_to_memory(bool patched)
    {
        using var domain = new TestDomain(new MemoryDevice(), patched);
        var device = (MemoryDevice)domain.Accesses;
        nint window = domain.Windows.Map(MemoryDevice.Physical, 4096);
        var functions = InstructionForms.All.Select(form => domain.LoadFunction(c => InstructionForms.WriteHarness(c, form.Write))).ToArray();
        var memory = domain.Memory.Allocate(4096, LowAccess.Data);
        var blocks = domain.Memory.Allocate(4096, LowAccess.Data);
        ulong* mine = (ulong*)blocks.Address;
        ulong* reference = mine + 32;

        var values = Gen.ArrayOf(Gen.OneOf(
            Gen.Choose(0, int.MaxValue).Two().Select(pair => unchecked((ulong)pair.Item1 << 33 ^ (ulong)pair.Item2)),
            Gen.Elements(0UL, 1UL, 0x7fUL, 0x80UL, 0xffffUL, 0x8000_0000UL, ulong.MaxValue, 1UL << 63)), InstructionForms.RegisterCount + 3);
        var inputs = values.Zip(Gen.Choose(0, InstructionForms.All.Count - 1));
        Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            var (words, form) = input;
            for (int index = 0; index < InstructionForms.RegisterCount; index++)
                mine[index] = reference[index] = words[index];
            mine[InstructionForms.RegisterCount] = reference[InstructionForms.RegisterCount] = words[^1] & ArithmeticFlags | 2;
            fixed (byte* bytes = device.Memory)
                *(ulong*)(bytes + 64) = *(ulong*)(memory.Address + 64) = words[^2];
            mine[InstructionForms.RegisterCount - 1] = (ulong)window;
            reference[InstructionForms.RegisterCount - 1] = (ulong)memory.Address;
            string name = InstructionForms.All[form].Name;

            domain.Cpu.Call(functions[form], (nint)reference);
            int before = device.Accesses;
            domain.Cpu.Call(functions[form], (nint)mine);
            device.Accesses.ShouldBeGreaterThan(before, name);

            for (int index = 0; index <= InstructionForms.RegisterCount; index++)
            {
                // Pointers differ by where the memory is.
                ulong expected = memory.Extent.Contains(reference[index]) ? reference[index] - memory.Extent.First + (ulong)window : reference[index];
                mine[index].ShouldBe(expected, $"{name}, register {index}");
            }
            device.Memory.AsSpan(0, 256).SequenceEqual(memory.Bytes[..256]).ShouldBeTrue(name);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(1, 1));
        if (!patched)
            return;
        domain.Patcher.Unpatchable.ShouldBeEmpty();
        domain.Patcher.PatchedSites.ShouldBe(InstructionForms.All.Count);
        domain.Handler.DeviceTraps.ShouldBe(InstructionForms.All.Count);
    }
}
