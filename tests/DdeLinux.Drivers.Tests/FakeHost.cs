namespace DdeLinux.Drivers.Tests;

/// <summary>A host adapter's driver in C#: the mid-layer calls it through the same pointers as a module.</summary>
internal sealed class FakeHost
{
    private const int DeviceBusy = 0x1056;

    private readonly DriverDomain _domain;

    internal FakeHost(DriverDomain domain, int queueDepth = 4)
    {
        _domain = domain;
        var kernel = domain.Kernel;
        var template = new ScsiHostTemplate(domain.Allocate(ScsiHostTemplate.Size))
        {
            name = kernel.Memory.CheckString(kernel.CopyString("fake")),
            can_queue = queueDepth,
            cmd_per_lun = (short)queueDepth,
            sg_tablesize = 8,
            max_sectors = 256,
            queuecommand = domain.Function((_, command, _) => Queue(new ScsiCommand(command))),
        };
        Host = kernel.ScsiHosts.scsi_host_alloc(template, 0);
        Host.IsNull.ShouldBeFalse();
        var host = Host;
        host.transportt = new ScsiTransportTemplate(domain.Allocate(ScsiTransportTemplate.Size))
        {
            eh_strategy_handler = domain.Function((_, _, _) =>
            {
                HandleErrors();
                return 0;
            }),
        };
        kernel.ScsiHosts.scsi_add_host_with_dma(Host, kernel.PciBusCore.Device.IsNull ? MakeParent() : kernel.PciBusCore.Device.dev, default).ShouldBe(0);
    }

    internal ScsiHost Host { get; }

    /// <summary>Commands that the driver has and did not end, in order.</summary>
    internal List<ScsiCommand> Held { get; } = [];

    /// <summary>How many commands in a row to refuse.</summary>
    internal int Refuse { get; set; }

    /// <summary>What READ and WRITE do; null holds them.</summary>
    internal Action<ScsiCommand>? OnTransfer { get; set; }

    internal int Queued { get; private set; }

    internal int ErrorRuns { get; private set; }

    /// <summary>What the error handler does with a command.</summary>
    internal Action<ScsiCommand>? OnError { get; set; }

    internal LinuxDisk AddDisk()
    {
        nint device = _domain.Kernel.ScsiDevices.__scsi_add_device(Host, 0, 0, 0, 0);
        device.ShouldBeGreaterThan((nint)0);
        _domain.Kernel.ScsiDevices.scsi_device_put(new ScsiDevice(device));
        return (LinuxDisk)_domain.Kernel.Disks[^1];
    }

    internal void Done(ScsiCommand command, int result)
    {
        command.result = result;
        _domain.Kernel.ScsiHosts.scsi_done(command);
    }

    internal void Fail(ScsiCommand command, byte key, byte code)
    {
        _domain.Kernel.ScsiSense.scsi_build_sense(command, 0, key, code, 0);
        _domain.Kernel.ScsiHosts.scsi_done(command);
    }

    private Device MakeParent()
    {
        var device = new Device(_domain.Allocate(Device.Size));
        _domain.Kernel.DriverCore.device_initialize(device);
        _domain.Kernel.DriverCore.SetName(device, "fake");
        return device;
    }

    private nint Queue(ScsiCommand command)
    {
        if (Refuse > 0)
        {
            Refuse--;
            return DeviceBusy;
        }
        var block = _domain.Kernel.Memory.Span<byte>(command.cmnd, 16);
        switch (block[0])
        {
            case ScsiOpcode.Inquiry when block[1] == 0:
                Answer(command, [0, 0, 5, 2, 31, 0, 0, 0, .. "FAKE    MODEL           1   "u8]);
                break;
            case ScsiOpcode.ReadCapacity10:
                Answer(command, [0, 0, 0x0f, 0xff, 0, 0, 2, 0]);
                break;
            case ScsiOpcode.ModeSense6:
                Answer(command, [23, 0, 0, 0, 8, 18, 4]);
                break;
            case ScsiOpcode.Read10 or ScsiOpcode.Write10 or ScsiOpcode.SynchronizeCache10:
                Queued++;
                Held.Add(command);
                OnTransfer?.Invoke(command);
                break;
            default:
                Fail(command, SenseData.KeyIllegalRequest, 0x20);
                break;
        }
        return 0;
    }

    private void Answer(ScsiCommand command, ReadOnlySpan<byte> bytes)
    {
        nint address = _domain.Kernel.ScatterLists.AddressOf(command.sgl);
        bytes.CopyTo(_domain.Kernel.Memory.Span<byte>(address, (int)command.length));
        Done(command, 0);
    }

    private void HandleErrors()
    {
        ErrorRuns++;
        var done = new ListHead(_domain.Allocate(ListHead.Size));
        done.Initialize();
        int offset = KernelTypes.Current.AddressOffset("scsi_cmnd", "eh_entry");
        while (!Host.eh_cmd_q.IsEmpty)
        {
            var command = new ScsiCommand(Host.eh_cmd_q.next.Address - offset);
            OnError?.Invoke(command);
            _domain.Kernel.ScsiHosts.scsi_eh_finish_cmd(command, done);
        }
        var host = Host;
        host.host_eh_scheduled = 0;
        _domain.Kernel.ScsiHosts.scsi_eh_flush_done_q(done);
    }
}
