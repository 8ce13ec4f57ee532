using System.Runtime.InteropServices;

namespace DdeLinux;

/// <summary>
/// Imports that are known but not supplied, because no supported port calls them and an implementation could not be honest here. A module
/// may import them; calling one ends the domain with its name, its prototype, the reason, and who called.
/// </summary>
public static class Stops
{
    private const string Tracing = "tracepoints are off: their probes are registered by nobody";

    /// <summary>Names and reasons.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["__put_devmap_managed_page_refs"] = "there are no pages of device memory",
        ["__trace_trigger_soft_disabled"] = Tracing,
        ["bpf_trace_run1"] = Tracing,
        ["bpf_trace_run2"] = Tracing,
        ["bpf_trace_run3"] = Tracing,
        ["ethtool_op_get_ts_info"] = "nobody asks for time stamps of frames",
        ["memcpy_fromio"] = "only dumps of a card's registers use it, and nobody asks for one",
        ["pcix_get_mmrbc"] = "for cards on PCI-X, which no machine here has",
        ["pcix_set_mmrbc"] = "for cards on PCI-X, which no machine here has",
        ["perf_trace_buf_alloc"] = Tracing,
        ["perf_trace_run_bpf_submit"] = Tracing,
        ["skb_tstamp_tx"] = "nobody asks for time stamps of frames",
        ["trace_event_buffer_commit"] = Tracing,
        ["trace_event_buffer_reserve"] = Tracing,
        ["trace_event_printf"] = Tracing,
        ["trace_event_raw_init"] = Tracing,
        ["trace_event_reg"] = Tracing,
        ["trace_handle_return"] = Tracing,
        ["trace_print_symbols_seq"] = Tracing,
        ["trace_raw_output_prep"] = Tracing,
        ["trace_seq_printf"] = Tracing,
        ["trace_seq_putc"] = Tracing,
    };
}

internal sealed partial class KernelSymbols
{
    private readonly List<string> _stops = [];

    private unsafe bool TryMakeStop(string name, out nint value)
    {
        value = 0;
        if (!Stops.All.ContainsKey(name))
            return false;
        _stops.Add(name);
        value = _kernel.Thunks.Missing(name, (nint)(delegate* unmanaged<int, nint, void>)&Stop, _stops.Count - 1);
        return true;
    }

    [UnmanagedCallersOnly]
    private static void Stop(int token, nint caller)
    {
        var kernel = LinuxKernel.Current;
        string name = kernel.Symbols._stops[token];
        string prototype = KernelTypes.Current.FormatPrototype(name) ?? name;
        kernel.Fault(new KernelFaultException($"{prototype} is not supplied ({Stops.All[name]}); called by {kernel.Describe(caller) ?? $"0x{caller:x}"}"));
    }
}
