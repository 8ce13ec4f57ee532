using System.Buffers.Binary;
using L4;

namespace DdeKit.Foreign;

/// <summary>An instruction that accesses the device and traps each time, because no jump fits in its place.</summary>
/// <param name="Place">Where it is: <c>e1000_reset_hw_82540+0x31 [e1000]</c>.</param>
/// <param name="Reason">Why it cannot be patched.</param>
public sealed record UnpatchableSite(string Place, string Reason)
{
    /// <summary>How often it trapped.</summary>
    public long Traps { get; internal set; }
}

/// <summary>
/// Replaces instructions that access the device by jumps to stubs that call C# directly, once each of them has trapped. A jump takes five
/// bytes; where the instruction has fewer, neighbours move to the stub too. Used by the holder of the baton alone, so nothing of the domain's
/// code runs meanwhile; what is interrupted in C# goes on where <see cref="Resume"/> says.
/// </summary>
public sealed class SitePatcher : IDisposable
{
    private const ulong ChunkSize = 64 * 1024;
    private const byte Filler = 0xcc;
    private const string EventSource = "foreign";

    private readonly LowMemory _memory;
    private readonly ForeignImage _image;
    private readonly EventLog _events;
    private readonly StubWriter _writer;
    private readonly List<StubSite> _stubSites = [];
    private readonly Dictionary<LoadedModule, ModulePatches> _modules = [];
    private readonly Dictionary<ulong, UnpatchableSite> _unpatchable = [];
    private readonly Dictionary<ulong, ulong> _moved = [];
    private readonly Dictionary<ulong, ulong> _originals = [];

    internal SitePatcher(LowMemory memory, ForeignImage image, EventLog events, IDeviceAccess device, DeviceWindows windows, DeviceEmulation emulation)
    {
        _memory = memory;
        _image = image;
        _events = events;
        Device = device;
        Windows = windows;
        Emulation = emulation;
        _writer = new StubWriter(emulation.Replay, _stubSites);
    }

    private sealed record Patch(CodeWindow Window, HashSet<ulong> Sites)
    {
        /// <summary>Ways back of this stub and of those it replaced, which may still be gone on in.</summary>
        public List<(nint Distance, ulong Target)> Exits { get; } = [];
    }

    private sealed class ModulePatches(LoadedModule module)
    {
        public CodeMap Map { get; } = new(module);

        public List<Patch> Patches { get; } = [];

        public List<(LowRegion Region, IDisposable Traps)> Chunks { get; } = [];

        public CodeBuffer? Code { get; set; }
    }

    /// <summary>Instructions that have been replaced.</summary>
    public int PatchedSites { get; private set; }

    /// <summary>Instructions that go on trapping.</summary>
    public IReadOnlyCollection<UnpatchableSite> Unpatchable => _unpatchable.Values;

    internal IDeviceAccess Device { get; }

    internal DeviceWindows Windows { get; }

    internal DeviceEmulation Emulation { get; }

    /// <summary>Forgets a module that is about to be unloaded, and releases its stubs.</summary>
    public void Remove(LoadedModule module)
    {
        if (!_modules.Remove(module, out var patches))
            return;
        RemoveWithin(_moved, module.Text);
        RemoveWithin(_unpatchable, module.Text);
        foreach (var (region, traps) in patches.Chunks)
        {
            RemoveWithin(_originals, region.Extent);
            traps.Dispose();
            region.Dispose();
        }
    }

    /// <summary>Takes the stubs' ranges out of the trap unit; no foreign code runs any more.</summary>
    public void Dispose()
    {
        foreach (var (_, traps) in _modules.Values.SelectMany(static patches => patches.Chunks))
            traps.Dispose();
    }

    /// <summary>The instruction of a module that an instruction of a stub comes from.</summary>
    internal bool TryOriginal(ulong address, out ulong original) => _originals.TryGetValue(address, out original);

    /// <summary>Where to go on instead of at an address that may have been moved meanwhile.</summary>
    internal ulong Resume(ulong address) => _moved.GetValueOrDefault(address, address);

    internal StubSite SiteOf(int index) => _stubSites[index];

