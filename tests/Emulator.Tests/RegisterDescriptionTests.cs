using System.Numerics;
using SystemRdl;

namespace Emulator.Tests;

/// <summary>The register descriptions and the models' constants say the same.</summary>
public sealed class RegisterDescriptionTests
{
    private static readonly Block s_piix = Compile("Piix3/piix3-ide.rdl");
    private static readonly Block s_ata = Compile("Ata/ata.rdl");

    [Fact]
    public void Every_byte_of_configuration_space_is_described_as_it_is_modelled()
    {
        var modelled = new ByteMasks();
        foreach (ConfigurationRegister register in IdeRegisters.All)
        {
            BigInteger all = (BigInteger.One << 8 * register.Width) - 1;
            modelled.Add(register.Offset, register.Width, register.Reset, register.Writable, register.ClearByOne, all & ~register.Reserved);
        }

        var described = new ByteMasks();
        foreach (Register register in ((Block)Find(s_piix, "configuration")).Registers)
        {
            for (int i = 0; i < register.Count; i++)
            {
                described.Add(
                    (int)(register.Offset + register.Stride * (ulong)i), register.Width / 8, register.Reset,
                    MaskOf(register.Fields.Where(f => f.SoftwareAccess == Access.ReadWrite && f.OnWrite == WriteEffect.None)),
                    MaskOf(register.Fields.Where(f => f.OnWrite == WriteEffect.OneClears)),
                    MaskOf(register.Fields));
            }
        }

        for (int offset = 0; offset < PciRegister.SpaceSize; offset++)
            described[offset].ShouldBe(modelled[offset], $"configuration offset 0x{offset:x2}");
    }

    [Theory]
    [InlineData("primary")]
    [InlineData("secondary")]
    public void Bus_master_registers_have_the_models_offsets_and_bits(string channel)
    {
        Register command = RegisterOf(s_piix, $"{channel}.busMaster.command");
        command.Offset.ShouldBe((ulong)BusMasterRegister.Command);
        ShouldHaveBits(command, ("start", BusMasterCommand.Start), ("toMemory", BusMasterCommand.WriteMemory));
        MaskOf(command.Fields).ShouldBe(0xff & ~BusMasterCommand.Reserved);

        Register status = RegisterOf(s_piix, $"{channel}.busMaster.status");
        status.Offset.ShouldBe((ulong)BusMasterRegister.Status);
        ShouldHaveBits(status, ("active", BusMasterStatus.Active), ("error", BusMasterStatus.Error), ("interrupt", BusMasterStatus.Interrupt));
        MaskOf(status.Fields.Where(f => f.Name.EndsWith("Capable", StringComparison.Ordinal))).ShouldBe(BusMasterStatus.DrivesCapable);
        MaskOf(status.Fields).ShouldBe(0xff & ~BusMasterStatus.Reserved);

        Register table = RegisterOf(s_piix, $"{channel}.busMaster.descriptorTable");
        table.Offset.ShouldBe((ulong)BusMasterRegister.DescriptorTable);
        table.WritableMask.ShouldBe(BusMasterRegister.DescriptorTableMask);
    }

    [Fact]
    public void Command_block_has_the_models_offsets()
    {
        var block = (Block)Find(s_ata, "taskfile");
        block.Size.ShouldBe((ulong)AtaRegister.Count);
        block.Registers.Select(r => (r.Name, (int)r.Offset)).ShouldBe(
        [
            ("data", AtaRegister.Data),
            ("error", AtaRegister.ErrorOrFeatures),
            ("features", AtaRegister.ErrorOrFeatures),
            ("sectorCount", AtaRegister.SectorCount),
            ("lbaLow", AtaRegister.LbaLow),
            ("lbaMid", AtaRegister.LbaMid),
            ("lbaHigh", AtaRegister.LbaHigh),
            ("device", AtaRegister.Device),
            ("status", AtaRegister.StatusOrCommand),
            ("command", AtaRegister.StatusOrCommand),
        ]);
    }

    [Fact]
    public void Task_file_bits_are_the_models()
    {
        foreach (string path in new[] { "taskfile.status", "control.alternateStatus" })
        {
            ShouldHaveBits(
                RegisterOf(s_ata, path),
                ("error", AtaStatus.Error), ("dataRequest", AtaStatus.DataRequest), ("seekComplete", AtaStatus.SeekComplete),
                ("deviceFault", AtaStatus.DeviceFault), ("ready", AtaStatus.Ready), ("busy", AtaStatus.Busy));
        }

        Register error = RegisterOf(s_ata, "taskfile.error");
        ShouldHaveBits(error, ("aborted", AtaError.Aborted), ("idNotFound", AtaError.IdNotFound), ("uncorrectable", AtaError.Uncorrectable));
        error.Reset.ShouldBe(AtaError.DiagnosticsPassed);
        ShouldHaveBits(
            RegisterOf(s_ata, "taskfile.device"),
            ("address", AtaDevice.AddressMask), ("device1", AtaDevice.SelectDevice1), ("lba", AtaDevice.Lba));

        Register control = RegisterOf(s_ata, "control.deviceControl");
        ShouldHaveBits(
            control,
            ("interruptDisable", AtaDeviceControl.InterruptDisable), ("softwareReset", AtaDeviceControl.SoftwareReset),
            ("highOrderByte", AtaDeviceControl.HighOrderByte));
        // Bit 0 is among the model's reserved ones: it is always written as zero.
        MaskOf(control.Fields).ShouldBe(0xff & ~AtaDeviceControl.Reserved);
    }

    private static Block Compile(string path)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Descriptions", path);
        Compilation compilation = Compiler.Compile(new SourceText(file, File.ReadAllText(file)), Include);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return compilation.Top!;
    }

    private static SourceText? Include(string name, string includingPath)
    {
        string path = Path.Combine(Path.GetDirectoryName(includingPath)!, name);
        return new SourceText(path, File.ReadAllText(path));
    }

    private static AddressableComponent Find(Block block, string path) =>
        path.Split('.').Aggregate((AddressableComponent)block, (holder, name) => ((Block)holder).Children.Single(c => c.Name == name));

    private static Register RegisterOf(Block block, string path) => (Register)Find(block, path);

    private static BigInteger MaskOf(IEnumerable<Field> fields) => fields.Aggregate(BigInteger.Zero, (mask, f) => mask | f.Mask);

    private static void ShouldHaveBits(Register register, params ReadOnlySpan<(string Name, int Mask)> bits)
    {
        foreach ((string name, int mask) in bits)
            register.Fields.Single(f => f.Name == name).Mask.ShouldBe(mask, $"{register.Path}.{name}");
    }

    /// <summary>What each byte of configuration space keeps, clears and holds at reset, and which bits have a meaning.</summary>
    private sealed class ByteMasks
    {
        private readonly (int Reset, int Writable, int ClearByOne, int Meant)[] _bytes = new (int, int, int, int)[PciRegister.SpaceSize];

        public (int Reset, int Writable, int ClearByOne, int Meant) this[int offset] => _bytes[offset];

        public void Add(int offset, int width, BigInteger reset, BigInteger writable, BigInteger clearByOne, BigInteger meant)
        {
            for (int i = 0; i < width; i++)
                _bytes[offset + i] = (ByteOf(reset, i), ByteOf(writable, i), ByteOf(clearByOne, i), ByteOf(meant, i));
        }

        private static int ByteOf(BigInteger value, int index) => (int)(value >> 8 * index & 0xff);
    }
}
