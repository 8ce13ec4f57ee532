using DdeKit;
using DdeKit.Foreign;

namespace DdeLinux.Drivers.Tests;

/// <summary>libata with parameters, and so on roads that it does not take by itself.</summary>
public sealed class ParameterTests
{
    [KernelFact]
    public void Without_dma_the_driver_moves_every_word_itself() => WithParameter("dma", "0", (domain, disk) =>
    {
        const int Sectors = 40;
        ulong area = domain.AllocateBuffer((Sectors + 1) * 512);
        domain.Execute(disk, DiskOperation.Read, 9, Sectors, area + 512).ShouldBe(DiskStatus.Ok);
        domain.Kernel.Calls.Recent().ShouldContain(call => call.StartsWith("ioread32_rep(", StringComparison.Ordinal) || call.StartsWith("ioread16_rep(", StringComparison.Ordinal));
        for (int number = 0; number < Sectors; number++)
            domain.At(area + 512 + (ulong)(number * 512), 512).SequenceEqual(MemoryMedium.Pattern(9 + number)).ShouldBeTrue($"sector {9 + number}");
        new Random(2).NextBytes(domain.At(area, Sectors * 512));
        domain.Execute(disk, DiskOperation.Write, 100, Sectors, area).ShouldBe(DiskStatus.Ok);
        byte[] written = domain.At(area, Sectors * 512).ToArray();
        domain.At(area, Sectors * 512).Clear();
        domain.Execute(disk, DiskOperation.Read, 100, Sectors, area).ShouldBe(DiskStatus.Ok);
        domain.At(area, Sectors * 512).SequenceEqual(written).ShouldBeTrue();
    });

    [KernelFact]
    public void Forced_transfer_mode_is_taken() => WithParameter("force", "1.00:mwdma1", (domain, disk) =>
    {
        domain.Report().ShouldContain("ata1.00: FORCE: xfer_mask set to mwdma1");
        domain.Execute(disk, DiskOperation.Read, 0, 1, domain.AllocateBuffer(512)).ShouldBe(DiskStatus.Ok);
    });

    [KernelFact]
    public void Wrong_parameter_refuses_the_module()
    {
        Refusal("dma", "some").ShouldContain("parameter dma does not take the value 'some' (error -22)");
        Refusal("speed", "1").ShouldContain("it has no parameter 'speed'");
    }

    private static string Refusal(string name, string value) =>
        Should.Throw<BadModuleException>(() => WithParameter(name, value, (_, _) => { })).Message;

    private static void WithParameter(string name, string value, Action<DriverDomain, LinuxDisk> body) =>
        DriverDomain.RunWithDisk(new MemoryMedium(1024), body, new Dictionary<string, string> { [name] = value });
}
