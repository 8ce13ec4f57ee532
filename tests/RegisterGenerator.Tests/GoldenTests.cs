namespace RegisterGenerator.Tests;

/// <summary>
/// The generated text, whole, so that a change of the generator shows what it does to everybody's code. What is generated lies beside the
/// expected file in the output folder as .actual; when a change is meant, that is the new expected file.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    [Theory]
    [InlineData("model", "Model.Registers.g.cs", """
        [Registers.RegisterFile("tested.rdl", "")]
        internal sealed partial class Model
        {
            private partial void OnUndecodedRead(int offset, int width) { }
            private partial void OnUndecodedWrite(int offset, int width, uint value) { }
            private partial void OnReservedWrite(int offset, uint bits) { }
            private partial void OnControlWritten(uint old, uint written, uint accessed) { }
            private partial void OnStatusRead(uint accessed) { }
            private partial uint LoadData(uint accessed) => accessed;
            private partial void StoreData(uint value, uint accessed) { }
        }
        """)]
    [InlineData("accessors", "Driver.RegisterAccess.g.cs", """[Registers.RegisterAccess("tested.rdl", "")] internal static partial class Driver;""")]
    [InlineData("table", "Tables.Table.RegisterTable.g.cs", """
        internal static partial class Tables
        {
            [Registers.RegisterTable("tested.rdl", "")]
            internal static partial Registers.RegisterTable Table { get; }
        }
        """)]
    public void Generated_text_is_the_expected_one(string name, string file, string source)
    {
        string expected = Path.Combine(s_folder, name + ".golden");
        var generated = new GeneratedModel(File.ReadAllText(Path.Combine(s_folder, "golden.rdl")), source);
        generated.Findings.ShouldBeEmpty();
        string text = generated.Sources.Single(s => s.Key.EndsWith(file, StringComparison.Ordinal)).Value;
        File.WriteAllText(expected + ".actual", text);
        text.ShouldBe(File.Exists(expected) ? File.ReadAllText(expected) : "", $"the generated text is in {expected}.actual");
    }
}
