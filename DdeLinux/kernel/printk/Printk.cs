using DdeKit.Foreign;

namespace DdeLinux;

/// <summary>The driver's way to the log.</summary>
internal sealed partial class Printk
{
    /// <summary>Starts a level: this byte, then a digit, or 'c' for the continuation of a line (include/linux/kern_levels.h).</summary>
    private const char Header = '\u0001';

    private const char Continuation = 'c';

    /// <summary>What a line without a level has (CONFIG_MESSAGE_LOGLEVEL_DEFAULT).</summary>
    private const LogLevel DefaultLevel = LogLevel.Warning;

    private readonly LinuxKernel _kernel;

    internal Printk(LinuxKernel kernel) => _kernel = kernel;

    /// <summary>Splits the level off a text; a continuation or a text without a level gets the given one.</summary>
    internal static (LogLevel Level, string Text) Parse(string text, LogLevel level)
    {
        while (text.Length >= 2 && text[0] == Header)
        {
            if (char.IsAsciiDigit(text[1]) && text[1] <= '7')
                level = (LogLevel)(text[1] - '0');
            else if (text[1] != Continuation)
                break;
            text = text[2..];
        }
        return (level, text);
    }

    [KernelFunction(Variadic = true)]
    public int _printk(KernelString format, VariadicArguments arguments)
    {
        string whole = KernelFormat.ToText(_kernel, format.Bytes, arguments);
        var (level, text) = Parse(whole, DefaultLevel);
        if (text.Length > 0)
            _kernel.Log.Write(level, text);
        return text.Length;
    }

    /// <summary>A debug line that somebody switched on. Its site's jump label is off as compiled, so this is for drivers that switch it.</summary>
    [KernelFunction(Variadic = true)]
    public void __dynamic_pr_debug(nint descriptor, KernelString format, VariadicArguments arguments) =>
        _kernel.Log.Write(LogLevel.Debug, Parse(KernelFormat.ToText(_kernel, format.Bytes, arguments), LogLevel.Debug).Text);

    /// <summary>Prints memory as rows of hexadecimal numbers.</summary>
    [KernelFunction]
    public void print_hex_dump(KernelString level, KernelString prefix, int prefixType, int rowSize, int groupSize, nint buffer, nuint length, bool ascii)
    {
        var bytes = _kernel.Memory.Span<byte>(buffer, checked((int)length));
        var (lineLevel, _) = Parse(level.ToString(), LogLevel.Debug);
        foreach (string row in HexDump.Rows(bytes, prefix.IsNull ? "" : prefix.ToString(), (HexDump.Prefix)prefixType, buffer, rowSize, groupSize, ascii))
            _kernel.Log.Write(lineLevel, row);
    }

    /// <summary>Whether a message may be printed: at most a burst of them in each interval. A 0 interval lets all pass.</summary>
    [KernelFunction]
    public int ___ratelimit(RateLimit limit, KernelString function)
    {
        if (limit.interval == 0)
            return 1;
        long now = _kernel.Timekeeping.JiffiesNow;
        if (limit.begin == 0)
            limit.begin = now;
        if (limit.begin + limit.interval < now)
        {
            if (limit.missed != 0)
                _kernel.Log.Write(LogLevel.Warning, $"{function}: {limit.missed} callbacks suppressed");
            limit.begin = now;
            limit.printed = 0;
            limit.missed = 0;
        }
        if (limit.printed < limit.burst)
        {
            limit.printed++;
            return 1;
        }
        limit.missed++;
        return 0;
    }
}

/// <summary>How often a message was printed (include/linux/ratelimit_types.h).</summary>
[KernelStruct("ratelimit_state")]
internal readonly partial struct RateLimit
{
    [Field]
    public partial int interval { get; set; }

    [Field]
    public partial int burst { get; set; }

    [Field]
    public partial int printed { get; set; }

    [Field]
    public partial int missed { get; set; }

    [Field]
    public partial long begin { get; set; }
}

public sealed partial class LinuxKernel
{
    internal Printk Printk => field ??= new Printk(this);
}
