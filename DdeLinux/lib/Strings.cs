namespace DdeLinux;

/// <summary>The kernel's own string and memory functions (lib/string.c): what the compiler did not inline.</summary>
internal sealed unsafe partial class Strings
{
    private readonly LinuxKernel _kernel;

    internal Strings(LinuxKernel kernel) => _kernel = kernel;

    [KernelFunction]
    public nint memcpy(nint target, nint source, nuint count)
    {
        int length = checked((int)count);
        _kernel.Memory.Span<byte>(source, length).CopyTo(_kernel.Memory.Span<byte>(target, length));
        return target;
    }

    [KernelFunction]
    public nint memset(nint target, int value, nuint count)
    {
        _kernel.Memory.Span<byte>(target, checked((int)count)).Fill(unchecked((byte)value));
        return target;
    }

    /// <summary>Copies text and fills the rest with zeros; no end mark is written when there is no room for it.</summary>
    [KernelFunction]
    public nint strncpy(nint target, nint source, nuint count)
    {
        var room = _kernel.Memory.Span<byte>(target, checked((int)count));
        var text = Bounded(source, count);
        text.CopyTo(room);
        room[text.Length..].Clear();
        return target;
    }

    /// <summary>Copies text with its end mark; the result is its length, or an error when it was cut.</summary>
    [KernelFunction]
    public long strscpy(nint target, nint source, nuint count)
    {
        if (count == 0)
            return -Errno.E2BIG;
        var room = _kernel.Memory.Span<byte>(target, checked((int)count));
        var text = Bounded(source, count);
        bool isCut = text.Length == room.Length;
        if (isCut)
            text = text[..^1];
        text.CopyTo(room);
        room[text.Length] = 0;
        return isCut ? -Errno.E2BIG : text.Length;
    }

    [KernelFunction]
    public nuint strlen(KernelString text) => (nuint)Require(text, nameof(strlen)).Length;

    /// <summary>The length, but not more than the limit; the end mark need not exist.</summary>
    [KernelFunction]
    public nuint strnlen(nint text, nuint limit) => (nuint)Bounded(text, limit).Length;

    [KernelFunction]
    public int strcmp(KernelString left, KernelString right) => Order(Require(left, nameof(strcmp)), Require(right, nameof(strcmp)));

    [KernelFunction]
    public int strncmp(nint left, nint right, nuint limit) => Order(Bounded(left, limit), Bounded(right, limit));

    [KernelFunction]
    public int strcasecmp(KernelString left, KernelString right) =>
        OrderIgnoringCase(Require(left, nameof(strcasecmp)), Require(right, nameof(strcasecmp)));

    [KernelFunction]
    public int strncasecmp(nint left, nint right, nuint limit) => OrderIgnoringCase(Bounded(left, limit), Bounded(right, limit));

    /// <summary>Finds a character, the end mark included; 0 when there is none.</summary>
    [KernelFunction]
    public nint strchr(KernelString text, int character)
    {
        var bytes = Require(text, nameof(strchr));
        byte wanted = unchecked((byte)character);
        int index = wanted == 0 ? bytes.Length : bytes.IndexOf(wanted);
        return index < 0 ? 0 : text.Address + index;
    }

    /// <summary>Cuts blanks off the end, in place, and skips those at the start.</summary>
    [KernelFunction]
    public nint strim(KernelString text)
    {
        var bytes = Require(text, nameof(strim));
        int end = bytes.Length;
        while (end > 0 && IsSpace(bytes[end - 1]))
            end--;
        if (end < bytes.Length)
            *(byte*)(text.Address + end) = 0;
        int start = 0;
        while (start < end && IsSpace(bytes[start]))
            start++;
        return text.Address + start;
    }

    [KernelFunction]
    public bool glob_match(KernelString pattern, KernelString text) =>
        Glob.Matches(Require(pattern, nameof(glob_match)), Require(text, nameof(glob_match)));

    /// <summary>What the kernel's isspace() takes for a blank: ASCII's, and the no-break space of Latin-1 (lib/ctype.c).</summary>
    internal static bool IsSpace(byte character) => character is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r') or 0xa0;

    private static ReadOnlySpan<byte> Require(KernelString text, string function) =>
        text.IsNull ? throw new KernelFaultException($"{function} of a null pointer") : text.Bytes;

    /// <summary>The bytes before the end mark or the limit. Only what lies before the end mark needs to be the domain's memory.</summary>
    private ReadOnlySpan<byte> Bounded(nint text, nuint limit)
    {
        if (limit == 0)
            return [];
        if (limit > int.MaxValue || !_kernel.Memory.Contains(text, limit))
            return _kernel.Memory.CheckString(text) is { IsNull: false } whole
                ? whole.Bytes[..(int)Math.Min((nuint)whole.Length, limit)]
                : throw new KernelFaultException("a string function was given a null pointer");
        var bytes = _kernel.Memory.Span<byte>(text, (int)limit);
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }

    // The kernel returns -1, 0 or 1.
    private static int Order(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Math.Sign(left.SequenceCompareTo(right));

    private static int OrderIgnoringCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            int difference = Lower(left[i]) - Lower(right[i]);
            if (difference != 0)
                return difference;
        }
        // The end mark is a character of value 0.
        return left.Length == right.Length ? 0 : left.Length > common ? Lower(left[common]) : -Lower(right[common]);
    }

    private static int Lower(byte character) => character is >= (byte)'A' and <= (byte)'Z' ? character + ('a' - 'A') : character;
}

public sealed partial class LinuxKernel
{
    internal Strings Strings => field ??= new Strings(this);
}
