using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SystemRdl;

namespace RegisterGenerator.Tests;

/// <summary>Random register files, random accesses: the generated model does what an interpreter of the elaborated model does bit by bit.</summary>
public sealed class AccessRuleTests
{
    // The same cases in every run. A finding is reproduced by its text, which is shrunk.
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithReplay(new Replay(new Rnd(7, 11), null));

    [Fact]
    public void Generated_model_obeys_the_access_rules() =>
        Prop.ForAll(RandomCase.Arbitrary, tested =>
        {
            var block = Compile(tested);
            var reference = new ReferenceRegisters(block);
            List<string> effects = [];
            var (read, write) = new GeneratedModel(tested.Description, ClassOf(block)).Create(effects);
            foreach (var access in tested.Accesses)
            {
                int offset = access.Offset((int)block.Size);
                if (access.IsWrite)
                {
                    write(offset, access.Width, access.Value);
                    reference.Write(offset, access.Width, access.Value);
                }
                else
                {
                    read(offset, access.Width).ShouldBe(reference.Read(offset, access.Width), $"{access} at {offset}");
                }
                effects.ShouldBe(reference.Effects, $"{access} at {offset}");
                effects.Clear();
                reference.Effects.Clear();
            }
        }).Check(s_config.WithMaxTest(20));

    [Fact]
    public void Set_of_a_field_leaves_the_others_as_they_are() =>
        Prop.ForAll(RandomCase.Arbitrary, tested =>
        {
            foreach (var register in Compile(tested).Registers)
                foreach (var field in register.Fields.Where(f => f.IsSoftwareWritable))
                {
                    var update = FieldUpdate.Of(register, field);
                    if (update.Disturbed.Count > 0)
                        continue;
                    var block = Compile(tested);
                    var reference = new ReferenceRegisters(block);
                    foreach (var access in tested.Accesses.Where(a => a.IsWrite).Take(20))
                        reference.Write(access.Offset((int)block.Size), access.Width, access.Value);
                    int at = block.Registers.TakeWhile(r => r.Name != register.Name).Sum(r => r.Count);
                    uint before = reference.Values[at];
                    int offset = (int)register.Offset, width = register.Width / 8;
                    uint kept = update.Kept.IsZero ? 0 : reference.Read(offset, width) & (uint)update.Kept;
                    reference.Write(offset, width, kept | (uint)update.Neutral | (uint)field.Mask);
                    uint others = reference.Values[at] & ~(uint)field.Mask;
                    others.ShouldBe(before & ~(uint)field.Mask, $"{field.Path} of\n{tested.Description}");
                }
        }).Check(s_config.WithMaxTest(60));

    private static Block Compile(RandomCase tested)
    {
        var compilation = Compiler.Compile(new SourceText("tested.rdl", tested.Description), (_, _) => null);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return compilation.Top!;
    }

    /// <summary>A hand-written part that has every effect and writes it down as <see cref="ReferenceRegisters"/> does.</summary>
    private static string ClassOf(Block block)
    {
        var text = new StringBuilder("""
            namespace Tested;
            [Registers.RegisterFile("tested.rdl", "")]
            public sealed partial class Model(System.Collections.Generic.List<string> effects)
            {
                private partial void OnUndecodedRead(int offset, int width) => effects.Add($"no read {offset} {width}");
                private partial void OnUndecodedWrite(int offset, int width, uint value) => effects.Add($"no write {offset} {width} {value:x}");
                private partial void OnReservedWrite(int offset, uint bits) => effects.Add($"reserved {offset} {bits:x}");

            """);
        foreach (var register in block.Registers)
        {
            var (index, name) = register.Count > 1 ? ("int index, ", register.Name + "[{index}]") : ("", register.Name);
            string method = "OnR" + register.Name[1..];
            if (register.Fields.Any(ReferenceRegisters.ReportsWrites))
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"private partial void {method}Written({index}uint old, uint written, uint accessed) => effects.Add($\"{name} written {{old:x}} {{written:x}} {{accessed:x}}\");");
            if (register.Fields.Any(ReferenceRegisters.ReportsReads))
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"private partial void {method}Read({index}uint accessed) => effects.Add($\"{name} read {{accessed:x}}\");");
        }
        return text.Append('}').ToString();
    }
}
