namespace DdeBsd;

/// <summary>The system that the shim stands for.</summary>
public static class ShimSystem
{
    /// <summary>System and release of the interface.</summary>
    public const string Name = "FreeBSD 7.0";
}
