using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>What supplies an import of a module.</summary>
public enum KernelSupplier
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A function of <see cref="KernelFunctions"/>.</summary>
    Function,

    /// <summary>A variable that a room defines.</summary>
    Variable,

    /// <summary>A few machine instructions.</summary>
    MachineStub,

    /// <summary>One of <see cref="Stops"/>.</summary>
    Stop,
}

/// <summary>
/// Everything that a module can import, known without a kernel that runs, so that a port can be judged before it is started. Rooms make
/// variables and stubs when a kernel boots; a name that is not listed here is refused there, so the lists cannot fall behind.
/// </summary>
public static class KernelImports
{
    private static readonly HashSet<string> s_variables = new(StringComparer.Ordinal)
    {
        "__cpu_online_mask", "__preempt_count", "acpi_gbl_FADT", "byte_rev_table", "cpu_number", "current_task", "devmap_managed_key",
        "hugetlb_optimize_vmemmap_key", "ioport_resource", "jiffies", "kmalloc_caches", "page_offset_base", "param_array_ops",
        "param_ops_bool", "param_ops_int", "param_ops_string", "param_ops_uint", "pci_bus_type", "phys_base", "pv_ops",
        "scsi_command_size_tbl", "softnet_data", "system_highpri_wq", "system_long_wq", "system_state", "system_unbound_wq", "system_wq",
        "this_cpu_off", "vmemmap_base",
    };

    private static readonly HashSet<string> s_stubs = new(MachineStubs.Names, StringComparer.Ordinal)
    {
        "__SCT__cond_resched", "__SCT__preempt_schedule", "__SCT__preempt_schedule_notrace", "__put_user_1", "__put_user_2", "__put_user_4", "__put_user_8",
    };

    private static readonly Dictionary<string, KernelFunctionEntry> s_functions =
        KernelFunctions.All.ToDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>The variables, in no order.</summary>
    public static IReadOnlySet<string> Variables => s_variables;

    /// <summary>The machine-code stubs, in no order.</summary>
    public static IReadOnlySet<string> Stubs => s_stubs;

    /// <summary>What supplies <paramref name="name"/>; looked for in the order in which a kernel does.</summary>
    public static KernelSupplier Find(string name)
    {
        if (s_functions.ContainsKey(name))
            return KernelSupplier.Function;
        if (s_variables.Contains(name))
            return KernelSupplier.Variable;
        if (s_stubs.Contains(name))
            return KernelSupplier.MachineStub;
        return Stops.All.ContainsKey(name) ? KernelSupplier.Stop : KernelSupplier.None;
    }

    /// <summary>The shim's function of that name, or null.</summary>
    public static KernelFunctionEntry? Function(string name) => s_functions.GetValueOrDefault(name);

    /// <summary>Refuses a variable or stub that is not listed.</summary>
    internal static void RequireListed(IReadOnlySet<string> list, string name)
    {
        if (!list.Contains(name))
            throw new InvalidOperationException($"{name} is not listed in KernelImports: add it there, so that `dde port check` knows of it.");
    }
}
