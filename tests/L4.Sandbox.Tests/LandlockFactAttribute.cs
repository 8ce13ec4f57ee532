namespace L4.Sandbox.Tests;

/// <summary>A test that needs the host's kernel to restrict files and TCP.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LandlockFactAttribute : FactAttribute
{
    public LandlockFactAttribute()
    {
        if (Landlock.Version < 4)
            Skip = $"the host's kernel has Landlock version {Landlock.Version}; 4 is needed";
    }
}
