using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>Attaches handlers to interrupt lines and detaches them. Belongs to the holder of the baton.</summary>
public sealed class InterruptController
{
    /// <summary>A line whose interrupts nobody handles this many times in a row is shut off and reported.</summary>
    public const int UnhandledLimit = 1000;

    /// <summary>A line that stays high through this many interrupts, though they are handled, is shut off and reported.</summary>
    public const int StuckLimit = 100_000;

    /// <summary>After this many interrupts back to back the rest of the domain gets a turn, however busy the device.</summary>
    public const int RowLimit = 1000;

    /// <summary>The event that tells of a line that was shut off.</summary>
    public const string StormEvent = "interrupt-storm";

    private readonly VirtualCpu _cpu;
    private readonly IPciFunction _function;
    private readonly Dictionary<uint, Line> _lines = [];

    internal InterruptController(VirtualCpu cpu, IPciFunction function)
    {
        _cpu = cpu;
        _function = function;
    }

    private sealed class Line
    {
        public Capability Capability { get; set; }
        public Interrupt Interrupt { get; set; } = null!;
        public List<InterruptHandler> Handlers { get; } = [];
        public ulong Bit { get; set; }
        public int Unhandled { get; set; }

        /// <summary>How often it has interrupted since it was low.</summary>
        public int SinceLow { get; set; }
        public long Rises { get; set; }

        /// <summary>The row in which it interrupted last, and how often in that.</summary>
        public long Row { get; set; }
        public int InRow { get; set; }

        /// <summary>How often it was disabled more than enabled.</summary>
        public int DisableDepth { get; set; }

        /// <summary>Whether an interrupt came while it was disabled; the line is quiet until it is acknowledged.</summary>
        public bool IsHeld { get; set; }
    }

    /// <summary>Interrupts delivered to handlers so far.</summary>
    public long Delivered { get; private set; }

    /// <summary>Serves a device; true when the interrupt was the device's. Runs with interrupts off and must not block.</summary>
    public delegate bool InterruptHandler();

    /// <summary>Adds a handler to a line; the first one claims the line.</summary>
    /// <exception cref="ServiceException">The line is not the device's, or another has it.</exception>
    public void Attach(uint number, InterruptHandler handler)
    {
        if (!_lines.TryGetValue(number, out var line))
        {
            line = new Line();
            line.Bit = _cpu.AddEvent(() => Deliver(number, line), interrupt: true);
            line.Handlers.Add(handler);
            // The line may be high: from here on it is delivered.
            try
            {
                line.Capability = _function.RequestInterrupt(number, _cpu.EventsCapability, line.Bit);
            }
            catch (ServiceException)
            {
                _cpu.RemoveEvent(line.Bit);
                throw;
            }
            line.Interrupt = _cpu.Task.Open<Interrupt>(line.Capability);
            _lines.Add(number, line);
            return;
        }
        line.Handlers.Add(handler);
    }

    /// <summary>Removes a handler; it is not running and will not run again when this returns. The last one gives the line back.</summary>
    public void Detach(uint number, InterruptHandler handler)
    {
        if (!_lines.TryGetValue(number, out var line) || !line.Handlers.Remove(handler))
            throw new ServiceException(ServiceError.NotFound, $"no such handler is attached to interrupt line {number}");
        if (line.Handlers.Count > 0)
            return;
        line.Interrupt.Disconnect();
        _cpu.RemoveEvent(line.Bit);
        _lines.Remove(number);
        _function.ReleaseInterrupt(number);
        _cpu.Task.Release(line.Capability);
    }

    /// <summary>Keeps a line's interrupts back until <see cref="Enable"/> was called as often.</summary>
    /// <exception cref="ServiceException">No handler is attached to it.</exception>
    public void Disable(uint number) => Find(number).DisableDepth++;

    /// <summary>Lets a line's interrupts through again; false when it was not disabled.</summary>
    /// <exception cref="ServiceException">No handler is attached to it.</exception>
    public bool Enable(uint number)
    {
        var line = Find(number);
        if (line.DisableDepth == 0)
            return false;
        if (--line.DisableDepth == 0 && line.IsHeld)
        {
            line.IsHeld = false;
            // A level that still stands makes the line fire again.
            line.Interrupt.Acknowledge();
        }
        return true;
    }

    private Line Find(uint number) => _lines.TryGetValue(number, out var line)
        ? line
        : throw new ServiceException(ServiceError.NotFound, $"no handler is attached to interrupt line {number}");

    private void Deliver(uint number, Line line)
    {
        if (line.DisableDepth > 0)
        {
            line.IsHeld = true;
            return;
        }
        Delivered++;
        bool handled = false;
        foreach (var handler in line.Handlers)
            handled |= handler();
        line.Unhandled = handled ? 0 : line.Unhandled + 1;
        line.InRow = line.Row == _cpu.InterruptRows ? line.InRow + 1 : 1;
        line.Row = _cpu.InterruptRows;
        line.SinceLow = line.Rises == line.Interrupt.Rises ? line.SinceLow + 1 : 1;
        line.Rises = line.Interrupt.Rises;
        if (line.Unhandled == UnhandledLimit)
            ShutOff(number, line, $"nobody cared {UnhandledLimit} times in a row");
        else if (line.SinceLow == StuckLimit)
            ShutOff(number, line, $"it stayed high through {StuckLimit} interrupts, though they were handled");
        else if (line.InRow == RowLimit)
            _cpu.Post(line.Interrupt.Acknowledge);
        else
            line.Interrupt.Acknowledge();
    }

    private void ShutOff(uint number, Line line, string reason)
    {
        line.Interrupt.Disconnect();
        _cpu.Task.System.Events.Report(_cpu.Task.Name, StormEvent, $"interrupt line {number}: {reason}; it is shut off");
    }
}