    /// <summary>An instruction trapped and was carried out: it shall not trap again.</summary>
    internal void Visit(ulong address)
    {
        if (_originals.TryGetValue(address, out ulong original))
            address = original;
        if (!_unpatchable.TryGetValue(address, out var refused))
        {
            string? reason = TryPatch(address);
            if (reason is null)
                return;
            refused = new UnpatchableSite(_image.Describe((nint)address), reason);
            _unpatchable.Add(address, refused);
            _events.Report(EventSource, "unpatchable-site", $"the device access at {refused.Place} goes on trapping: {reason}");
        }
        refused.Traps++;
    }

    // The result is why not.
    private string? TryPatch(ulong site)
    {
        if (_image.FindCode(site) is not { } module)
            return "it is no code of a module";
        if (!_modules.TryGetValue(module, out var patches))
            _modules.Add(module, patches = new ModulePatches(module));
        var map = patches.Map;
        if (!map.IsStart(site))
            return "it lies in no function that the module names";
        if (map.IsFixed(site))
            return "the module's tables name it";
        if (patches.Patches.Find(patch => Covers(patch, site)) is { } own)
            return own.Sites.Contains(site) ? null : Replace(patches, own.Window, site);
        foreach (var candidate in CodeWindow.Around(map, site))
        {
            if (Widen(patches, candidate) is { } window)
                return Replace(patches, window, site);
        }
        return "no five bytes around it can be moved";
    }

    // A window that runs into others has to take them in.
    private static CodeWindow? Widen(ModulePatches patches, CodeWindow window)
    {
        var (start, end) = (window.Start, window.End);
        foreach (var other in patches.Patches)
        {
            if (other.Window.Start < window.End && window.Start < other.Window.End)
                (start, end) = (Math.Min(start, other.Window.Start), Math.Max(end, other.Window.End));
        }
        return start == window.Start && end == window.End ? window : CodeWindow.Over(patches.Map, start, end);
    }

    private string? Replace(ModulePatches patches, CodeWindow window, ulong site)
    {
        var replaced = patches.Patches.FindAll(other => Covers(new Patch(window, []), other.Window.Start));
        var patch = new Patch(window, [site, .. replaced.SelectMany(static other => other.Sites)]);
        Stub stub;
        try
        {
            stub = _writer.Write(RoomFor(patches), window, patch.Sites);
        }
        catch (Exception exception) when (exception is NotSupportedException or InsufficientMemoryException)
        {
            return exception.Message;
        }
        patches.Patches.RemoveAll(replaced.Contains);
        patches.Patches.Add(patch);
        foreach (var (at, was) in stub.Originals)
            _originals.Add(at, was);
        foreach (var (was, at) in stub.Places)
        {
            if (was != window.Start)
                _moved[was] = at;
        }
        patch.Exits.AddRange(replaced.SelectMany(static other => other.Exits));
        foreach (var (distance, target) in patch.Exits)
            WriteDistance(distance, Resume(target));
        if (stub.Exit != 0)
            patch.Exits.Add((stub.Exit, window.End));
        WriteJump(window, stub.Entry);
        PatchedSites++;
        return null;
    }

    private static bool Covers(Patch patch, ulong address) => patch.Window.Start <= address && address < patch.Window.End;

    private CodeBuffer RoomFor(ModulePatches patches)
    {
        if (patches.Code is null || patches.Code.Room < StubWriter.LargestStub)
        {
            var region = _memory.Allocate(ChunkSize, LowAccess.Code);
            patches.Chunks.Add((region, TrapUnit.Register(region.Extent)));
            patches.Code = new CodeBuffer(region);
        }
        return patches.Code;
    }

    private static unsafe void WriteJump(CodeWindow window, nint entry)
    {
        var place = new Span<byte>((void*)window.Start, (int)(window.End - window.Start));
        // Nothing comes here any more but by the jump; what does so all the same is to be seen.
        place.Fill(Filler);
        place[0] = 0xe9;
        BinaryPrimitives.WriteInt32LittleEndian(place[1..], (int)(entry - (nint)window.Start - CodeWindow.JumpSize));
        // Another thread may run this code next, on a processor that has fetched it before. Intel SDM volume 3, section 8.1.3.
        LibC.SynchronizeCores();
    }

    private static unsafe void WriteDistance(nint at, ulong target) =>
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>((void*)at, sizeof(int)), (int)((nint)target - at - sizeof(int)));

    private static void RemoveWithin<T>(Dictionary<ulong, T> addresses, Extent extent)
    {
        foreach (ulong address in addresses.Keys)
        {
            if (extent.Contains(address))
                addresses.Remove(address);
        }
    }
}
