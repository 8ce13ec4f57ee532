namespace DdeLinux;

/// <summary>struct scatterlist (linux/scatterlist.h): one run of memory of a transfer.</summary>
[KernelStruct("scatterlist")]
internal readonly partial struct Scatterlist
{
    /// <summary>Bit of <see cref="page_link"/>: this entry points to the next table.</summary>
    public const ulong Chain = 1;

    /// <summary>Bit of <see cref="page_link"/>: this entry is the last.</summary>
    public const ulong End = 2;

    /// <summary>Address of the page's struct page, and the two bits above.</summary>
    [Field]
    public partial ulong page_link { get; set; }

    /// <summary>Bytes from the start of the page.</summary>
    [Field]
    public partial uint offset { get; set; }

    /// <summary>Bytes.</summary>
    [Field]
    public partial uint length { get; set; }

    /// <summary>Bus address, once mapped.</summary>
    [Field]
    public partial ulong dma_address { get; set; }

    /// <summary>Bytes, once mapped.</summary>
    [Field]
    public partial uint dma_length { get; set; }

    /// <summary>Address of the struct page.</summary>
    public nint Page => unchecked((nint)(page_link & ~(Chain | End)));
}
