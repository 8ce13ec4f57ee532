using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using DdeBsd.Build;

namespace DdeBsd.Tests;

/// <summary>The structures that C# touches are laid out as the C compiler lays out those of the headers.</summary>
public sealed class StructureTests
{
    // Links of queues are two pointers in C#, one field in C.
    private static readonly Dictionary<string, string> s_places = new(StringComparer.Ordinal)
    {
        ["ich_links_prev"] = "ich_links.tqe_prev",
        ["bio_queue_prev"] = "bio_queue.tqe_prev",
        ["ich_links"] = "ich_links.tqe_next",
        ["bio_queue"] = "bio_queue.tqe_next",
        ["lo_name"] = "lock_object.lo_name",
        ["lo_type"] = "lock_object.lo_type",
        ["lo_flags"] = "lock_object.lo_flags",
    };

    [CompilerFact]
    public void Every_mirrored_structure_has_the_compilers_offsets_and_size()
    {
        var mirrored = typeof(BsdKernel).Assembly.GetTypes().Where(type => type.GetCustomAttribute<MirrorsAttribute>() is not null).ToList();
        mirrored.Count.ShouldBeGreaterThan(15);
        var source = new StringBuilder("#include <sys/param.h>\n#include <sys/systm.h>\n#include <sys/bus.h>\n");
        var checks = new StringBuilder();
        foreach (var type in mirrored)
        {
            var mirror = type.GetCustomAttribute<MirrorsAttribute>()!;
            source.Append(CultureInfo.InvariantCulture, $"#include <{mirror.Header}>\n");
            checks.Append(CultureInfo.InvariantCulture, $"CTASSERT(sizeof({mirror.Name}) == {Marshal.SizeOf(type)});\n");
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                string place = s_places.GetValueOrDefault(field.Name, field.Name);
                checks.Append(CultureInfo.InvariantCulture, $"CTASSERT(__offsetof({mirror.Name}, {place}) == {Marshal.OffsetOf(type, field.Name)});\n");
            }
        }
        string folder = Directory.CreateTempSubdirectory("dde-bsd-").FullName;
        try
        {
            string file = Path.Combine(folder, "structures.c");
            File.WriteAllText(file, source.ToString() + checks);
            KldBuilder.CreateDefault().Build(new ModuleSources("structures", [file], [], []));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [CompilerFact]
    public void All_headers_can_be_read_together()
    {
        // What is only declared is not imported.
        string[] headers = [.. Directory.EnumerateFiles(KldBuilder.CreateDefault().HeaderFolder, "*.h", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(KldBuilder.CreateDefault().HeaderFolder, path)).Order(StringComparer.Ordinal)];
        BsdDomain.RunWithText("#include <sys/param.h>\n#include <sys/systm.h>\n" + string.Concat(headers.Select(header => $"#include <{header}>\n")), (_, module) =>
            module.Elf.Symbols.Count(symbol => symbol.IsImport).ShouldBe(0));
    }
}
