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
        DefineOperations(variables, "param_array_ops", nameof(param_array_set), nameof(param_array_get));
        DefineOperations(variables, "param_ops_bool", nameof(param_set_bool), nameof(param_get_bool));
        DefineOperations(variables, "param_ops_uint", nameof(param_set_uint), nameof(param_get_uint));
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
    public int param_set_uint(KernelString text, KernelParameterView parameter)
    {
        if (text.IsNull)
            return -Errno.EINVAL;
        int error = Numbers.Parse(text.Bytes, 0, out long value);
        if (error != 0)
            return error;
        if (value is < uint.MinValue or > uint.MaxValue)
            return -Errno.ERANGE;
        _kernel.Memory.At<uint>(parameter.argument) = (uint)value;
        return 0;
    }

    [KernelFunction]
    public int param_get_uint(nint buffer, KernelParameterView parameter) =>
        Show(buffer, Encoding.ASCII.GetBytes($"{_kernel.Memory.At<uint>(parameter.argument)}\n"));

    /// <summary>Takes y, Y, t, T, 1, on and their opposites; no text is yes (lib/kstrtox.c, kstrtobool).</summary>
    [KernelFunction]
    public int param_set_bool(KernelString text, KernelParameterView parameter)
    {
        bool? value = text.IsNull || text.Length == 0 ? true : ((char)(text.Bytes[0] | 0x20), text.Length > 1 ? (char)(text.Bytes[1] | 0x20) : ' ') switch
        {
            ('y' or 't', _) => true,
            ('n' or 'f', _) => false,
            ('o', 'n') => true,
            ('o', 'f') => false,
            _ => text.Bytes[0] switch { (byte)'1' => true, (byte)'0' => false, _ => null },
        };
        if (value is not { } known)
            return -Errno.EINVAL;
        _kernel.Memory.At<byte>(parameter.argument) = known ? (byte)1 : (byte)0;
        return 0;
    }

    [KernelFunction]
    public int param_get_bool(nint buffer, KernelParameterView parameter) => Show(buffer, _kernel.Memory.At<byte>(parameter.argument) != 0 ? "Y\n"u8 : "N\n"u8);

    /// <summary>Sets elements from a list with commas; each as its own kind of parameter is set.</summary>
    [KernelFunction]
    public int param_array_set(KernelString text, KernelParameterView parameter)
    {
        var array = new ParameterArray(_kernel.Memory.Check(parameter.argument, ParameterArray.Size));
        string[] values = text.ToString().Split(',');
        if (values.Length > array.max)
            return -Errno.EINVAL;
        nint copy = CopyOf(parameter);
        int error = 0;
        for (int index = 0; index < values.Length && error == 0; index++)
        {
            nint value = _kernel.CopyString(values[index]);
            _ = new KernelParameterView(copy) { argument = array.elem + index * (nint)array.elemsize };
            error = unchecked((int)_kernel.Call(array.operations.set, value, copy));
            _kernel.Slab.kfree(value);
        }
        _kernel.Slab.kfree(copy);
        if (array.num != 0)
            _kernel.Memory.At<uint>(array.num) = (uint)values.Length;
        return error;
    }

    [KernelFunction]
    public int param_array_get(nint buffer, KernelParameterView parameter)
    {
        var array = new ParameterArray(_kernel.Memory.Check(parameter.argument, ParameterArray.Size));
        uint count = array.num != 0 ? _kernel.Memory.At<uint>(array.num) : array.max;
        nint copy = CopyOf(parameter);
        int length = 0;
        for (int index = 0; index < count; index++)
        {
            // Each element ends its line; all but the last are followed by a comma instead.
            if (index > 0)
                _kernel.Memory.At<byte>(buffer + length - 1) = (byte)',';
            _ = new KernelParameterView(copy) { argument = array.elem + index * (nint)array.elemsize };
            int added = unchecked((int)_kernel.Call(array.operations.get, buffer + length, copy));
            if (added < 0)
            {
                length = added;
                break;
            }
            length += added;
        }
        _kernel.Slab.kfree(copy);
        return length;
    }

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

    private nint CopyOf(KernelParameterView parameter)
    {
        nint copy = _kernel.AllocateOrPanic(KernelParameterView.Size, "a parameter's element");
        _kernel.Memory.Span<byte>(parameter.Address, KernelParameterView.Size).CopyTo(_kernel.Memory.Span<byte>(copy, KernelParameterView.Size));
        return copy;
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
    public partial nint argument { get; set; }
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

/// <summary>A parameter of several values.</summary>
[KernelStruct("kparam_array")]
internal readonly partial struct ParameterArray
{
    [Field]
    public partial uint max { get; }

    [Field]
    public partial uint elemsize { get; }

    /// <summary>Where the number of elements that were set goes, or null.</summary>
    [Field]
    public partial nint num { get; }

    [Field("ops")]
    public partial ParameterOperations operations { get; }

    [Field]
    public partial nint elem { get; }
}

public sealed partial class LinuxKernel
{
    internal Parameters Parameters => field ??= new Parameters(this);
}
