using Registers;

namespace Tracing.Tests;

public sealed class FormatTests
{
    [Fact]
    public void Text_is_as_it_always_was() => Format(writer => new TraceText(writer)).ShouldBe("""
        [driver]
           0.000000000  function_1c+0x1c [module]                     card.command <- start|toMemory
           1.000000030  -                                             card interrupt -> function_100+0x100 [module]
           1.000000030  function_2c+0x2c [module]                     card.status -> ready
           1.000000030  -                                             card.{command,status} -> toMemory, ready
           1.000000030  -                                             configuration 0x54 -> 0
           1.000000030  function_2c+0x2c [module]                     card.command -> 512 bytes
           1.000000030  function_2c+0x2c [module]                     card.command <- 1024 bytes
           1.000000030  -                                             line9 interrupt was not for function_100+0x100 [module]
        [driver]
        register                reads    writes        bytes
        card.command                2         2         1539
        card.status                 2         0            1
        configuration 0x54          1         0            4
        [driver] card interrupts: 1, not handled: 0
        [driver] line9 interrupts: 0, not handled: 1
        8 lines, 0 damaged records

        """);

    [Fact]
    public void Json_lines_are_as_they_always_were() => Format(writer => new TraceJson(writer)).ShouldBe("""
        {"kind":"write","time":0,"task":"driver","function":"function_1c+0x1c [module]","register":"card.command","space":"ports","address":"0xc000","width":1,"direction":"write","value":"0x9","text":"start|toMemory"}
        {"kind":"interrupt","time":1000000030,"task":"driver","function":"function_100+0x100 [module]","register":"card","line":14}
        {"kind":"read","time":1000000030,"task":"driver","function":"function_2c+0x2c [module]","register":"card.status","space":"ports","address":"0xc001","width":1,"direction":"read","value":"0x40","text":"ready"}
        {"kind":"read","time":1000000030,"task":"driver","register":"card.{command,status}","space":"ports","address":"0xc000","width":2,"direction":"read","value":"0x4008","text":"toMemory, ready"}
        {"kind":"read","time":1000000030,"task":"driver","register":"configuration 0x54","space":"configuration","address":"0x54","width":4,"direction":"read","value":"0x0","text":"0"}
        {"kind":"readBlock","time":1000000030,"task":"driver","function":"function_2c+0x2c [module]","register":"card.command","space":"ports","address":"0xc000","width":2,"direction":"read","bytes":512}
        {"kind":"writeBlock","time":1000000030,"task":"driver","function":"function_2c+0x2c [module]","register":"card.command","space":"ports","address":"0xc000","width":2,"direction":"write","bytes":1024}
        {"kind":"unhandledInterrupt","time":1000000030,"task":"driver","function":"function_100+0x100 [module]","register":"line9","line":9}
        {"kind":"counters","lines":8,"damaged":0,"registers":[{"task":"driver","register":"card.command","reads":2,"writes":2,"bytes":1539},{"task":"driver","register":"card.status","reads":2,"writes":0,"bytes":1},{"task":"driver","register":"configuration 0x54","reads":1,"writes":0,"bytes":4}],"interrupts":[{"task":"driver","name":"card","delivered":1,"unhandled":0},{"task":"driver","name":"line9","delivered":0,"unhandled":1}]}

        """);

    [Fact]
    public void Beyond_the_limit_lines_are_counted_and_not_shown()
    {
        string[] lines = Format(writer => new TraceJson(writer, 2)).TrimEnd().Split('\n');
        lines.Length.ShouldBe(3);
        lines[2].ShouldStartWith("{\"kind\":\"counters\",\"lines\":8,");
    }

    [Fact]
    public void A_file_that_cannot_be_written_stops_no_driver_and_is_told()
    {
        var output = new TraceText(new FullDisk());
        using (var bed = new TraceBed(output))
            bed.Run(Drive);
        output.Failure!.Message.ShouldBe("no space left");
        Should.Throw<IOException>(output.ThrowIfFailed).Message.ShouldBe("the trace: no space left");
    }

    [Fact]
    public void A_trace_overwrites_nothing()
    {
        string path = Path.GetTempFileName();
        try
        {
            Should.Throw<IOException>(() => TraceFile.Open(path, TextWriter.Null, json: false)).Message.ShouldContain(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Format(Func<TextWriter, TraceOutput> make)
    {
        var text = new StringWriter();
        using (var bed = new TraceBed(make(text)))
        {
            bed.Run(writer =>
            {
                writer.Write(TraceKind.Write, 0x1c, PciSpace.Ports, TraceBed.Command, 1, 9);
                bed.Clock.Delay(1_000_000_030);
                Drive(writer);
            });
        }
        return text.ToString();
    }

    private static void Drive(TraceWriter writer)
    {
        writer.Write(TraceKind.Interrupt, 0x100, default, 14, 0, 0);
        writer.Write(TraceKind.Read, 0x2c, PciSpace.Ports, TraceBed.Status, 1, 0x40);
        writer.Write(TraceKind.Read, 0, PciSpace.Ports, TraceBed.Command, 2, 0x4008);
        writer.Write(TraceKind.Read, 0, PciSpace.Configuration, 0x54, 4, 0);
        writer.Write(TraceKind.ReadBlock, 0x2c, PciSpace.Ports, TraceBed.Command, 2, 512);
        writer.Write(TraceKind.WriteBlock, 0x2c, PciSpace.Ports, TraceBed.Command, 2, 1024);
        writer.Write(TraceKind.UnhandledInterrupt, 0x100, default, 9, 0, 0);
    }

    /// <summary>Takes nothing.</summary>
    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("no space left");
    }
}
