using System.CommandLine;
using L4;

namespace Dde;

/// <summary>The option that says where the tasks of a system live.</summary>
internal static class IsolationOption
{
    internal static Option<Isolation> Create()
    {
        var option = new Option<Isolation>("--isolation")
        {
            Description = "Where the I/O server and the drivers live: in this process (none) or each in one of its own (process).",
            HelpName = "none|process",
        };
        return option;
    }
}
