using System.Text;
using DdeKit.Foreign;
using DdeKit.Memory;

namespace DdeLinux;

/// <summary>Module parameters (include/linux/moduleparam.h): the kinds that drivers refer to by address, and setting them by name.</summary>
internal sealed unsafe partial class Parameters : IVariableOwner
{
    private readonly LinuxKernel _kernel;

    internal Parameters(LinuxKernel kernel) => _kernel = kernel;

    /// <inheritdoc />
    public void Define(VariableTable variables)
    {
        DefineOperations(variables, "param_ops_int", nameof(param_set_int), nameof(param_get_int));
        DefineOperations(variables, "param_ops_string", nameof(param_set_copystring), nameof(param_get_string));
    }

    /// <summary>Sets a parameter of a loaded module, before its init function runs.</summary>
    /// <exception cref="BadModuleException">The module has none of that name, or refuses the value.</exception>
    internal void Set(LoadedModule module, string name, string value)
    {
        var parameter = Find(module, name);
        nint text = _kernel.Slab.Allocate((nuint)Encoding.UTF8.GetByteCount(value) + 1, Slab.Zero);
        Encoding.UTF8.GetBytes(value, _kernel.Memory.Span<byte>(text, Encoding.UTF8.GetByteCount(value)));
        int error = unchecked((int)_kernel.Call(parameter.operations.set, text, parameter.Address));
        _kernel.Slab.kfree(text);
        if (error != 0)
            throw new BadModuleException(module.Name, $"parameter {name} does not take the value '{value}' (error {error})");
    }

    [KernelFunction]
    public int param_set_int(KernelString text, KernelParameterView parameter)
    {
        if (text.IsNull)
            return -Errno.EINVAL;
        int error = Numbers.Parse(text.Bytes, 0, out long value);
        if (error != 0)
            return error;
        if (value is < int.MinValue or > int.MaxValue)
            return -Errno.ERANGE;
        _kernel.Memory.At<int>(parameter.argument) = (int)value;
        return 0;
    }

    [KernelFunction]
    public int param_get_int(nint buffer, KernelParameterView parameter) =>
        Show(buffer, Encoding.ASCII.GetBytes($"{_kernel.Memory.At<int>(parameter.argument)}\n"));

    [KernelFunction]
    public int param_set_copystring(KernelString text, KernelParameterView parameter)
    {
        var target = new ParameterString(_kernel.Memory.Check(parameter.argument, ParameterString.Size));
        if ((uint)text.Length + 1 > target.maxlen)
            return -Errno.ENOSPC;
        var bytes = _kernel.Memory.Span<byte>(target.text, text.Length + 1);
        text.Bytes.CopyTo(bytes);
        bytes[^1] = 0;
        return 0;
    }

    [KernelFunction]
    public int param_get_string(nint buffer, KernelParameterView parameter)
    {
        var source = new ParameterString(_kernel.Memory.Check(parameter.argument, ParameterString.Size));
        return Show(buffer, [.. _kernel.Memory.CheckString(source.text).Bytes, (byte)'\n']);
    }

    /// <summary>Writes what a parameter's file in sysfs shows, into its page.</summary>
    private int Show(nint buffer, ReadOnlySpan<byte> text)
    {
        var page = _kernel.Memory.Span<byte>(buffer, Arena.PageSize);
        text = text[..Math.Min(text.Length, page.Length - 1)];
        text.CopyTo(page);
        page[text.Length] = 0;
        return text.Length;
    }

    private void DefineOperations(VariableTable variables, string name, string set, string get)
    {
        var operations = new ParameterOperations(variables.Define(name, ParameterOperations.Size));
        _kernel.Symbols.TryResolve(set, out nint setAddress);
        _kernel.Symbols.TryResolve(get, out nint getAddress);
        operations.set = setAddress;
        operations.get = getAddress;
    }

    private static KernelParameterView Find(LoadedModule module, string name)
    {
        if (module.TryGetSection("__param", out var section))
        {
            ulong size = (ulong)KernelParameterView.Size;
            for (ulong offset = 0; section.Count - offset >= size; offset += size)
            {
                var parameter = new KernelParameterView((nint)(section.First + offset));
                if (parameter.name.Bytes.SequenceEqual(Encoding.UTF8.GetBytes(name)))
                    return parameter;
            }
        }
        throw new BadModuleException(module.Name, $"it has no parameter '{name}'");
    }
}

/// <summary>A parameter (struct kernel_param).</summary>
[KernelStruct("kernel_param")]
internal readonly partial struct KernelParameterView
{
    [Field]
    public partial KernelString name { get; }

    [Field("ops")]
    public partial ParameterOperations operations { get; }

    [Field("arg")]
    public partial nint argument { get; }
}

/// <summary>What a kind of parameter can do.</summary>
[KernelStruct("kernel_param_ops")]
internal readonly partial struct ParameterOperations
{
    [Field]
    public partial nint set { get; set; }

    [Field]
    public partial nint get { get; set; }
}

/// <summary>A parameter that is copied into a buffer of the driver.</summary>
[KernelStruct("kparam_string")]
internal readonly partial struct ParameterString
{
    [Field]
    public partial uint maxlen { get; }

    [Field("string")]
    public partial nint text { get; }
}

public sealed partial class LinuxKernel
{
    internal Parameters Parameters => field ??= new Parameters(this);
}
