namespace DdeKit.Foreign;

/// <summary>
/// What the <c>%gs</c> area keeps for the host thread that holds the domain. When the domain is handed to another host thread, the one
/// that leaves keeps it, and restores it when its turn comes again; a thread that enters for the first time restores the default.
/// </summary>
public readonly struct ForeignThreadState
{
    internal ForeignThreadState(nint unwindStack) => UnwindStack = unwindStack;

    internal nint UnwindStack { get; }
}
