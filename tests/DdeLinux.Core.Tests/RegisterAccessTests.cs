using DdeKit.Pci;
using L4Io;

namespace DdeLinux.Core.Tests;

/// <summary>Registers as a driver reaches them: by functions on cookies, and by its own instructions.</summary>
public sealed class RegisterAccessTests
{
    private const nint PortCookie = 0x10000 + RegisterFunction.Ports;

    [KernelFact]
    public void Device_memory_is_read_and_written_through_its_address() => TestKernel.Run(test =>
    {
        nint window = test.Call("ioremap", (nint)RegisterFunction.Memory, 4096);
        test.Call("iowrite32", 0x11223344, window + 8);
        test.Call("iowrite16", 0x5566, window + 12);
        test.Call("iowrite8", 0x77, window + 14);
        test.Call("ioread32", window + 8).ShouldBe(0x11223344);
        test.Call("ioread16", window + 12).ShouldBe(0x5566);
        test.Call("ioread8", window + 14).ShouldBe(0x77);
        test.Registers.MemoryBytes[8..15].ShouldBe([0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x77]);
        test.Call("iounmap", window);
        test.Registers.Held.ShouldBeEmpty();
    }, withRegisters: true);

    [KernelFact]
    public void Instructions_on_device_memory_reach_the_device() => TestKernel.Run(test =>
    {
        nint window = test.Call("ioremap", (nint)RegisterFunction.Memory, 4096);
        // mov [rdi+16], rsi; mov eax, [rdi+20]; ret
        nint code = test.Kernel.Thunks.Raw("access", [0x48, 0x89, 0x77, 0x10, 0x8b, 0x47, 0x14, 0xc3]);
        test.Kernel.Call(code, window, unchecked((nint)0x0102030405060708)).ShouldBe(0x01020304);
        test.Registers.MemoryBytes[16..24].ShouldBe([8, 7, 6, 5, 4, 3, 2, 1]);
    }, withRegisters: true);

    [KernelFact]
    public void Port_instructions_reach_the_device_one_by_one_and_as_strings() => TestKernel.Run(test =>
    {
        test.Call("__request_region", test.Symbol("ioport_resource"), RegisterFunction.Ports, 256, 0, 0).ShouldNotBe(0);
        test.Registers.PortBytes[4] = 0x5a;
        // mov edx, esi; mov ecx, 3; rep insb; in al, dx; ret: from a buffer outside of the arena, byte by byte
        nint code = test.Kernel.Thunks.Raw("access", [0x89, 0xf2, 0xb9, 3, 0, 0, 0, 0xf3, 0x6c, 0xec, 0xc3]);
        nint low = test.Kernel.Variables.TryGet("ioport_resource", out nint variable) ? variable : 0;
        test.Kernel.Call(code, low, RegisterFunction.Ports + 4);
        (test.At<uint>(low) & 0xffffff).ShouldBe(0x5a5a5au);
    }, withRegisters: true);

    [KernelFact]
    public void A_requested_region_is_the_drivers_alone_until_it_is_released() => TestKernel.Run(test =>
    {
        nint root = test.Symbol("ioport_resource");
        nint region = test.Call("__request_region", root, RegisterFunction.Ports, 256, 0, 0);
        test.At<ulong>(region).ShouldBe(RegisterFunction.Ports);
        test.Call("__request_region", root, RegisterFunction.Ports, 16, 0, 0).ShouldBe(0);
        test.Call("ioread8", PortCookie).ShouldBe(0);
        test.Call("__release_region", root, RegisterFunction.Ports, 256);
        test.Registers.Held.ShouldBeEmpty();
        test.Call("__request_region", root, RegisterFunction.Ports, 256, 0, 0).ShouldNotBe(0);
    }, withRegisters: true);

    [KernelFact]
    public void A_mapping_keeps_a_region_that_is_released_before_it() => TestKernel.Run(test =>
    {
        test.Kernel.IoRegions.TryRequest(ResourceKind.Memory, RegisterFunction.Memory, 4096).ShouldBeTrue();
        nint window = test.Call("ioremap", (nint)RegisterFunction.Memory + 256, 256);
        test.Kernel.IoRegions.ReleaseRequest(ResourceKind.Memory, RegisterFunction.Memory, 4096);
        test.Registers.MemoryBytes[256] = 9;
        test.Call("ioread8", window).ShouldBe(9);
        test.Call("iounmap", window);
        test.Registers.Held.ShouldBeEmpty();
    }, withRegisters: true);

    [KernelFact]
    public void The_tap_sees_every_access() => TestKernel.Run(test =>
    {
        var tap = new RecordingTap();
        test.Kernel.Pci.Tap = tap;
        nint window = test.Call("ioremap", (nint)RegisterFunction.Memory, 4096);
        test.Call("iowrite32", 0x55, window + 8);
        // mov rax, [rdi+8]; ret
        test.Kernel.Call(test.Kernel.Thunks.Raw("access", [0x48, 0x8b, 0x47, 0x08, 0xc3]), window).ShouldBe(0x55);
        tap.Lines.ShouldBe(["write Memory febf0008 4 55", "read Memory febf0008 8 55"]);
    }, withRegisters: true);

    [KernelFact]
    public void An_address_that_is_no_register_ends_the_domain_with_the_address() =>
        TestKernel.RunToDeath(test => test.Call("ioread32", 0x7fff_1234), withRegisters: true).Message.ShouldContain("0x7fff1234 is neither");

    [KernelFact]
    public void Unmapping_what_is_not_mapped_ends_the_domain() =>
        TestKernel.RunToDeath(test => test.Call("iounmap", 0x5000_0000), withRegisters: true).Message.ShouldContain("nothing is mapped");

    private sealed class RecordingTap : IRegisterTap
    {
        internal List<string> Lines { get; } = [];

        public void Read(ResourceKind space, ulong register, int width, ulong value) => Lines.Add($"read {space} {register:x} {width} {value:x}");

        public void Write(ResourceKind space, ulong register, int width, ulong value) => Lines.Add($"write {space} {register:x} {width} {value:x}");

        public void ReadBlock(uint port, int width, ulong busAddress, uint bytes) => Lines.Add($"read block {port:x} {width} {bytes}");

        public void WriteBlock(uint port, int width, ulong busAddress, uint bytes) => Lines.Add($"write block {port:x} {width} {bytes}");

        public void ReadConfiguration(int offset, int width, uint value) => Lines.Add($"read configuration {offset:x} {width} {value:x}");

        public void WriteConfiguration(int offset, int width, uint value) => Lines.Add($"write configuration {offset:x} {width} {value:x}");
    }
}
