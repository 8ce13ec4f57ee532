using System.Runtime.InteropServices;
using DdeKit.Foreign;
using DdeLinux;
using FsCheck;
using FsCheck.Fluent;
using L4;

namespace Generators.Tests.Kernel;

public sealed unsafe class KernelMemoryTests
{
    private const int Start = 0x10_0000;
    private const ulong Length = 0x1000;

    [Theory]
    [InlineData((long)Start, 1, true)]
    [InlineData((long)Start, 0x1000, true)]
    [InlineData((long)Start, 0x1001, false)]
    [InlineData((long)Start - 1, 1, false)]
    [InlineData((long)Start + 0xFFF, 1, true)]
    [InlineData((long)Start + 0xFFF, 2, false)]
    [InlineData(-1L, 8, false)]
    [InlineData(long.MinValue, int.MaxValue, false)]
    public void Pointer_passes_when_all_its_bytes_lie_inside(long address, int size, bool passes)
    {
        var memory = new KernelMemory(Start, Length);
        memory.Contains((nint)address, (ulong)size).ShouldBe(passes);
        if (passes)
            memory.Check((nint)address, size).ShouldBe((nint)address);
        else
            Should.Throw<KernelFaultException>(() => memory.Check((nint)address, size));
    }

    [Fact]
    public void Null_passes_a_check_and_is_no_span()
    {
        var memory = new KernelMemory(Start, Length);
        memory.Check(0, 8).ShouldBe(0);
        memory.CheckString(0).IsNull.ShouldBeTrue();
        memory.Span<int>(0, 0).Length.ShouldBe(0);
        Should.Throw<KernelFaultException>(() => memory.Span<int>(0, 1).Length);
        Should.Throw<ArgumentOutOfRangeException>(() => memory.Span<int>(Start, -1).Length);
    }

    [Fact]
    public void Added_memory_counts_until_it_is_removed()
    {
        var memory = new KernelMemory(Start, Length);
        var module = new Extent(0x4000_0000, 0x2000);
        memory.Add(module);
        memory.Add(module);
        memory.Check(0x4000_1FF8, 8).ShouldBe(0x4000_1FF8);
        memory.Remove(module);
        Should.Throw<KernelFaultException>(() => memory.Check(0x4000_1FF8, 8)).Message
            .ShouldBe("The driver's pointer 0x40001ff8, for 8 bytes, does not lie in the domain's memory.");
    }

    [Fact]
    public void Two_pieces_that_touch_do_not_make_one()
    {
        var memory = new KernelMemory(Start, Length);
        memory.Add(new Extent((ulong)Start + Length, Length));
        memory.Contains(Start + 0xFFC, 8).ShouldBeFalse();
    }

    [Fact]
    public void Structures_on_a_threads_stack_pass()
    {
        var memory = new KernelMemory(Start, Length);
        long onStack = 5;
        nint address = (nint)(&onStack);
        Should.Throw<KernelFaultException>(() => memory.Check(address, 8));
        var stack = memory.AddThreadStack();
        memory.At<long>(address).ShouldBe(5);
        memory.Remove(stack);
        memory.Contains(address, 8).ShouldBeFalse();
    }

    [Fact]
    public void Span_is_in_place()
    {
        nint address = (nint)NativeMemory.AllocZeroed(64);
        var memory = new KernelMemory(address, 64);
        memory.Span<uint>(address + 8, 2)[1] = 9;
        memory.At<uint>(address + 12).ShouldBe(9u);
        Should.Throw<KernelFaultException>(() => memory.Span<uint>(address + 8, 15).Length);
        NativeMemory.Free((void*)address);
    }

    [Fact]
    public void Bit_field_reads_back_and_changes_no_other_bit() => Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong, ulong, byte, byte)>(),
        tuple =>
        {
            var (before, value, offset, size) = tuple;
            int bitSize = (size % 64) + 1;
            int bitOffset = offset % (129 - bitSize);
            ulong mask = ulong.MaxValue >> (64 - bitSize);
            ulong* words = stackalloc ulong[2] { before, ~before };
            var whole = new UInt128(words[1], words[0]);
            int field = BitFields.Pack(bitOffset, bitSize);
            bool readsBefore = BitFields.Read((nint)words, field) == (unchecked((ulong)(whole >> bitOffset)) & mask);
            BitFields.Write((nint)words, field, value & mask);
            var expected = (whole & ~((UInt128)mask << bitOffset)) | ((UInt128)(value & mask) << bitOffset);
            return readsBefore && BitFields.Read((nint)words, field) == (value & mask) && new UInt128(words[1], words[0]) == expected;
        }).QuickCheckThrowOnFailure();
}
