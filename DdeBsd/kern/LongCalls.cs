namespace DdeBsd;

public sealed unsafe partial class BsdKernel
{
    private const int MostArguments = 8;

    /// <summary>Calls a function of the driver with up to eight arguments.</summary>
    internal nint CallLong(nint function, params ReadOnlySpan<nint> arguments)
    {
        // The stack of the domain's threads is the driver's to read.
        nint* words = stackalloc nint[MostArguments];
        arguments.CopyTo(new Span<nint>(words, MostArguments));
        return Call(Symbols.Require("_dde_call8"), function, (nint)words);
    }
}
