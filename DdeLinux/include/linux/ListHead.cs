namespace DdeLinux;

/// <summary>struct list_head (linux/types.h): a node, or the head, of a circular doubly linked list. An empty list points to itself.</summary>
[KernelStruct("list_head")]
internal readonly partial struct ListHead
{
    [Field]
    public partial ListHead next { get; set; }

    [Field]
    public partial ListHead prev { get; set; }

    /// <summary>Whether a head has no nodes, or a node is in no list.</summary>
    public bool IsEmpty => next.Address == Address;

    /// <summary>Makes an empty list.</summary>
    public void Initialize()
    {
        next = this;
        prev = this;
    }

    /// <summary>Appends a node to the list whose head this is.</summary>
    public void AddTail(ListHead node) => Insert(node, prev, this);

    /// <summary>Puts a node first in the list whose head this is.</summary>
    public void Add(ListHead node) => Insert(node, this, next);

    /// <summary>Takes this node out of its list and leaves it as an empty one.</summary>
    public void Remove()
    {
        var before = prev;
        var after = next;
        // A driver's stray write into a list shows here first, as a kernel with list debugging would find it.
        if (before.next.Address != Address || after.prev.Address != Address)
            throw new KernelFaultException($"list node 0x{Address:x} is corrupted: previous 0x{before.Address:x}, next 0x{after.Address:x} do not point back");
        before.next = after;
        after.prev = before;
        Initialize();
    }

    private static void Insert(ListHead node, ListHead before, ListHead after)
    {
        node.next = after;
        node.prev = before;
        before.next = node;
        after.prev = node;
    }
}
