namespace DdeLinux.Packs.Tests;

public sealed class KernelImageTests
{
    [Fact]
    public void Payload_unpacks_to_the_elf_file() =>
        KernelImage.Unpack(KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Vmlinux())), "vmlinuz").ShouldBe(KernelBuilder.Vmlinux());

    [Fact]
    public void Something_else_is_no_kernel_image()
    {
        Problem([]).ShouldContain("no x86 kernel image (0 bytes)");
        Problem(new byte[4096]).ShouldContain("no x86 kernel image");
    }

    [Fact]
    public void Old_boot_protocol_is_named()
    {
        var image = KernelBuilder.Image([1, 2, 3, 4]);
        (image[0x206], image[0x207]) = (0x07, 0x02);
        Problem(image).ShouldContain("boot protocol 0x0207");
    }

    [Fact]
    public void Truncated_image_names_its_payload()
    {
        var image = KernelBuilder.Image(KernelBuilder.Gzip(KernelBuilder.Vmlinux()));
        Problem(image[..^1]).ShouldContain("is cut off: its payload 1040+");
    }

    [Fact]
    public void Unknown_compression_shows_its_first_bytes() =>
        Problem(KernelBuilder.Image([0x02, 0x21, 0x4C, 0x18, 0, 0])).ShouldContain("unknown compression (it begins with 02214c18)");

    [Fact]
    public void Damaged_payload_is_named()
    {
        var payload = KernelBuilder.Gzip(KernelBuilder.Vmlinux());
        payload[12] ^= 0xFF;
        Problem(KernelBuilder.Image(payload)).ShouldStartWith("vmlinuz: ");
    }

    [Fact]
    public void Section_lookup_survives_every_truncation()
    {
        var elf = KernelBuilder.Vmlinux();
        for (var length = 0; length < elf.Length; length++)
            Should.Throw<PackException>(() => ElfSections.Find(elf.AsMemory(0, length), ".BTF", "vmlinux")).Message.ShouldStartWith("vmlinux: ");
        ElfSections.Find(elf, ".BTF", "vmlinux").ShouldNotBeNull().ToArray().ShouldBe(KernelBuilder.Types);
        ElfSections.Find(elf, ".BT", "vmlinux").ShouldBeNull();
    }

    [Fact]
    public void Elf_of_another_class_is_refused()
    {
        var elf = KernelBuilder.Vmlinux();
        elf[4] = 1;
        Should.Throw<PackException>(() => ElfSections.Find(elf, ".BTF", "vmlinux")).Message.ShouldContain("class 1");
    }

    private static string Problem(byte[] image)
    {
        var exception = Should.Throw<PackException>(() => KernelImage.Unpack(image, "vmlinuz"));
        exception.Error.ShouldBe(PackError.BadInput);
        return exception.Message;
    }
}
