using System.Reflection;
using DdeKit.Foreign;
using DdeLinux.Packs;
using DdeLinux.Packs.Tests;

namespace DdeLinux.Binding.Tests;

/// <summary>Everything that the shim says of the kernel, against the type information of a real one.</summary>
public class KernelTruthTests
{
    // Functions and structures that the image does not describe: SCSI is modular, and its users describe their own.
    private static readonly string[] s_modules = ["scsi_common", "scsi_mod", "libata", "ata_piix"];

    // Written in assembler: the image has no better prototype for them than "void name(void)".
    private static readonly string[] s_assembler = ["memcpy", "memmove", "memset"];

    private static readonly Lazy<KernelTypes> s_types = new(() =>
    {
        var pack = KernelPackStore.Default.Select();
        var types = new KernelTypes(pack.Release, pack.TypesWith(s_modules.Select(pack.FindModule)));
        KernelTypes.Current = types;
        return types;
    });

    [KernelPackFact]
    public void Every_function_has_the_kernels_prototype()
    {
        KernelFunctions.All.ShouldNotBeEmpty();
        KernelFunctions.All.Where(f => !s_assembler.Contains(f.Name)).Select(Problem).Where(problem => problem is not null).ShouldBeEmpty();
    }

    [KernelPackFact]
    public void Assembler_functions_are_those_that_the_kernel_does_not_describe()
    {
        foreach (var prototype in s_assembler.Select(s_types.Value.FindFunction))
            (prototype?.Parameters.Count, prototype?.Return.Width).ShouldBeOneOf((0, 0), (null, null));
    }

    [KernelPackFact]
    public void Every_field_of_every_view_is_what_the_shim_takes_it_for()
    {
        _ = s_types.Value;
        var lookups = Lookups().ToList();
        lookups.ShouldNotBeEmpty();
        lookups.Select(Problem).Where(problem => problem is not null).ShouldBeEmpty();
    }

    private static string? Problem(KernelFunctionEntry function) => s_types.Value.FindFunction(function.Name) is { } prototype
        ? function.Mismatch(prototype)
        : $"{function.Name} ({function.Room}.{function.Method}): kernel {s_types.Value.Release} has no function of that name";

    private static string? Problem(PropertyInfo lookup)
    {
        try
        {
            _ = lookup.GetValue(null, BindingFlags.DoNotWrapExceptions, null, null, null);
            return null;
        }
        catch (KernelLayoutException wrong)
        {
            return $"{lookup.DeclaringType!.DeclaringType!.Name}.{lookup.Name}: {wrong.Message}";
        }
    }

    /// <summary>The generated lookups: sizes and offsets of each view.</summary>
    private static IEnumerable<PropertyInfo> Lookups() => typeof(KernelTypes).Assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(KernelStructAttribute)))
        .SelectMany(view => view.GetNestedType("Layout", BindingFlags.NonPublic)!.GetProperties(BindingFlags.Static | BindingFlags.NonPublic));
}
