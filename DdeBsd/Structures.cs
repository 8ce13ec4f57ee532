using System.Runtime.InteropServices;

namespace DdeBsd;

/// <summary>Names the structure of DdeBsd/include that a C# structure mirrors; a test has a C compiler compare them.</summary>
/// <param name="name">In C, with <c>struct</c>.</param>
/// <param name="header">Where it is declared.</param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class MirrorsAttribute(string name, string header) : Attribute
{
    /// <summary>The structure in C.</summary>
    internal string Name { get; } = name;

    /// <summary>The header.</summary>
    internal string Header { get; } = header;
}

// Fields have the names that they have in C, so that the comparison needs no list.

[Mirrors("struct kobj_class", "sys/kobj.h"), StructLayout(LayoutKind.Sequential)]
internal struct KobjClass
{
    internal nint name;
    internal nint methods;
    internal nuint size;
    internal nint baseclasses;
    internal uint refs;
    internal nint ops;
}

[Mirrors("struct kobj_method", "sys/kobj.h"), StructLayout(LayoutKind.Sequential)]
internal struct KobjMethod
{
    internal nint desc;
    internal nint func;
}

[Mirrors("struct kobjop_desc", "sys/kobj.h"), StructLayout(LayoutKind.Sequential)]
internal struct KobjDescriptor
{
    internal uint id;
    internal nint deflt;
}

[Mirrors("struct kobj_ops", "sys/kobj.h"), StructLayout(LayoutKind.Sequential)]
internal unsafe struct KobjOperations
{
    internal const int CacheSize = 256;

    internal fixed long cache[CacheSize];
    internal nint cls;
}

[Mirrors("struct kobj", "sys/kobj.h"), StructLayout(LayoutKind.Sequential)]
internal struct KobjObject
{
    internal nint ops;
}

[Mirrors("struct sysinit", "sys/kernel.h"), StructLayout(LayoutKind.Sequential)]
internal struct SysinitEntry
{
    internal uint subsystem;
    internal uint order;
    internal nint func;
    internal nint udata;
}

[Mirrors("struct intr_config_hook", "sys/kernel.h"), StructLayout(LayoutKind.Sequential)]
internal struct ConfigurationHook
{
    internal nint ich_links;
    internal nint ich_links_prev;
    internal nint ich_func;
    internal nint ich_arg;
}

[Mirrors("struct tunable_int", "sys/kernel.h"), StructLayout(LayoutKind.Sequential)]
internal struct TunableInteger
{
    internal nint path;
    internal nint var;
}

[Mirrors("struct tunable_str", "sys/kernel.h"), StructLayout(LayoutKind.Sequential)]
internal struct TunableText
{
    internal nint path;
    internal nint var;
    internal int size;
}

[Mirrors("struct moduledata", "sys/module.h"), StructLayout(LayoutKind.Sequential)]
internal struct ModuleData
{
    internal nint name;
    internal nint evhand;
    internal nint priv;
}

[Mirrors("struct driver_module_data", "sys/bus.h"), StructLayout(LayoutKind.Sequential)]
internal struct DriverModuleData
{
    internal nint dmd_chainevh;
    internal nint dmd_chainarg;
    internal nint dmd_busname;
    internal nint dmd_driver;
    internal nint dmd_devclass;
}

[Mirrors("struct resource", "sys/rman.h"), StructLayout(LayoutKind.Sequential)]
internal struct ResourceHandle
{
    internal nint r_private;
    internal int r_bustag;
    internal ulong r_bushandle;
}

[Mirrors("struct rman", "sys/rman.h"), StructLayout(LayoutKind.Sequential)]
internal struct ResourceManagerHandle
{
    internal nint rm_private;
    internal ulong rm_start;
    internal ulong rm_end;
    internal uint rm_type;
    internal nint rm_descr;
}

[Mirrors("struct mtx", "sys/_mutex.h"), StructLayout(LayoutKind.Sequential)]
internal struct MutexObject
{
    internal nint lo_name;
    internal nint lo_type;
    internal uint lo_flags;
    internal nint mtx_lock;
    internal uint mtx_recurse;
}

[Mirrors("struct mtx_args", "sys/mutex.h"), StructLayout(LayoutKind.Sequential)]
internal struct MutexArguments
{
    internal nint ma_mtx;
    internal nint ma_desc;
    internal int ma_opts;
}

[Mirrors("struct sema", "sys/sema.h"), StructLayout(LayoutKind.Sequential)]
internal struct SemaphoreObject
{
    internal nint sema_description;
    internal int sema_waiters;
    internal int sema_value;
}

[Mirrors("struct callout", "sys/_callout.h"), StructLayout(LayoutKind.Sequential)]
internal struct CalloutObject
{
    internal int c_time;
    internal nint c_arg;
    internal nint c_func;
    internal nint c_mtx;
    internal int c_flags;
}

[Mirrors("struct task", "sys/_task.h"), StructLayout(LayoutKind.Sequential)]
internal struct TaskObject
{
    internal nint ta_link;
    internal ushort ta_pending;
    internal ushort ta_priority;
    internal nint ta_func;
    internal nint ta_context;
}

[Mirrors("struct malloc_type", "sys/malloc.h"), StructLayout(LayoutKind.Sequential)]
internal struct MallocType
{
    internal nint ks_shortdesc;
    internal nint ks_longdesc;
    internal ulong ks_allocations;
    internal ulong ks_bytes;
}

[Mirrors("struct bus_dma_segment", "sys/bus_dma.h"), StructLayout(LayoutKind.Sequential)]
internal struct DmaSegment
{
    internal ulong ds_addr;
    internal ulong ds_len;
}

[Mirrors("struct bio", "sys/bio.h"), StructLayout(LayoutKind.Sequential)]
internal struct BlockRequestObject
{
    internal byte bio_cmd;
    internal byte bio_flags;
    internal byte bio_cflags;
    internal byte bio_pflags;
    internal nint bio_dev;
    internal nint bio_disk;
    internal long bio_offset;
    internal long bio_bcount;
    internal nint bio_data;
    internal int bio_error;
    internal long bio_resid;
    internal nint bio_done;
    internal nint bio_driver1;
    internal nint bio_driver2;
    internal nint bio_caller1;
    internal nint bio_caller2;
    internal nint bio_queue;
    internal nint bio_queue_prev;
    internal nint bio_attribute;
    internal nint bio_from;
    internal nint bio_to;
    internal long bio_length;
    internal long bio_completed;
    internal uint bio_children;
    internal uint bio_inbed;
    internal nint bio_parent;
    internal nint bio_task;
    internal nint bio_task_arg;
    internal long bio_pblkno;
}

[Mirrors("struct disk", "geom/geom_disk.h"), StructLayout(LayoutKind.Sequential)]
internal unsafe struct DiskObject
{
    internal const int IdentitySize = 256;

    internal nint d_geom;
    internal nint d_queue;
    internal int d_destroyed;
    internal uint d_flags;
    internal nint d_name;
    internal uint d_unit;
    internal nint d_open;
    internal nint d_close;
    internal nint d_strategy;
    internal nint d_ioctl;
    internal nint d_dump;
    internal uint d_sectorsize;
    internal long d_mediasize;
    internal uint d_fwsectors;
    internal uint d_fwheads;
    internal uint d_maxsize;
    internal uint d_stripeoffset;
    internal uint d_stripesize;
    internal fixed byte d_ident[IdentitySize];
    internal nint d_drv1;
}
