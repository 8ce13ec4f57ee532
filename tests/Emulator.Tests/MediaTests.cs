using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Emulator.Tests;

[SupportedOSPlatform("linux")]
public sealed partial class MediaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dde-emulator-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string NewFile(string name, int length)
    {
        string path = Path.Combine(_folder, name);
        var bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void ShouldFail(string path, bool writable, MediumError error, string text)
    {
        var exception = Should.Throw<MediumException>(() => RawImage.Open(path, writable));
        exception.Error.ShouldBe(error);
        exception.Path.ShouldBe(path);
        exception.Message.ShouldContain(path);
        exception.Message.ShouldContain(text);
        exception.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void A_missing_image_is_named() => ShouldFail(Path.Combine(_folder, "none.img"), false, MediumError.Missing, "no such file");

    [Fact]
    public void A_missing_folder_is_named() => ShouldFail(Path.Combine(_folder, "no", "none.img"), false, MediumError.Missing, "no such file");

    [Fact]
    public void An_empty_name_is_no_file() => ShouldFail("", false, MediumError.Missing, "not a file name");

    [Fact]
    public void A_directory_is_no_image() => ShouldFail(_folder, false, MediumError.Unreadable, "is a directory");

    [Fact]
    public void An_empty_image_is_refused() => ShouldFail(NewFile("empty.img", 0), false, MediumError.Empty, "0 bytes");

    [Theory]
    [InlineData(511, 511)]
    [InlineData(1000, 488)]
    public void A_size_that_is_no_multiple_of_512_is_refused(int length, int over) =>
        ShouldFail(NewFile("odd.img", length), false, MediumError.PartialSector, $"{length} bytes is not a multiple of 512 ({over} over)");

    [Fact]
    public void A_character_device_is_no_image() => ShouldFail("/dev/null", false, MediumError.Empty, "0 bytes");

    [Fact]
    public void A_pipe_that_nobody_writes_to_is_refused_at_once()
    {
        string path = Path.Combine(_folder, "pipe");
        MakePipe(path, 0x180).ShouldBe(0);
        ShouldFail(path, false, MediumError.Empty, "no regular file");
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, path);
        ShouldFail(link, false, MediumError.Empty, "no regular file");
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);

    [FactWithoutRoot]
    public void An_image_without_permission_is_refused()
    {
        string path = NewFile("secret.img", 512);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        ShouldFail(path, true, MediumError.Unreadable, "no permission to read and write");
        File.SetUnixFileMode(path, UnixFileMode.None);
        ShouldFail(path, false, MediumError.Unreadable, "no permission to read");
    }

    [Fact]
    public void A_writer_holds_the_image_alone()
    {
        string path = NewFile("disk.img", 1024);
        using (RawImage.Open(path, writable: false))
        {
            RawImage.Open(path, writable: false).Dispose();
            ShouldFail(path, true, MediumError.Busy, "in use");
        }

        using (RawImage.Open(path, writable: true))
            ShouldFail(path, false, MediumError.Busy, "in use");
    }

    [Fact]
    public void A_read_only_image_refuses_writes_below_the_disk_too()
    {
        string path = NewFile("disk.img", 1024);
        byte[] before = File.ReadAllBytes(path);
        using (var image = RawImage.Open(path, writable: false))
        {
            image.IsReadOnly.ShouldBeTrue();
            image.Write(0, new byte[512]).ShouldNotBeNull();
            image.Flush().ShouldBeNull();
        }

        File.ReadAllBytes(path).ShouldBe(before);
    }

    [Fact]
    public void A_writable_image_keeps_what_is_written()
    {
        string path = NewFile("disk.img", 2048);
        using (var image = RawImage.Open(path, writable: true))
        {
            image.Length.ShouldBe(2048);
            image.Write(512, Enumerable.Repeat((byte)7, 512).ToArray()).ShouldBeNull();
            image.Flush().ShouldBeNull();
            var back = new byte[1024];
            image.Read(256, back).ShouldBeNull();
            back.AsSpan(256, 512).ToArray().ShouldAllBe(b => b == 7);
        }

        File.ReadAllBytes(path).Length.ShouldBe(2048);
    }

    [Fact]
    public void An_image_that_became_shorter_faults_where_it_ends()
    {
        string path = NewFile("disk.img", 2048);
        using var image = RawImage.Open(path, writable: false);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            other.SetLength(1024);
        image.Read(512, new byte[1024]).ShouldBe(new MediumFault(1024, "the image file became shorter"));
    }

    [Fact]
    public void A_closed_image_faults()
    {
        var image = RawImage.Open(NewFile("disk.img", 512), writable: true);
        image.Dispose();
        image.Read(0, new byte[512]).ShouldNotBeNull();
        image.Write(0, new byte[512]).ShouldNotBeNull();
        image.Flush().ShouldNotBeNull();
    }

    [Fact]
    public void The_serial_number_follows_the_path()
    {
        string path = NewFile("a.img", 512);
        using var first = RawImage.Open(path, writable: false);
        using var second = RawImage.Open(Path.Combine(_folder, ".", "a.img"), writable: false);
        using var other = RawImage.Open(NewFile("b.img", 512), writable: false);
        first.Serial.ShouldBe(second.Serial);
        first.Serial.ShouldNotBe(other.Serial);
        first.Serial.ShouldMatch("^DDE[0-9A-F]{12}$");
    }

    [Fact]
    public void Images_become_disks_in_order_and_are_closed_with_the_machine()
    {
        string[] paths = [NewFile("a.img", 512), NewFile("b.img", 1024), NewFile("c.img", 1536)];
        MachineDescription description = MachineDescription.WithImages(paths, writable: true);
        IdeControllerDescription ide = description.Ide;
        new[] { ide.PrimaryMaster, ide.PrimarySlave, ide.SecondaryMaster }.Select(d => d!.Medium.Length).ShouldBe([512L, 1024, 1536]);
        ide.SecondarySlave.ShouldBeNull();
        using (new TestMachine(description))
            ShouldFail(paths[0], false, MediumError.Busy, "in use");
        RawImage.Open(paths[0], writable: true).Dispose();
    }

    [Fact]
    public void When_one_image_is_bad_none_stays_open()
    {
        string path = NewFile("a.img", 512);
        Should.Throw<MediumException>(() => MachineDescription.WithImages([path, NewFile("b.img", 100)], writable: true));
        RawImage.Open(path, writable: true).Dispose();
    }

    [Fact]
    public void Five_disks_are_refused()
    {
        var disks = Enumerable.Range(0, 5).Select(i => new DiskDescription(new MemoryMedium(1), $"DISK{i}")).ToArray();
        Should.Throw<MachineDescriptionException>(() => MachineDescription.WithDisks(disks)).Message.ShouldStartWith("5 disks: ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("123456789012345678901")]
    [InlineData("tab\tinside")]
    [InlineData("é")]
    public void A_serial_number_that_does_not_fit_is_refused(string serial) =>
        Should.Throw<MachineDescriptionException>(() => new DiskDescription(new MemoryMedium(1), serial)).Message.ShouldContain("1 to 20");

    [Fact]
    public void A_slow_medium_waits_before_each_access()
    {
        int waits = 0;
        var medium = new MemoryMedium(64);
        using (var test = TestMachine.With(new DelayingMedium(medium, () => waits++)))
        {
            test.Primary.Command28(0x20, 0, 2);
            test.Primary.ReadData(1024).ShouldBe(medium.Sectors(0, 2).ToArray());
            test.Primary.Command(0xe7);
        }

        waits.ShouldBe(3);
        medium.Disposed.ShouldBeTrue();
    }

    [Fact]
    public void A_disk_over_an_image_moves_data_by_dma()
    {
        string path = NewFile("disk.img", 64 * 512);
        byte[] before = File.ReadAllBytes(path);
        using (var test = new TestMachine(MachineDescription.WithImages([path], writable: true)))
        {
            test.Primary.DescriptorTable((IdeGuest.Buffer, 4096));
            test.Primary.Dma28(0xc8, 8, 8, toMemory: true);
            test.Primary.ShouldEndDma(toMemory: true);
            test.Memory.At(IdeGuest.Buffer, 4096).ToArray().ShouldBe(before[4096..8192]);
            test.Primary.Dma28(0xca, 40, 8, toMemory: false);
            test.Primary.ShouldEndDma(toMemory: false);
        }

        before.AsSpan(4096, 4096).CopyTo(before.AsSpan(40 * 512));
        File.ReadAllBytes(path).ShouldBe(before);
    }

    /// <summary>Root reads everything, so permissions cannot be tested as root.</summary>
    private sealed class FactWithoutRootAttribute : FactAttribute
    {
        public FactWithoutRootAttribute()
        {
            if (Environment.UserName == "root")
                Skip = "root may open every file";
        }
    }
}
