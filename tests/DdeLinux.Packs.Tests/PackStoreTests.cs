namespace DdeLinux.Packs.Tests;

public sealed class PackStoreTests : IDisposable
{
    private readonly TemporaryStore _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Empty_store_says_how_to_fill_it()
    {
        _temporary.Store.Enumerate().ShouldBeEmpty();
        var exception = Should.Throw<PackException>(() => _temporary.Store.Select());
        exception.Error.ShouldBe(PackError.MissingPrerequisite);
        exception.Message.ShouldContain("dde kernel fetch");
    }

    [Fact]
    public void Newest_release_comes_first()
    {
        foreach (var release in new[] { "6.9.1-amd64", "6.12.0-amd64", "6.1.0-10-amd64", "6.1.0-9-amd64" })
            Import(release);
        _temporary.Store.Enumerate().Select(pack => pack.Release).ShouldBe(["6.12.0-amd64", "6.9.1-amd64", "6.1.0-10-amd64", "6.1.0-9-amd64"]);
        _temporary.Store.Select().Release.ShouldBe("6.12.0-amd64");
        _temporary.Store.Select("6.9.1-amd64").Release.ShouldBe("6.9.1-amd64");
        Should.Throw<PackException>(() => _temporary.Store.Select("7")).Message.ShouldContain("no kernel pack 7");
    }

    [Fact]
    public void Missing_module_names_the_kernel()
    {
        var exception = Should.Throw<PackException>(() => Import("1").FindModule("e1000"));
        exception.Error.ShouldBe(PackError.NotFound);
        exception.Message.ShouldBe("kernel 1 has no module e1000 (it has 2)");
    }

    [Fact]
    public void Module_in_updates_hides_the_one_in_kernel()
    {
        var file = _temporary.Write("x.deb", KernelBuilder.Package("1", ("./lib/modules/1/updates/libata.ko", KernelBuilder.Vmlinux())));
        _temporary.Importer.ImportPackage(file).FindModule("libata").Path.ShouldContain("/updates/");
    }

    [Fact]
    public void Pack_without_types_is_named()
    {
        var pack = Import("1");
        File.Delete(Path.Combine(pack.Folder, "btf/vmlinux"));
        Should.Throw<PackException>(() => KernelPack.Open(pack.Folder).Types).Message.ShouldContain("no type information (btf/vmlinux is missing)");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    public void Damaged_description_is_named(string text)
    {
        var pack = Import("1");
        File.WriteAllText(Path.Combine(pack.Folder, "pack.json"), text);
        var exception = Should.Throw<PackException>(() => _temporary.Store.Enumerate());
        exception.Error.ShouldBe(PackError.BadInput);
        exception.Message.ShouldContain("pack.json: ");
        exception.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Folder_of_a_running_system_becomes_a_pack()
    {
        var types = _temporary.Write("btf", KernelBuilder.Types);
        var module = _temporary.Write("modules/kernel/a.ko.gz", KernelBuilder.Gzip(KernelBuilder.Vmlinux()));
        _temporary.Write("modules/modules.dep", [1]);
        var pack = _temporary.Importer.ImportFolder("9.9", Path.GetDirectoryName(Path.GetDirectoryName(module))!, types);
        pack.FindModule("a").Read().ShouldBe(KernelBuilder.Vmlinux());
        pack.Description.PackageFile.ShouldBeNull();
        pack.Types.Name.ShouldBe("vmlinux 9.9");
    }

    [Fact]
    public void Running_system_without_types_or_modules_is_named()
    {
        var folder = Path.GetDirectoryName(_temporary.Write("empty/x", []))!;
        Should.Throw<PackException>(() => _temporary.Importer.ImportFolder("9.9", folder, "/nowhere/btf")).Error.ShouldBe(PackError.MissingPrerequisite);
        var types = _temporary.Write("btf", KernelBuilder.Types);
        Should.Throw<PackException>(() => _temporary.Importer.ImportFolder("9.9", folder, types)).Message.ShouldContain("0 files *.ko");
    }

    [Fact]
    public void Leftovers_of_a_process_that_died_are_cleared_away()
    {
        Directory.CreateDirectory(Path.Combine(_temporary.Store.Folder, ".new-dead/modules"));
        Directory.CreateDirectory(Path.Combine(_temporary.Store.Folder, ".download-dead"));
        Import("1");
        _temporary.Entries().ShouldBe(["1"]);
    }

    [Fact]
    public void Second_importer_waits_for_the_first_and_finds_its_pack()
    {
        var file = _temporary.Write("x.deb", KernelBuilder.Package());
        using var waiting = new ManualResetEventSlim();
        KernelPack? second = null;
        var thread = new Thread(() => second = new PackImporter(_temporary.Store, new Signal("waiting for another process", waiting)).ImportPackage(file));
        string made;
        using (new StoreLock(_temporary.Store, null))
        {
            thread.Start();
            waiting.Wait();
            made = _temporary.Importer.ImportPackage(file, PackImporter.HashOf(file)).Folder;
            File.WriteAllText(Path.Combine(made, "mark"), "");
        }
        thread.Join();
        second.ShouldNotBeNull().Folder.ShouldBe(made);
        File.Exists(Path.Combine(made, "mark")).ShouldBeTrue();
    }

    [Fact]
    public void Cache_that_cannot_be_written_is_named()
    {
        var store = new KernelPackStore(Path.Combine(_temporary.Write("file", []), "kernels"));
        var file = _temporary.Write("x.deb", KernelBuilder.Package());
        var exception = Should.Throw<PackException>(() => new PackImporter(store, null).ImportPackage(file));
        exception.Error.ShouldBe(PackError.CacheNotWritable);
        exception.Message.ShouldStartWith(store.Folder);
    }

    [Fact]
    public void Full_disk_is_named_with_both_numbers()
    {
        Directory.CreateDirectory(_temporary.Store.Folder);
        var exception = Should.Throw<PackException>(() => CacheErrors.RequireSpace(_temporary.Store, long.MaxValue));
        exception.Error.ShouldBe(PackError.CacheNotWritable);
        exception.Message.ShouldMatch("^/.*: 8796093022207 MiB are needed, [0-9]+ MiB are free$");
    }

    private KernelPack Import(string release) => _temporary.Importer.ImportPackage(_temporary.Write($"{release}.deb", KernelBuilder.Package(release)));

    private sealed class Signal(string stage, ManualResetEventSlim seen) : IProgress<PackProgress>
    {
        public void Report(PackProgress value)
        {
            if (value.Stage.StartsWith(stage, StringComparison.Ordinal))
                seen.Set();
        }
    }
}
