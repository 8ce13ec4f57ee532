namespace DdeLinux;

/// <summary>A driver's timer (include/linux/timer.h). Inlined code takes <c>pprev != 0</c> as pending.</summary>
[KernelStruct("timer_list")]
internal readonly partial struct TimerList
{
    [Field("entry.next")]
    public partial nint next { get; set; }

    [Field("entry.pprev")]
    public partial nint pprev { get; set; }

    [Field]
    public partial long expires { get; set; }

    [Field]
    public partial nint function { get; set; }

    [Field]
    public partial uint flags { get; set; }

    public bool IsPending => pprev != 0;
}
