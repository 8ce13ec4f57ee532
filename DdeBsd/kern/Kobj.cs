using DdeKit.Foreign;

namespace DdeBsd;

/// <summary>Kernel objects: method lookup, compilation of classes, the numbers of methods. kobj(9).</summary>
internal sealed unsafe class Kobj(BsdKernel kernel)
{
    private const string DescriptorSet = "set_kobj_desc_set";

    private readonly Dictionary<string, nint> _descriptors = new(StringComparer.Ordinal);
    private nint _nullMethod;
    private uint _nextId = 1;

    /// <summary>Numbers the methods that a module declares. Called once for each module, before anything of it runs.</summary>
    internal void Number(LoadedModule module)
    {
        if (!module.TryGetSection(DescriptorSet, out var section))
            return;
        foreach (nint descriptor in kernel.Memory.Span<nint>((nint)section.First, (int)section.Count / sizeof(nint)))
            kernel.Memory.At<KobjDescriptor>(descriptor).id = _nextId++;
    }

    /// <summary>The descriptor of a method: its identity.</summary>
    internal nint Descriptor(string method)
    {
        if (!_descriptors.TryGetValue(method, out nint descriptor))
            _descriptors.Add(method, descriptor = kernel.Symbols.Require(method + "_desc"));
        return descriptor;
    }

    /// <summary>Calls a method of an object, with the object as first argument.</summary>
    internal nint Call(nint target, string method, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0) =>
        kernel.Call(FunctionOf(target, method), target, a1, a2, a3, a4, a5);

    /// <summary>Calls a method of an object with more arguments than registers hold.</summary>
    internal nint CallLong(nint target, string method, ReadOnlySpan<nint> arguments) => kernel.CallLong(FunctionOf(target, method), arguments);

    /// <summary>The function that implements a method for an object.</summary>
    internal nint FunctionOf(nint target, string method)
    {
        nint operations = kernel.Memory.At<KobjObject>(target).ops;
        if (operations == 0)
            throw new KernelFaultException($"{method} of the object 0x{target:x}, which has no class");
        return FunctionOfClass(kernel.Memory.At<KobjOperations>(operations).cls, Descriptor(method));
    }

    /// <summary>The function that implements a method for a class, or the method's default.</summary>
    internal nint FunctionOfClass(nint cls, nint descriptor) => kernel.Memory.At<KobjMethod>(FindMethod(cls, descriptor)).func;

    /// <summary>A class of the shim's own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="methods">Method and function of the shim that implements it.</param>
    internal nint MakeClass(string name, IReadOnlyList<(string Method, string Function)> methods)
    {
        nint table = kernel.Malloc.AllocateOwn((methods.Count + 1) * sizeof(KobjMethod));
        for (int index = 0; index < methods.Count; index++)
        {
            kernel.Memory.At<KobjMethod>(table + index * sizeof(KobjMethod)) =
                new KobjMethod { desc = Descriptor(methods[index].Method), func = kernel.Symbols.Require(methods[index].Function) };
        }
        nint cls = kernel.Malloc.AllocateOwn(sizeof(KobjClass));
        ref var made = ref kernel.Memory.At<KobjClass>(cls);
        made.name = kernel.Malloc.AllocateText(name);
        made.methods = table;
        return cls;
    }

    /// <summary>Gives an object the methods of a class.</summary>
    [KernelFunction]
    public void kobj_init(nint target, nint cls)
    {
        kobj_class_compile(cls);
        ref var description = ref kernel.Memory.At<KobjClass>(cls);
        description.refs++;
        kernel.Memory.At<KobjObject>(target).ops = description.ops;
    }

    /// <summary>Makes the cache of a class, each slot of it with a method that is nobody's, so that the first use looks up.</summary>
    [KernelFunction]
    public void kobj_class_compile(nint cls)
    {
        ref var description = ref kernel.Memory.At<KobjClass>(cls);
        if (description.ops != 0)
            return;
        if (_nullMethod == 0)
            _nullMethod = kernel.Malloc.AllocateOwn(sizeof(KobjMethod));
        nint operations = kernel.Malloc.AllocateOwn(sizeof(KobjOperations));
        ref var made = ref kernel.Memory.At<KobjOperations>(operations);
        made.cls = cls;
        for (int slot = 0; slot < KobjOperations.CacheSize; slot++)
            made.cache[slot] = _nullMethod;
        description.ops = operations;
    }

    [KernelFunction]
    public void kobj_class_free(nint cls)
    {
        ref var description = ref kernel.Memory.At<KobjClass>(cls);
        if (description.ops == 0)
            return;
        kernel.Malloc.FreeOwn(description.ops);
        description.ops = 0;
    }

    [KernelFunction]
    public nint kobj_create(nint cls, nint type, int flags)
    {
        nint target = kernel.Malloc.malloc(Math.Max(kernel.Memory.At<KobjClass>(cls).size, (nuint)sizeof(KobjObject)), type, flags | Malloc.Zero);
        if (target != 0)
            kobj_init(target, cls);
        return target;
    }

    [KernelFunction]
    public void kobj_delete(nint target, nint type)
    {
        ref var ops = ref kernel.Memory.At<KobjObject>(target).ops;
        nint cls = kernel.Memory.At<KobjOperations>(ops).cls;
        ops = 0;
        Release(cls);
        if (type != 0)
            kernel.Malloc.free(target, type);
    }

    /// <summary>An object has left a class.</summary>
    internal void Release(nint cls)
    {
        ref var description = ref kernel.Memory.At<KobjClass>(cls);
        if (--description.refs == 0)
            kobj_class_free(cls);
    }

    /// <summary>Called by the inline dispatch when the cache has another method in the slot.</summary>
    [KernelFunction]
    public nint kobj_lookup_method(nint cls, nint slot, nint descriptor)
    {
        nint method = FindMethod(cls, descriptor);
        kernel.Memory.At<nint>(slot) = method;
        return method;
    }

    private nint FindMethod(nint cls, nint descriptor)
    {
        nint found = FindInClass(cls, descriptor, 0);
        return found != 0 ? found : kernel.Memory.At<KobjDescriptor>(descriptor).deflt;
    }

    private nint FindInClass(nint cls, nint descriptor, int depth)
    {
        const int DeepestClass = 32;
        if (depth > DeepestClass)
            throw new KernelFaultException($"class 0x{cls:x} is its own base class, or has more than {DeepestClass} above it");
        ref var description = ref kernel.Memory.At<KobjClass>(cls);
        for (nint method = description.methods; method != 0; method += sizeof(KobjMethod))
        {
            nint candidate = kernel.Memory.At<KobjMethod>(method).desc;
            if (candidate == descriptor)
                return method;
            if (candidate == 0)
                break;
        }
        for (nint place = description.baseclasses; place != 0; place += sizeof(nint))
        {
            nint above = kernel.Memory.At<nint>(place);
            if (above == 0)
                break;
            nint found = FindInClass(above, descriptor, depth + 1);
            if (found != 0)
                return found;
        }
        return 0;
    }
}

public sealed partial class BsdKernel
{
    internal Kobj Kobj => field ??= new Kobj(this);
}
