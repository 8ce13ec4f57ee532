using FsCheck;
using FsCheck.Fluent;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DdeKit.Foreign.Tests;

public sealed class ElfTests
{
    private static ElfBuilder Sample()
    {
        var elf = new ElfBuilder("sample");
        int import = elf.AddImport("kmalloc");
        int leaf = elf.AddFunction("leaf", 0xb8, 7, 0, 0, 0, 0xc3);
        int caller = elf.AddCaller("caller", leaf, import);
        elf.AddExport("caller", caller);
        ulong pointer = elf.Append(elf.Data, 0, 0, 0, 0, 0, 0, 0, 0);
        elf.AddRelocation(elf.Data, pointer, ElfBuilder.Absolute64, caller, 0);
        elf.AddSection(".bss", ElfSectionFlags.Allocate | ElfSectionFlags.Write, 64, ElfSectionType.NoBits, 100);
        elf.AddSymbol("common", ElfSymbol.CommonSection, 32, 40);
        return elf;
    }

    private static BadModuleException Refused(Action<byte[]> damage)
    {
        byte[] image = Sample().Build();
        damage(image);
        return Should.Throw<BadModuleException>(() => ElfRelocatable.Parse(image, "sample"));
    }

    private static Span<byte> Header(byte[] image, string name)
    {
        var elf = Sample().Parse();
        int table = (int)ReadUInt64LittleEndian(image.AsSpan(40));
        return image.AsSpan(table + 64 * elf.FindSection(name)!.Index, 64);
    }

    private static int Contents(byte[] image, string name) => (int)ReadUInt64LittleEndian(Header(image, name)[24..]);

    [Fact]
    public void A_sound_object_is_read()
    {
        var elf = Sample().Parse();
        elf.FindSection(".bss")!.Size.ShouldBe(100u);
        elf.FindSection(".bss")!.Contents.Length.ShouldBe(0);
        elf.Symbols.Single(symbol => symbol.IsImport).Name.ShouldBe("kmalloc");
        elf.RelocationsOf(elf.FindSection(".text")!).Length.ShouldBe(2);
        elf.FindSection(".nothing").ShouldBeNull();
    }

    [Fact]
    public void An_empty_file_is_refused() =>
        Should.Throw<BadModuleException>(() => ElfRelocatable.Parse(default, "sample")).Message.ShouldBe("sample: the file has 0 bytes, fewer than the 64 of an ELF header");

    [Fact]
    public void Another_kind_of_file_is_refused() => Refused(image => image[1] = 0x58).Message.ShouldBe("sample: no ELF file: it begins with 7f584c46");

    [Fact]
    public void A_32_bit_object_is_refused() => Refused(image => image[4] = 1).Message.ShouldContain("ELF class 1, expected 2");

    [Fact]
    public void A_big_endian_object_is_refused() => Refused(image => image[5] = 2).Message.ShouldContain("byte order 2");

    [Fact]
    public void An_object_for_another_processor_is_refused_by_name() =>
        Refused(image => image[18] = 183).Message.ShouldBe("sample: made for machine 183 (AArch64), expected 62 (x86-64)");

    [Fact]
    public void An_executable_is_refused() => Refused(image => image[16] = 2).Message.ShouldContain("ELF type 2, expected 1");

    [Fact]
    public void Section_headers_past_the_end_are_refused() =>
        Refused(image => WriteUInt64LittleEndian(image.AsSpan(40), ulong.MaxValue - 63)).Message.ShouldContain("does not fit the file");

    [Fact]
    public void A_section_past_the_end_is_refused() =>
        Refused(image => WriteUInt64LittleEndian(Header(image, ".data")[32..], 1 << 20)).Message.ShouldContain("section 2 at offset");

    [Fact]
    public void A_section_name_past_its_table_is_refused() =>
        Refused(image => WriteUInt32LittleEndian(Header(image, ".data"), 9999)).Message.ShouldContain("the name of section 2 is at 9999");

    [Fact]
    public void A_name_section_that_is_not_there_is_refused() =>
        Refused(image => WriteUInt16LittleEndian(image.AsSpan(62), 99)).Message.ShouldContain("section names in section 99");

    [Fact]
    public void A_crooked_alignment_is_refused() =>
        Refused(image => WriteUInt64LittleEndian(Header(image, ".data")[48..], 24)).Message.ShouldContain("wants alignment 24");

    [Fact]
    public void A_symbol_name_past_its_table_is_refused() =>
        Refused(image => WriteUInt32LittleEndian(image.AsSpan(Contents(image, ".symtab") + 24), 5000)).Message.ShouldContain("the name of symbol 1 is at 5000");

    [Fact]
    public void A_symbol_in_a_section_that_is_not_there_is_refused() =>
        Refused(image => WriteUInt16LittleEndian(image.AsSpan(Contents(image, ".symtab") + 48 + 6), 77)).Message.ShouldContain("symbol 2 (leaf) lies in section 77");

    [Fact]
    public void A_symbol_past_its_section_is_refused() =>
        Refused(image => WriteUInt64LittleEndian(image.AsSpan(Contents(image, ".symtab") + 48 + 8), 0x1000)).Message.ShouldContain("symbol 2 (leaf) has offset 1000");

    [Fact]
    public void A_relocation_past_its_section_is_refused() =>
        Refused(image => WriteUInt64LittleEndian(image.AsSpan(Contents(image, ".rela.text")), ulong.MaxValue)).Message.ShouldContain("changes offset ffffffffffffffff");

    [Fact]
    public void A_relocation_to_a_symbol_that_is_not_there_is_refused() =>
        Refused(image => WriteUInt32LittleEndian(image.AsSpan(Contents(image, ".rela.text") + 12), 4711)).Message.ShouldContain("names symbol 4711");

    [Fact]
    public void Relocations_of_a_section_that_is_not_there_are_refused() =>
        Refused(image => WriteUInt32LittleEndian(Header(image, ".rela.text")[44..], 123)).Message.ShouldContain("relocates section 123");

    [Fact]
    public void Relocations_without_a_symbol_table_are_refused() =>
        Refused(image => WriteUInt32LittleEndian(Header(image, ".rela.text")[40..], 1)).Message.ShouldContain("takes its symbols from section 1");

    [Fact]
    public void A_stripped_object_is_refused() =>
        Refused(image => WriteUInt32LittleEndian(Header(image, ".symtab")[4..], 1)).Message.ShouldContain("no symbol table");

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] image = Sample().Build();
        for (int length = 0; length < image.Length; length++)
            Should.Throw<BadModuleException>(() => ElfRelocatable.Parse(image.AsMemory(0, length), "sample"));
    }

    [Fact]
    public void Changed_bytes_are_loaded_or_refused_and_nothing_else()
    {
        byte[] sound = Sample().Build();
        var change = Gen.Choose(0, sound.Length - 1).Zip(Gen.Choose(0, 255));
        var changes = change.ListOf().Where(list => list.Count > 0);
        Prop.ForAll(changes.ToArbitrary(), list =>
        {
            byte[] image = [.. sound];
            foreach (var (offset, value) in list)
                image[offset] = (byte)value;
            using var memory = new LowMemory();
            try
            {
                var elf = ElfRelocatable.Parse(image, "sample");
                ImportUse.Analyze(elf).ShouldNotBeNull();
                new ModuleLoader(memory, new ForeignCpu(memory)).Load(elf, new FixedSymbols(("kmalloc", 0x5000)));
            }
            catch (Exception exception) when (exception is BadModuleException or UnresolvedImportsException)
            {
                exception.Message.ShouldStartWith("sample: ");
                exception.Message.ShouldNotContain("\n");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }
}
