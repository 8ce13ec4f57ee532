using L4;

namespace DdeKit.Foreign;

/// <summary>
/// The trap handler of a driver's domain: carries out device accesses, lets code go on after a WARN, and turns everything else into an
/// oops. Used by the holder of the domain's baton.
/// </summary>
public sealed class DriverTrapHandler : ITrapHandler, IDisposable
{
    private const string EventSource = "foreign";

    // Exception numbers: Intel SDM volume 3, table 6-1.
    private const ulong DivideError = 0;
    private const ulong Breakpoint = 3;
    private const ulong InvalidOpcode = 6;
    private const ulong StackFault = 12;
    private const ulong GeneralProtection = 13;
    private const ulong PageFault = 14;

    // Bits of a page fault's error code: Intel SDM volume 3, figure 4-12.
    private const ulong ErrorWrite = 2;
    private const ulong ErrorFetch = 16;

    private readonly ForeignImage _image;
    private readonly EventLog _events;
    private readonly InstructionReader _reader = new();
    private readonly IDeviceAccess _device;
    private readonly DeviceWindows _windows;
    private readonly DeviceEmulation _devices;

    /// <param name="device">Where device accesses go.</param>
    /// <param name="windows">The addresses that stand for device memory.</param>
    /// <param name="image">Names addresses.</param>
    /// <param name="events">Gets warnings and instructions that cannot be carried out.</param>
    public DriverTrapHandler(IDeviceAccess device, DeviceWindows windows, ForeignImage image, EventLog events)
    {
        _device = device;
        _windows = windows;
        _image = image;
        _events = events;
        _devices = new DeviceEmulation(device, windows);
    }

    /// <summary>Device accesses that trapped.</summary>
    public long DeviceTraps { get; private set; }

    /// <summary>What replaces instructions that trapped; null when each access traps.</summary>
    public SitePatcher? Patcher { get; private set; }

    /// <summary>A fault that waits in the code for the processor to come by; null for none. The one before, if it has not struck, does no more.</summary>
    public CodeFault? Fault
    {
        get;
        set
        {
            field?.Disarm();
            field = value;
        }
    }

    /// <summary>From now on, instructions that access the device trap once and are patched then. What taps register accesses and
    /// wants to know the code that makes them leaves this off.</summary>
    /// <param name="cpu">The domain's.</param>
    public void EnablePatching(ForeignCpu cpu) =>
        cpu.Patcher = _image.Patcher = Patcher = new SitePatcher(_windows.Memory, _image, _events, _device, _windows, _devices);

    /// <inheritdoc/>
    public void Dispose() => Patcher?.Dispose();

    /// <inheritdoc/>
    public TrapOutcome Handle(ForeignCpu cpu, ref RegisterFrame frame)
    {
        string kind;
        switch (frame.ExceptionNumber)
        {
            case PageFault when (frame.ErrorCode & ErrorFetch) != 0:
                kind = "jump to where no code is";
                break;
            case PageFault or GeneralProtection:
                cpu.Caller = (nint)frame.Rip;
                if (Fault is { } fault && fault.Visit(frame.Rip))
                    return TrapOutcome.Resume;
                if (!TryEmulate(ref frame, out kind))
                    break;
                return TrapOutcome.Resume;
            case InvalidOpcode:
                if (!TryWarn(ref frame, out kind))
                    break;
                return TrapOutcome.Resume;
            case DivideError:
                kind = "divide error";
                break;
            case StackFault:
                kind = "stack fault: rsp or rbp holds no address";
                break;
            case Breakpoint:
                kind = "breakpoint: padding was run into";
                break;
            default:
                kind = $"exception {frame.ExceptionNumber}";
                break;
        }
        cpu.Abort(new OopsException(OopsReport.Take(kind, cpu, _image, in frame)));
        return TrapOutcome.Abort;
    }

    private bool TryEmulate(ref RegisterFrame frame, out string kind)
    {
        kind = frame.ExceptionNumber == GeneralProtection ? "general protection fault"
            : (frame.ErrorCode & ErrorWrite) != 0 ? "page fault (write)" : "page fault (read)";
        if (!_reader.TryRead(frame.Rip, out var instruction))
            return false;
        ulong place = frame.Rip;
        switch (_devices.Emulate(ref frame, in instruction))
        {
            case EmulationResult.Done:
                DeviceTraps++;
                if (Patcher is { } patcher)
                {
                    patcher.Visit(place);
                    frame.Rip = patcher.Resume(frame.Rip);
                }
                return true;
            case EmulationResult.Unsupported:
                kind = $"device access by an instruction that is not emulated: {instruction}";
                _events.Report(EventSource, "unsupported-instruction", $"{kind} at {_image.Describe((nint)frame.Rip)}, address 0x{frame.FaultAddress:x}");
                return false;
            case EmulationResult.BadMemory:
                kind = $"string instruction on memory that is not there: {instruction}, rcx 0x{frame.Rcx:x}";
                return false;
            default:
                return false;
        }
    }

    private bool TryWarn(ref RegisterFrame frame, out string kind)
    {
        kind = "invalid opcode";
        if (_image.FindCode(frame.Rip) is not { } module || !BugTable.TryTake(module, frame.Rip, out var entry))
            return false;
        kind = $"BUG at {entry.Place}";
        if (!entry.IsWarning)
            return false;
        if (!entry.IsRepeated)
            _events.Report(EventSource, "warning", $"WARNING at {entry.Place}, {_image.Describe((nint)frame.Rip)}");
        frame.Rip += BugTable.InstructionSize;
        return true;
    }
}
