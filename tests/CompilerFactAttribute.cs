using DdeBsd.Build;

namespace Testing;

/// <summary>A test that needs a C compiler.</summary>
internal sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute()
    {
        try
        {
            CCompiler.Find();
        }
        catch (BuildException exception)
        {
            Skip = exception.Message;
        }
    }
}
